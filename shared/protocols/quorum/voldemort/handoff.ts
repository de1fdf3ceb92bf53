import type { NodeId } from '../../../sim/operation.ts';
import { call, type Call, type ClientTurn, ownersOf, serversFrom } from './client.ts';
import { isAvailable } from './detector.ts';
import type { Task } from './task.ts';

/**
 * Hinted handoff (store/slop/HintedHandoff.java): once a write has its quorum, the client has a node that is no
 * owner keep it for each owner that missed it. These slops count for no quorum; of a write that failed there are none.
 */
export function handOff(turn: ClientTurn, task: Task, owners: readonly NodeId[]): void {
  const { write, operation } = task;
  if (write === null || !turn.state.knobs.hintedHandoff) return;
  for (const owner of owners) keepSomewhere(turn, { owner, key: operation.key, write, tried: [] });
}

/** The node that was to keep a slop has not answered: the next one is asked. */
export function onSlopFailed(
  turn: ClientTurn,
  { owner, key, write, tried, node }: Call & { purpose: 'slop' },
): void {
  keepSomewhere(turn, { owner, key, write, tried: [...tried, node] });
}

type Kept = Omit<Call & { purpose: 'slop' }, 'node' | 'purpose'>;

function keepSomewhere(turn: ClientTurn, slop: Kept): void {
  const { state } = turn;
  const { owner, key, write, tried } = slop;
  const owners = ownersOf(state, key);
  for (const node of serversFrom(state, key)) {
    if (owners.includes(node) || tried.includes(node) || !isAvailable(state.detector, node)) continue;
    call(turn, { node, purpose: 'slop', ...slop }, { kind: 'slop', owner, key, write });
    return;
  }
}
