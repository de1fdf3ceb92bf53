import { below } from '../../../base/random.ts';
import { send, setTimer } from '../../turn.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { COORDINATOR_TIMEOUT, REQUEST_TIMEOUT } from './constants.ts';
import { REQUEST_TIMED_OUT } from './errors.ts';
import { isUp } from './liveness.ts';
import { ownersOf } from './membership.ts';
import { preferenceList } from './ring.ts';
import { startPut } from './put.ts';
import { begin, endWork, nextId, tell, type Turn } from './turn.ts';
import type { Asker, ForwardWork, PutRequest, Reply } from './types.ts';

/**
 * Finds the coordinator of a write (riak_kv_put_fsm.erl): this node if it has a vnode of the key, else any node
 * of the preference list, drawn by chance. One that does not take the write within three seconds may have done
 * it all the same; another is asked.
 */
export function routePut(turn: Turn, asker: Asker & { kind: 'driver' }, put: PutRequest): void {
  const candidates = coordinators(turn, put.key, []);
  if (candidates.length === 0 || candidates.includes(turn.state.self)) {
    startPut(turn, asker, put);
    return;
  }
  const work: ForwardWork = {
    kind: 'forward',
    id: nextId(turn.state),
    asker,
    put,
    asked: [],
    taken: false,
  };
  begin(turn, work, COORDINATOR_TIMEOUT);
  hand(turn, work, candidates);
}

/** Another node asks this one to coordinate. */
export function onForward(turn: Turn, from: NodeId, id: string, put: PutRequest): void {
  startPut(turn, { kind: 'node', node: from, id }, put);
  send(turn, from, { kind: 'taken', id });
}

export function onTaken(turn: Turn, from: NodeId, work: ForwardWork): void {
  if (work.taken || from !== work.asked.at(-1)) return;
  work.taken = true;
  setTimer(turn, `wait-${work.id}`, REQUEST_TIMEOUT);
}

export function onOutcome(turn: Turn, from: NodeId, work: ForwardWork, reply: Reply): void {
  // A coordinator given up on tells of success only: that counts, whoever it comes from.
  if (from !== work.asked.at(-1) && reply.kind === 'refused') return;
  tell(turn, { ...work.asker, doubtful: work.asked.length > 1 }, reply);
  endWork(turn, work);
}

export function onForwardTimeout(turn: Turn, work: ForwardWork): void {
  const candidates = coordinators(turn, work.put.key, work.asked);
  if (work.taken || candidates.length === 0) {
    tell(turn, work.asker, { ...REQUEST_TIMED_OUT, class: 'info' });
    endWork(turn, work);
    return;
  }
  setTimer(turn, `wait-${work.id}`, COORDINATOR_TIMEOUT);
  hand(turn, work, candidates);
}

function coordinators({ state }: Turn, key: string, besides: readonly NodeId[]): NodeId[] {
  return preferenceList(key, ownersOf(state), state.knobs.n, (node) => isUp(state, node))
    .map(({ node }) => node)
    .filter((node) => !besides.includes(node));
}

function hand(turn: Turn, work: ForwardWork, candidates: readonly NodeId[]): void {
  const chosen = candidates[below(turn.random, candidates.length)] ?? '';
  work.asked.push(chosen);
  send(turn, chosen, { kind: 'forward', id: work.id, put: work.put });
}
