import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cancelTimer, reply as answerDriver, setTimer } from '../../turn.ts';
import { candidatesFor, post } from './group.ts';
import { groupOf, regionOf } from './placement.ts';
import type { Message, Reply, Request, Routed, Turn } from './types.ts';

/** How long a storage node may take; how long until all are tried again; how often that is done. Ours. */
const ANSWER_MS = 1000;
const PAUSE_MS = 200;
const ROUNDS = 10;

/**
 * A request router (Elhemali et al. 2022, figure 4): every node has one, and asks the leader of the item's partition,
 * for an eventually consistent read any replica, a near one first.
 */
export function route(turn: Turn, node: NodeId, request: number, asked: Request): void {
  const { state } = turn;
  const group = groupOf(asked.key, regionOf(state.self, state), state);
  const id = ++state.numbers;
  const routed: Routed = {
    node,
    request,
    asked,
    group,
    waitingFor: null,
    untried: [],
    rounds: 0,
    silence: false,
  };
  state.routed[String(id)] = routed;
  tryAll(turn, id, routed);
}

export function onAnswer(turn: Turn, from: NodeId, id: number, group: string, answer: Reply): void {
  const routed = lookUp(turn.state.routed, String(id));
  if (routed === undefined) return;
  if (routed.asked.kind === 'update') turn.state.leaders[group] = from;
  end(turn, id, routed, answer);
}

type NotLeader = Extract<Message, { readonly kind: 'not-leader' }>;

/** Certainly nothing was done there: somebody else is asked. */
export function onNotLeader(turn: Turn, from: NodeId, { id, group, leader }: NotLeader): void {
  const { state } = turn;
  const routed = lookUp(state.routed, String(id));
  if (routed === undefined || routed.waitingFor !== from) return;
  if (leader !== null && routed.untried.includes(leader)) {
    state.leaders[group] = leader;
    routed.untried = [leader, ...routed.untried.filter((member) => member !== leader)];
  } else if (lookUp(state.leaders, group) === from) delete state.leaders[group];
  tryNext(turn, id, routed);
}

/** No answer in time, or time to try all again. */
export function onRouteTimer(turn: Turn, id: number): void {
  const routed = lookUp(turn.state.routed, String(id));
  if (routed === undefined) return;
  if (routed.waitingFor === null) tryAll(turn, id, routed);
  else onSilence(turn, id, routed);
}

/** The process of a storage node died. */
export function onNodeDied(turn: Turn, node: NodeId): void {
  for (const id of keysOf(turn.state.routed)) {
    const routed = lookUp(turn.state.routed, id);
    if (routed?.waitingFor === node) onSilence(turn, Number(id), routed);
  }
}

/** A read is asked elsewhere. A write is not: it may have been done. */
function onSilence(turn: Turn, id: number, routed: Routed): void {
  const { leaders } = turn.state;
  routed.silence = true;
  if (lookUp(leaders, routed.group) === routed.waitingFor) delete leaders[routed.group];
  if (routed.asked.kind === 'update') end(turn, id, routed, { kind: 'internal-error' });
  else tryNext(turn, id, routed);
}

function tryAll(turn: Turn, id: number, routed: Routed): void {
  const { state } = turn;
  const isLocal = routed.asked.kind === 'get' && !routed.asked.consistent;
  const members = candidatesFor(state, routed.group);
  const nearFirst = [...members].sort((a, b) => distance(turn, a) - distance(turn, b));
  routed.untried = isLocal ? nearFirst : members;
  routed.rounds++;
  tryNext(turn, id, routed);
}

function tryNext(turn: Turn, id: number, routed: Routed): void {
  const { state } = turn;
  const [target, ...others] = routed.untried;
  routed.untried = others;
  routed.waitingFor = target ?? null;
  if (target !== undefined) {
    setTimer(turn, `route-${id}`, ANSWER_MS);
    const { group, asked: request } = routed;
    post(turn, target, { kind: 'ask', group, id, region: regionOf(state.self, state), request });
  } else if (routed.rounds < ROUNDS && !routed.silence) {
    setTimer(turn, `route-${id}`, PAUSE_MS);
  } else {
    end(turn, id, routed, { kind: 'unavailable' });
  }
}

/** This node, then its Region, then others. */
function distance({ state }: Turn, node: NodeId): number {
  if (node === state.self) return 0;
  return regionOf(node, state) === regionOf(state.self, state) ? 1 : 2;
}

function end(turn: Turn, id: number, { node, request }: Routed, answer: Reply): void {
  delete turn.state.routed[String(id)];
  cancelTimer(turn, `route-${id}`);
  answerDriver(turn, node, request, answer);
}
