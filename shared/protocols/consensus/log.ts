import { panic } from './panic.ts';
import { mark, save, type Step } from './step.ts';
import { describeProposal } from './words.ts';
import type { Entry, RaftState } from './types.ts';

export function lastIndex(state: RaftState): number {
  return state.log.length;
}

/** The term of the entry at an index; 0 before the log, -1 beyond its end. */
export function termAt(state: RaftState, index: number): number {
  if (index === 0) return 0;
  return state.log[index - 1]?.term ?? -1;
}

/** Whether a log that ends there holds at least as much as ours (Ongaro 2014 §3.6.1). */
export function isUpToDate(state: RaftState, index: number, term: number): boolean {
  const ownTerm = termAt(state, lastIndex(state));
  return term > ownTerm || (term === ownTerm && index >= lastIndex(state));
}

/** The last place not after `index` whose term is not above `term`: before it, another log may agree with ours. */
export function lastPossibleMatch(state: RaftState, index: number, term: number): number {
  let place = Math.min(index, lastIndex(state));
  while (place > 0 && termAt(state, place) > term) place--;
  return place;
}

/**
 * Takes over entries that follow a matching place. From the first entry that conflicts on, our own suffix was
 * never committed and goes (Ongaro 2014 §3.5). Entries that are already there stay: a late append must not
 * cut off what a newer one has brought.
 */
export function takeEntries(step: Step, entries: readonly Entry[]): void {
  const { state } = step;
  const first = entries.findIndex((entry) => termAt(state, entry.index) !== entry.term);
  if (first < 0) return;
  const from = entries[first]?.index ?? 0;
  if (from <= state.commit) panic(`entry ${from} conflict with committed entry [committed(${state.commit})]`);
  const dropped = state.log.splice(from - 1);
  if (dropped.length > 0) mark(step, 'truncate', describeTruncation(state, dropped));
  for (let i = first; i < entries.length; i++) state.log.push(entries[i] as Entry);
  save(step);
}

export function commitTo(step: Step, index: number): void {
  const { state } = step;
  if (index <= state.commit) return;
  if (index > lastIndex(state)) {
    const range = `tocommit(${index}) is out of range [lastIndex(${lastIndex(state)})]`;
    panic(`${range}. Was the raft log corrupted, truncated, or lost?`);
  }
  state.commit = index;
  save(step);
}

function describeTruncation(state: RaftState, dropped: readonly Entry[]): string {
  const first = dropped[0]?.index ?? 0;
  const places =
    dropped.length === 1 ? `entry ${first}` : `entries ${first} to ${first + dropped.length - 1}`;
  const changes = dropped.flatMap((entry) =>
    entry.proposal === null ? [] : [describeProposal(entry.proposal)],
  );
  const what =
    changes.length === 0 ? '' : `: ${changes.slice(0, 5).join(', ')}${changes.length > 5 ? ' …' : ''}`;
  return `${state.self} drops ${places}, never committed${what}`;
}
