import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { type Move, movesOf, placement } from '../ring.ts';
import type { Entries, MovementMessage } from './messages.ts';
import { inOrder, stayingOf } from './statuses.ts';
import { applyLate, rowOf } from './storage.ts';
import { isAlive, mark, nextId, ringOf, send, type Turn } from './turn.ts';
import type { Streams } from './membership.ts';
import type { CassandraState } from './types.ts';

/**
 * What a new node is to be given (dht/RangeStreamer.java): each range by the node that loses it, so that it sees what
 * that one has seen. Where nobody loses one, because there were too few nodes, all owners give it.
 */
export function streamsToJoin(state: CassandraState): Streams {
  const before = ringOf(state);
  const after = inOrder(state, [...before, state.self]);
  const sources = gainsOf(state, before, after).flatMap((move) => {
    const losers = move.before.filter((node) => !move.after.includes(node));
    return losers.length > 0 ? losers : move.before;
  });
  return streamsOf(state, before, after, sources);
}

/** Who is to have what this node, which leaves, has: those that own it when all who leave have left. */
export function streamsToLeave(state: CassandraState): Streams {
  const before = ringOf(state);
  const after = stayingOf(state);
  const moves = movesOf(before, after, state.knobs.replicationFactor).filter((move) =>
    move.before.includes(state.self),
  );
  const takers = moves.flatMap((move) => move.after.filter((node) => !move.before.includes(node)));
  return streamsOf(state, before, after, takers);
}

/** What this node is to have of a dead one, from one other owner of each range that is up: not from all of them. */
export function streamsToRestore(state: CassandraState, dead: NodeId): Streams {
  const before = ringOf(state);
  const after = stayingOf(state);
  const gains = gainsOf(state, before, after).filter((move) => move.before.includes(dead));
  const sources = gains.flatMap((move) => {
    const source = move.before.find((node) => node !== dead && isAlive(state, node));
    return source === undefined ? [] : [source];
  });
  return streamsOf(state, before, after, sources);
}

/** To everybody who has not sent anything; also again, since messages may be lost. */
export function askForRows(turn: Turn, { id, waiting, before, after }: Streams): void {
  for (const node of waiting) send(turn, node, { kind: 'stream-ask', id, before, after });
}

/** The answer; or, `asked` false, what a node that leaves gives by itself. */
export function giveRows(turn: Turn, to: NodeId, streams: Omit<Streams, 'waiting'>, asked: boolean): void {
  const { state } = turn;
  const entries = entriesFor(state, to, streams);
  send(turn, to, { kind: 'stream-rows', id: streams.id, asked, entries, paxos: paxosOf(state, entries) });
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

/** The ranges that are this node's afterwards and were not before. */
function gainsOf(
  { self, knobs }: CassandraState,
  before: readonly NodeId[],
  after: readonly NodeId[],
): readonly Move[] {
  return movesOf(before, after, knobs.replicationFactor).filter(
    (move) => move.after.includes(self) && !move.before.includes(self),
  );
}

function streamsOf(
  state: CassandraState,
  before: readonly NodeId[],
  after: readonly NodeId[],
  others: readonly NodeId[],
): Streams {
  return { id: nextId(state), before, after, waiting: [...new Set(others)].sort() };
}

/** The rows that another node is to have and did not have, of those that are this node's to give. */
function entriesFor(
  state: CassandraState,
  node: NodeId,
  { before, after }: Omit<Streams, 'id' | 'waiting'>,
): Entries {
  const { replicationFactor: factor } = state.knobs;
  const isGiven = (key: string): boolean => {
    const owners = placement(key, before, factor);
    return (
      owners.includes(state.self) && !owners.includes(node) && placement(key, after, factor).includes(node)
    );
  };
  return keysOf(state.durable.rows)
    .filter(isGiven)
    .map((key) => [key, rowOf(state, key)] as const);
}

/** What this replica knows of the Paxos of those rows. */
function paxosOf(state: CassandraState, entries: Entries): CassandraState['durable']['paxos'] {
  const { paxos } = state.durable;
  const found = entries.flatMap(([key]) => {
    const known = paxos[key];
    return known === undefined ? [] : [[key, known] as const];
  });
  return Object.fromEntries(found);
}
