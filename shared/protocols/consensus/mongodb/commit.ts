import { apply, compare, holds, knownPlace } from './oplog.ts';
import { mark, type Step } from './step.ts';
import type { OplogEntry, OpTime } from './types.ts';

/**
 * A primary counts how far a majority of the voters is. As with Raft, only entries of its own term may be
 * counted; older ones are committed with them.
 */
export function recount(step: Step): void {
  const { state } = step;
  if (!state.writable) return;
  const places = state.set.voters
    .filter((voter) => !state.set.arbiters.includes(voter))
    .map((voter) => knownPlace(state, voter))
    .sort((a, b) => compare(b, a));
  const reached = places[state.set.writeMajority - 1];
  if (reached === undefined || reached.term !== state.term || reached.index <= state.commit) return;
  const from = state.commit + 1;
  commitTo(step, reached.index);
  const what = from === reached.index ? `entry ${from} is` : `entries ${from} to ${reached.index} are`;
  mark(step, 'commit', `${what} on a majority: committed`);
}

/** A secondary hears of the commit point. It counts only if it is on the same branch of history. */
export function learnCommit(step: Step, commit: OpTime): void {
  const { state } = step;
  if (state.role !== 'primary' && holds(state, commit)) commitTo(step, commit.index);
}

/** Moves the commit point, and with it what `majority` reads see. */
function commitTo(step: Step, index: number): void {
  const { state } = step;
  if (index <= state.commit) return;
  while (state.commit < index) apply(state.committed, state.log[state.commit++] as OplogEntry);
  step.unsaved = step.grown = true;
}
