import { keysOf, lookUp } from '../../../base/table.ts';
import { bucketOf, LEAF_LEVEL, merkleTree } from '../../../data/merkle.ts';
import { canonical } from '../../../base/json.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { positionOf, rangesOf } from '../ring.ts';
import type { Entries, RepairMessage } from './messages.ts';
import { applyLate, rowOf } from './storage.ts';
import {
  begin,
  endWork,
  isAlive,
  mark,
  nextId,
  replicasOf,
  ringOf,
  send,
  setTimer,
  tell,
  type Turn,
} from './turn.ts';
import type { CassandraState } from './types.ts';
import type { Asker, RepairWork } from './work.ts';

/**
 * `nodetool repair` at this node (repair/RepairJob.java): the only anti-entropy there is, and an operator has to
 * run it. Every neighbour that shares keys sends a Merkle tree of them; rows in the leaves that differ are fetched,
 * merged and sent back. Two round trips, and a neighbour that is down stops it before it begins.
 */
export function startRepair(turn: Turn, asker: Asker): void {
  const { state } = turn;
  const neighbours = neighboursOf(state);
  const dead = neighbours.find((node) => !isAlive(state, node));
  if (dead !== undefined) {
    tell(turn, asker, { kind: 'repair-failed', class: 'fail', error: `Endpoint not alive: ${dead}` });
    return;
  }
  const work: RepairWork = begin(turn, {
    kind: 'repair',
    id: nextId(state),
    asker,
    neighbours,
    stage: 'trees',
    differing: {},
    waiting: neighbours,
  });
  setTimer(turn, `wait-${work.id}`, REPAIR_TIMEOUT);
  for (const node of neighbours) send(turn, node, { kind: 'validate', id: work.id });
  proceed(turn, work);
}

/** What a neighbour's repair asks of this node. */
export function onRepairRequest(
  turn: Turn,
  from: NodeId,
  message: RepairMessage & { kind: 'validate' | 'fetch' | 'push' },
): void {
  const { state } = turn;
  const { id } = message;
  switch (message.kind) {
    case 'validate':
      send(turn, from, { kind: 'tree', id, leaves: leavesWith(state, from) });
      return;
    case 'fetch':
      send(turn, from, { kind: 'stream', id, entries: entriesIn(state, from, message.buckets) });
      return;
    case 'push':
      take(turn, from, message.entries);
      send(turn, from, { kind: 'pushed', id });
  }
}

export function onRepairAnswer(
  turn: Turn,
  from: NodeId,
  work: RepairWork,
  message: RepairMessage & { kind: 'tree' | 'stream' | 'pushed' },
): void {
  if (message.kind === 'tree') {
    const own = leavesWith(turn.state, from);
    const differing = own.flatMap((hash, bucket) => (hash === message.leaves[bucket] ? [] : [bucket]));
    if (differing.length > 0) work.differing[from] = differing;
  } else if (message.kind === 'stream') take(turn, from, message.entries);
  work.waiting = work.waiting.filter((node) => node !== from);
  proceed(turn, work);
}

export function onRepairTimeout(turn: Turn, work: RepairWork): void {
  const error = `Did not get replies from all endpoints. List of failed endpoint(s): [${work.waiting.join(', ')}]`;
  tell(turn, work.asker, { kind: 'repair-failed', class: 'info', error });
  endWork(turn, work);
}

/** Milliseconds a repair of a class's few keys may take at most. */
const REPAIR_TIMEOUT = 10_000;

/** All neighbours have done the stage: on to the next, with those that differ. */
function proceed(turn: Turn, work: RepairWork): void {
  while (work.waiting.length === 0) {
    if (work.stage === 'pushes') {
      tell(turn, work.asker, { kind: 'repaired' });
      endWork(turn, work);
      return;
    }
    if (work.stage === 'trees') fetch(turn, work);
    else push(turn, work);
  }
}

function fetch(turn: Turn, work: RepairWork): void {
  work.stage = 'streams';
  work.waiting = keysOf(work.differing);
  for (const node of work.waiting) {
    send(turn, node, { kind: 'fetch', id: work.id, buckets: lookUp(work.differing, node) ?? [] });
  }
}

/** What one neighbour has told may be news to all: also to those that had agreed with this node. */
function push(turn: Turn, work: RepairWork): void {
  const { state } = turn;
  work.stage = 'pushes';
  const buckets = keysOf(work.differing).flatMap((node) => lookUp(work.differing, node) ?? []);
  for (const node of work.neighbours) {
    const entries = entriesIn(state, node, buckets);
    if (entries.length === 0) continue;
    work.waiting.push(node);
    send(turn, node, { kind: 'push', id: work.id, entries });
  }
}

function take(turn: Turn, from: NodeId, entries: Entries): void {
  for (const [key, cells] of entries) {
    if (applyLate(turn, key, cells, from))
      mark(turn, 'repair', `${turn.state.self} learns ${key} from ${from}`);
  }
}

/** Nodes that are replicas of a key of which this node is one, too: of any of the ring, whether written or not. */
function neighboursOf(state: CassandraState): NodeId[] {
  const { self, knobs } = state;
  const nodes = ringOf(state);
  const shared = rangesOf(nodes, knobs.replicationFactor).filter((owners) => owners.includes(self));
  return nodes.filter((node) => node !== self && shared.some((owners) => owners.includes(node)));
}

/** The hashes of the leaves of a Merkle tree over the keys that both own. */
function leavesWith(state: CassandraState, peer: NodeId): readonly number[] {
  const items = sharedWith(state, peer).map((key) => ({
    position: positionOf(key),
    label: `${key} ${canonical(rowOf(state, key))}`,
  }));
  return merkleTree(items).levels[LEAF_LEVEL] ?? [];
}

function entriesIn(state: CassandraState, peer: NodeId, buckets: readonly number[]): Entries {
  return sharedWith(state, peer)
    .filter((key) => buckets.includes(bucketOf(positionOf(key))))
    .map((key) => [key, rowOf(state, key)] as const);
}

function sharedWith(state: CassandraState, peer: NodeId): string[] {
  return keysOf(state.durable.rows).filter((key) => {
    const owners = replicasOf(state, key);
    return owners.includes(peer) && owners.includes(state.self);
  });
}
