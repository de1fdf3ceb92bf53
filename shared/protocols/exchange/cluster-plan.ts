import { equal } from '../../base/json.ts';
import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { type Change, type Step, timesDone } from './change.ts';
import { CONFLICT, DELETED, LAST_COPY, MISSING, NO_DATABASE } from './errors.ts';
import {
  successorOf,
  type ShardMap,
  withCopy,
  withoutCopy,
  withoutSurplus,
  withShareOf,
} from './shard-map.ts';
import type { AdminRequest, Status } from './types.ts';

/** What an administrator reads at the own node, and knows besides. */
type Plan = {
  readonly self: NodeId;
  /** The node that is to join or leave. */
  readonly node: NodeId;
  readonly change: Change;
  readonly own: Status;
  readonly revision: string;
  readonly map: ShardMap;
  readonly cluster: { readonly members: readonly NodeId[]; readonly n: number };
};

/**
 * What comes next where a node joins a cluster or leaves it (docs.couchdb.org, Node Management and Shard Management):
 * the node's document is put in `_nodes`; a node that is to keep a further shard is put in maintenance mode, the shard
 * map is changed, internal replication fills the copy, the mode is ended; and the copy that it replaces is taken from
 * the map. A node is removed once all its shards have been moved in this way.
 */
export function nextClusterStep(self: NodeId, change: Change, own: Status): Step {
  const { kind, key } = change.operation;
  if (own.map === null) return fail(NO_DATABASE);
  const { revision, ranges } = own.map;
  const cluster = { members: own.members, n: own.knobs.n };
  const plan: Plan = { self, node: key, change, own, revision, map: ranges, cluster };
  return kind === 'join' ? join(plan) : leave(plan);
}

function join(plan: Plan): Step {
  const { self, node, change, cluster, map } = plan;
  const isDone = (['edit-node', 'edit-map', 'maintenance'] as const).some(
    (kind) => timesDone(change, kind) > 0,
  );
  const end: Step = isDone
    ? { kind: 'end', outcome: { class: 'ok', result: { status: 201 } } }
    : fail(CONFLICT);
  if (!cluster.members.includes(node)) {
    if (timesDone(change, 'start') === 0) return ask(node, { kind: 'start' });
    return ask(self, { kind: 'edit-node', node, joins: true });
  }
  if (leavesShards(change)) return end;
  const found = lookUp(change.seen, node);
  if (found === undefined) return { kind: 'look', nodes: [node] };
  if (found === null) return ask(node, { kind: 'start' });
  const grown = withShareOf(map, node, cluster);
  if (!equal(grown, map)) {
    if (!found.maintenance && isCareful(change) && !isFought(plan)) {
      return ask(node, { kind: 'maintenance', on: true });
    }
    return editMap(plan, grown);
  }
  const trimmed = withoutSurplus(map, node, cluster);
  if (!found.maintenance && equal(trimmed, map)) return end;
  const wait = untilInSync(
    plan,
    map.filter((copies) => copies.includes(node)),
    node,
  );
  if (wait !== null) return wait;
  return found.maintenance ? ask(node, { kind: 'maintenance', on: false }) : editMap(plan, trimmed);
}

function leave(plan: Plan): Step {
  const { self, node, change, own, map, revision } = plan;
  if (!own.members.includes(node)) {
    if (timesDone(change, 'edit-node') > 0) {
      return { kind: 'end', outcome: { class: 'ok', result: { status: 200 } } };
    }
    return fail(own.left.includes(node) ? DELETED : MISSING);
  }
  const remove = ask(self, { kind: 'edit-node', node, joins: false });
  if (leavesShards(change)) return { ...remove, also: { to: node, request: { kind: 'stop', force: true } } };
  const shard = map.findIndex((copies) => copies.includes(node));
  if (shard >= 0) return moveAway(plan, shard);
  const found = lookUp(change.seen, node);
  if (found === undefined) return { kind: 'look', nodes: [node] };
  if (found === null) return remove;
  if (found.hasForeign || found.map?.revision !== revision) return { kind: 'look', nodes: [node] };
  if (node === self) return { ...remove, also: { to: node, request: { kind: 'stop', force: false } } };
  return ask(node, { kind: 'stop', force: false });
}

/** One shard after the other: a further copy first, where one is needed, and then one less. */
function moveAway(plan: Plan, shard: number): Step {
  const { node, change, cluster, map } = plan;
  const copies = map[shard] ?? [];
  const successor = successorOf(map, shard, node, cluster);
  if (successor !== null) {
    const found = lookUp(change.seen, successor);
    if (!found) return { kind: 'look', nodes: [successor] };
    if (!found.maintenance && isCareful(change) && !isFought(plan)) {
      return ask(successor, { kind: 'maintenance', on: true });
    }
    return editMap(plan, withCopy(map, shard, successor));
  }
  const others = copies.filter((copy) => copy !== node && cluster.members.includes(copy));
  const latest = others.at(-1);
  if (latest === undefined) return fail(LAST_COPY);
  const wait = untilInSync(plan, [copies], latest);
  if (wait !== null) return wait;
  if (lookUp(change.seen, latest)?.maintenance === true)
    return ask(latest, { kind: 'maintenance', on: false });
  return editMap(plan, withoutCopy(map, shard, node));
}

/**
 * Null: of these ranges all copies that can be reached have what the others had when the map was changed. A copy that
 * is away brings what it has when it is back.
 */
function untilInSync({ own, change, revision }: Plan, ranges: ShardMap, node: NodeId): Step | null {
  const reached = ranges.map((copies) => copies.filter((copy) => !own.lost.includes(copy)));
  const nodes = [...new Set([node, ...reached.flat()])];
  const isSettled = reached.every((copies) =>
    copies.every((copy) => {
      const found = lookUp(change.seen, copy);
      if (found === undefined) return false;
      if (found === null) return copy !== node;
      return found.map?.revision === revision && !found.pending.some((target) => copies.includes(target));
    }),
  );
  return isSettled && lookUp(change.seen, node) ? null : { kind: 'look', nodes };
}

function editMap(plan: Plan, map: ShardMap): Step {
  const { self, revision } = plan;
  if (isFought(plan)) return giveWay(plan);
  return ask(self, { kind: 'edit-map', over: revision, map });
}

/** Once for each copy that comes or goes: whoever finds it changed back gives way to whoever did that. */
function isFought({ change, map }: Plan): boolean {
  return timesDone(change, 'edit-map') >= 2 * map.length;
}

/** Nobody is left in maintenance mode. */
function giveWay(plan: Plan): Step {
  const { silenced } = plan.change;
  if (silenced === null) return fail(CONFLICT);
  const kept = plan.map.filter((copies) => copies.includes(silenced));
  return untilInSync(plan, kept, silenced) ?? ask(silenced, { kind: 'maintenance', on: false });
}

function leavesShards({ operation }: Change): boolean {
  return operation.options?.['shards'] === 'left';
}

function isCareful({ operation }: Change): boolean {
  return operation.options?.['maintenance'] !== false;
}

function ask(to: NodeId, request: AdminRequest): Step & { readonly kind: 'do' } {
  return { kind: 'do', errands: [{ to, request }] };
}

function fail(error: string): Step {
  return { kind: 'end', outcome: { class: 'fail', error } };
}
