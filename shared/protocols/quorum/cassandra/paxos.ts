import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { Cell, Cells } from '../../../data/cells.ts';
import type { Turn } from './turn.ts';
import { apply } from './storage.ts';
import type { Ballot, CassandraState, PaxosState, Proposal } from './types.ts';

/** A replica's part in the Paxos of a key (service/paxos/PaxosState.java). All of it is on disk before it is told. */
export function paxosOf({ durable }: CassandraState, key: string): PaxosState {
  return lookUp(durable.paxos, key) ?? { promised: NO_BALLOT, accepted: null, committed: null };
}

/** Promises to take part in no lower ballot. What it returns tells whether it has: then `promised` is the ballot. */
export function promise(turn: Turn, key: string, ballot: Ballot): PaxosState {
  const paxos = paxosOf(turn.state, key);
  if (!isAfter(ballot, paxos.promised)) return paxos;
  return keep(turn, key, { ...paxos, promised: ballot });
}

/** Accepts a proposal, unless a higher ballot has been promised. */
export function accept(turn: Turn, key: string, proposal: Proposal): boolean {
  const paxos = paxosOf(turn.state, key);
  if (isAfter(paxos.promised, proposal.ballot)) return false;
  keep(turn, key, { ...paxos, promised: proposal.ballot, accepted: proposal });
  return true;
}

/** A quorum has accepted the proposal: it becomes part of the row, with the ballot's timestamp. */
export function commit(turn: Turn, key: string, proposal: Proposal): void {
  const { promised, accepted, committed } = paxosOf(turn.state, key);
  apply(turn, key, proposal.cells);
  if (committed !== null && !isAfter(proposal.ballot, committed.ballot)) return;
  const isDone = accepted !== null && !isAfter(accepted.ballot, proposal.ballot);
  keep(turn, key, { promised, accepted: isDone ? null : accepted, committed: proposal });
}

export function isAfter(a: Ballot, b: Ballot): boolean {
  return a.at !== b.at ? a.at > b.at : a.node > b.node;
}

export function isSame(a: Ballot, b: Ballot): boolean {
  return a.at === b.at && a.node === b.node;
}

/** The proposal with the highest ballot. */
export function newestOf(proposals: readonly (Proposal | null)[]): Proposal | null {
  return proposals.reduce(
    (best, proposal) =>
      proposal !== null && (best === null || isAfter(proposal.ballot, best.ballot)) ? proposal : best,
    null,
  );
}

/** Another's cells under a new ballot: they take its timestamp. */
export function restamped(cells: Cells, { at }: Ballot): Cells {
  const again: Table<Cell> = {};
  for (const name of keysOf(cells)) {
    const cell = lookUp(cells, name);
    if (cell !== undefined) again[name] = { ...cell, at };
  }
  return again;
}

export const NO_BALLOT: Ballot = { at: 0, node: '' };

function keep(turn: Turn, key: string, paxos: PaxosState): PaxosState {
  turn.state.durable.paxos[key] = paxos;
  turn.persists = true;
  return paxos;
}
