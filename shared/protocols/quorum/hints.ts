import { keysOf, lookUp } from '../../base/table.ts';
import { labelOf } from '../../data/versions.ts';
import type { NodeId } from '../../sim/operation.ts';
import { HINTS_PER_TICK, PROBES_PER_TICK } from './constants.ts';
import { expectAnswer, isDown, keepTicking, suspect } from './detector.ts';
import { dropHint, keep } from './storage.ts';
import { mark, send, type Turn } from './turn.ts';
import type { Copies, QuorumState } from './types.ts';

/**
 * The second hand of a replica: suspects are probed, and hints go to owners that are not suspected (hinted
 * handoff, DeCandia et al. 2007 §4.6). It runs only while there is something to do.
 */
export function onTick(turn: Turn): void {
  const { state } = turn;
  state.ticking = false;
  for (const peer of keysOf(state.unanswered)) {
    const ticks = lookUp(state.unanswered, peer) ?? 0;
    state.unanswered[peer] = ticks + 1;
    if (ticks === 0) continue;
    delete state.unanswered[peer];
    suspect(turn, peer);
  }
  probe(turn);
  for (const owner of keysOf(state.durable.hints)) if (!isDown(state, owner)) handOff(turn, owner);
  if (hasCares(state)) keepTicking(turn);
}

/** Offers an owner what this node has kept for it. */
export function handOff(turn: Turn, owner: NodeId): void {
  const shelf = lookUp(turn.state.durable.hints, owner) ?? {};
  for (const key of keysOf(shelf).slice(0, HINTS_PER_TICK)) {
    send(turn, owner, { kind: 'hand-off', key, versions: lookUp(shelf, key) ?? [] });
    expectAnswer(turn, owner);
  }
}

export function onHandOff(turn: Turn, from: NodeId, key: string, versions: Copies): void {
  if (keep(turn, key, versions, null)) {
    mark(turn, 'handoff', `${turn.state.self} gets ${key} back from ${from}`);
  }
  send(turn, from, { kind: 'hand-off-ok', key, label: labelOf(versions) });
}

export function onHandOffOk(turn: Turn, from: NodeId, key: string, label: string): void {
  dropHint(turn, from, key, label);
}

/** Whether anybody has to be probed, waited for or given a hint. */
export function hasCares(state: QuorumState): boolean {
  return [state.down, state.unanswered, state.durable.hints].some((table) => keysOf(table).length > 0);
}

/** Pings some suspects, each time those next in the order of names. */
function probe(turn: Turn): void {
  const { state } = turn;
  const suspects = keysOf(state.down);
  const later = suspects.filter((peer) => peer > state.probed);
  const earlier = suspects.filter((peer) => peer <= state.probed);
  const turnOf = [...later, ...earlier].slice(0, PROBES_PER_TICK);
  for (const peer of turnOf) send(turn, peer, { kind: 'ping' });
  state.probed = turnOf.at(-1) ?? state.probed;
}
