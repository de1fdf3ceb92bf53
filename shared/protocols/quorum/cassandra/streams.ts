import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { placement } from '../ring.ts';
import type { Entries, MovementMessage } from './messages.ts';
import { applyLate, rowOf } from './storage.ts';
import { mark, type Turn } from './turn.ts';
import type { CassandraState } from './types.ts';

/** The rows that another node is to have and does not have yet, of those that are this node's to give. */
export function entriesFor(
  state: CassandraState,
  node: NodeId,
  before: readonly NodeId[],
  after: readonly NodeId[],
): Entries {
  const { replicationFactor: factor } = state.knobs;
  const isGiven = (key: string): boolean => {
    const owners = placement(key, before, factor);
    const owned = placement(key, after, factor);
    return (
      owned.includes(node) &&
      !owners.includes(node) &&
      owners.includes(state.self) &&
      !owned.includes(state.self)
    );
  };
  return keysOf(state.durable.rows)
    .filter(isGiven)
    .map((key) => [key, rowOf(state, key)] as const);
}

/** What this replica knows of the Paxos of those rows. */
export function paxosOf(state: CassandraState, entries: Entries): CassandraState['durable']['paxos'] {
  const { paxos } = state.durable;
  const found = entries.flatMap(([key]) => {
    const known = paxos[key];
    return known === undefined ? [] : [[key, known] as const];
  });
  return Object.fromEntries(found);
}

/** Takes rows that are this node's from now on. */
export function takeRows(
  turn: Turn,
  from: NodeId,
  { entries, paxos }: MovementMessage & { readonly kind: 'stream-rows' },
): void {
  const { durable, self } = turn.state;
  for (const [key, cells] of entries) {
    if (applyLate(turn, key, cells, from)) mark(turn, 'handoff', `${self} gets ${key} from ${from}`);
  }
  for (const key of keysOf(paxos)) {
    const theirs = paxos[key];
    if (theirs === undefined || durable.paxos[key] !== undefined) continue;
    durable.paxos[key] = theirs;
    turn.persists = true;
  }
}
