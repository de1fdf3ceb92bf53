import { freeze } from '../../../base/json.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Step } from './step.ts';
import type { Change, Data, Document, MemberState, OplogEntry, OpTime, Statement } from './types.ts';

export const BEGINNING: OpTime = { term: 0, index: 0 };

/** Terms decide, then places: an entry of a later term is newer whatever its index. */
export function compare(a: OpTime, b: OpTime): number {
  return a.term === b.term ? a.index - b.index : a.term - b.term;
}

/** Where this member's oplog ends. */
export function lastOf(state: MemberState): OpTime {
  return placeAt(state, state.log.length);
}

/** The place at an index of this member's oplog. */
export function placeAt(state: MemberState, index: number): OpTime {
  const entry = state.log[index - 1];
  return entry === undefined ? BEGINNING : { term: entry.term, index: entry.index };
}

/** Whether this oplog holds the entry of that place, and so, as all entries of a term come from one primary, all before it. */
export function holds(state: MemberState, { term, index }: OpTime): boolean {
  return index === 0 || state.log[index - 1]?.term === term;
}

/** How far the oplog of a member is known to reach. */
export function knownPlace(state: MemberState, node: NodeId): OpTime {
  if (node === state.self) return lastOf(state);
  return state.peers[node]?.at ?? BEGINNING;
}

/** A primary writes an entry. */
export function append(step: Step, change: Change | null, statement: Statement | null): OpTime {
  const { state } = step;
  const entry = { term: state.term, index: state.log.length + 1, change, statement };
  keep(step, entry);
  return entry;
}

/** Takes over what follows in a source's oplog. */
export function keep(step: Step, entry: OplogEntry): void {
  const { state } = step;
  state.log.push(freeze(entry));
  apply(state.data, entry);
  step.unsaved = step.grown = true;
}

/** Carries out an entry. Deterministic, and the same when it comes again: it says what a document became. */
export function apply(data: Data, entry: OplogEntry): void {
  const { change, statement, term, index } = entry;
  const at: OpTime = { term, index };
  if (change !== null) {
    if (change.after === null) delete data.documents[change.key];
    else data.documents[change.key] = freeze<Document>({ value: change.after.value, at });
  }
  if (statement !== null) {
    const { session, number, result } = statement;
    data.sessions[session] = freeze({ number, at, result });
  }
}

export function createData(): Data {
  return { documents: {}, sessions: {} };
}

/** What the first entries of an oplog amount to. */
export function dataUpTo(log: readonly OplogEntry[], index: number): Data {
  const data = createData();
  for (let i = 0; i < index; i++) apply(data, log[i] as OplogEntry);
  return data;
}

/** The places after the commit point where the term changes, the last entry's included: enough to find where two oplogs part. */
export function runsOf(state: MemberState): OpTime[] {
  const runs: OpTime[] = [];
  for (let index = Math.max(state.commit, 1); index <= state.log.length; index++) {
    const here = placeAt(state, index);
    if (index === state.log.length || placeAt(state, index + 1).term !== here.term) runs.push(here);
  }
  return runs;
}

/** The last place that both oplogs have, given the runs of the other. */
export function commonPlace(state: MemberState, runs: readonly OpTime[]): number {
  let start = 0;
  let common = 0;
  for (const { term, index } of runs) {
    for (let i = Math.min(index, state.log.length); i > start; i--) {
      if (placeAt(state, i).term !== term) continue;
      common = i;
      break;
    }
    start = index;
  }
  return common;
}
