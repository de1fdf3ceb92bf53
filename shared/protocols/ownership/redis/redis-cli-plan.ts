import { impossible } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import { describeRanges, singleOf, slotAlone } from './owners.ts';
import { checkCluster, linesOf, openRanges, type Seen } from './redis-cli-check.ts';
import type { NodeLine, Request } from './requests.ts';
import { SLOTS, slotOf } from './slots.ts';

/** One thing that the tool asks of one node, and how it goes on from the answer. */
export type Call = {
  readonly to: NodeId;
  readonly request: Request;
  /** The keys that are answered go to that node, and the call is repeated. */
  readonly then?: { readonly to: NodeId };
  /** An error that does not matter. */
  readonly accepts?: string;
  /** An error after which the same is asked again. */
  readonly repeatsOn?: string;
};

/** The literal errors of redis-cli's cluster manager (redis src/redis-cli.c), node names in place of addresses. */
export const PLAN_ERRORS = {
  reshard: '*** Please fix your cluster problems before resharding',
  sameNode: '*** It is not possible to use the target node as source node.',
  unknownTarget: (node: string) =>
    `*** The specified node (${node}) is not known or not a master, please retry.`,
  notEmptyNew: (node: string) =>
    `[ERR] Node ${node}:6379 is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.`,
  notEmpty: (node: string) => `[ERR] Node ${node}:6379 is not empty! Reshard data away and try again.`,
  noSuchNode: (node: string) => `[ERR] No such node ID ${node}`,
  cannotFix: (slot: string, migrating: string, importing: string, owner: string) =>
    `[ERR] Sorry, redis-cli can't fix this slot yet (work in progress). Slot is set as migrating in ${migrating}, as importing in ${importing}, owner is ${owner}:6379 (${slot})`,
} as const;

const KEYS_AT_A_TIME = 10;

/** What the tool does about an operation, in order, after it has seen the cluster; or the error with which it ends. */
export function planOf(operation: Operation, seen: Seen): readonly Call[] | string {
  switch (operation.kind) {
    case 'reshard':
      return operation.options?.['fix'] === true ? planFix(seen) : planReshard(operation, seen);
    case 'join':
      return planAddNode(operation, seen);
    case 'leave':
      return planDeleteNode(operation.key, seen);
    default:
      return impossible(`redis-cli has no ${operation.kind}`);
  }
}

function planReshard({ key, to = '', options }: Operation, seen: Seen): readonly Call[] | string {
  const problems = checkCluster(seen);
  if (problems.length > 0) return [...problems, PLAN_ERRORS.reshard].join(' ');
  const lines = linesOf(seen);
  const target = lines.find(({ node }) => node === to);
  if (target === undefined || target.master !== null) return PLAN_ERRORS.unknownTarget(to);
  const slot = slotOf(key);
  const source = lines.find((line) => hasSlot(line, slot));
  if (source === undefined || source.node === to) return PLAN_ERRORS.sameNode;
  const ranges = options?.['slots'] === 'all' ? source.ranges : [singleOf(slot)];
  return ranges.flatMap((range) => moveRange(range, source.node, to, seen));
}

/** clusterManagerMoveSlot: the target is told first, so that nobody is sent to a node that would send it back. */
function moveRange(range: number, source: NodeId, target: NodeId, seen: Seen): Call[] {
  const set = (at: NodeId, to: 'importing' | 'migrating' | 'node', node: NodeId): Call => ({
    to: at,
    request: { kind: 'setslot', range, to, node },
  });
  const others = linesOf(seen).filter(({ node, master }) => {
    return master === null && node !== source && node !== target && node in seen;
  });
  return [
    set(target, 'importing', source),
    set(source, 'migrating', target),
    moveKeys(range, source, target),
    set(target, 'node', target),
    // A source that has given its last slot away is a replica already.
    { ...set(source, 'node', target), accepts: 'ERR Please use SETSLOT only with masters.' },
    ...others.map(({ node }) => set(node, 'node', target)),
  ];
}

function moveKeys(range: number, source: NodeId, target: NodeId): Call {
  return { to: source, request: { kind: 'keys', range, count: KEYS_AT_A_TIME }, then: { to: target } };
}

/** redis-cli --cluster fix, for slots that were left open (clusterManagerFixOpenSlot). */
function planFix(seen: Seen): readonly Call[] | string {
  const calls: Call[] = [];
  for (const range of openRanges(seen)) {
    const fixed = fixRange(range, seen);
    if (typeof fixed === 'string') return fixed;
    calls.push(...fixed);
  }
  return calls;
}

function fixRange(range: number, seen: Seen): readonly Call[] | string {
  const migrating = nodesWith(range, seen, ({ migrating: moves }) => moves);
  const importing = nodesWith(range, seen, ({ importing: moves }) => moves);
  const owner = ownerIn(range, seen);
  const stable = (node: NodeId): Call => ({
    to: node,
    request: { kind: 'setslot', range, to: 'stable', node },
  });
  const [source, target] = [migrating[0], importing[0]];
  const isPair = migrating.length === 1 && importing.length === 1;
  if (isPair && source !== undefined && target !== undefined) {
    if (source === owner) return moveRange(range, source, target, seen);
    // The target has it already, and died or was cut off before it could tell everybody.
    if (target === owner) return [stable(source), stable(target)];
  }
  if (migrating.length === 0 && owner !== undefined) {
    return importing.flatMap((node) => [
      ...(node === owner ? [] : [moveKeys(range, node, owner)]),
      stable(node),
    ]);
  }
  if (importing.length === 0 && migrating.length === 1) return migrating.map(stable);
  return PLAN_ERRORS.cannotFix(
    describeRanges([range]),
    migrating.join(',') || 'none',
    importing.join(',') || 'none',
    owner ?? 'nobody',
  );
}

/** add-node: the new node is told to meet one of the cluster; gossip does the rest. */
function planAddNode({ key, options }: Operation, seen: Seen): readonly Call[] | string {
  const { [key]: fresh, ...cluster } = seen;
  const problems = checkCluster(cluster);
  if (problems.length > 0) return problems.join(' ');
  const [entry] = keysOf(cluster);
  if (fresh === undefined || entry === undefined) return PLAN_ERRORS.noSuchNode(key);
  if (!fresh.isEmpty) return PLAN_ERRORS.notEmptyNew(key);
  const meet: Call = { to: key, request: { kind: 'meet', node: entry } };
  if (options?.['as'] !== 'replica') return [meet];
  const master = poorestMaster(linesOf(cluster), key);
  if (master === undefined) return [meet];
  return [meet, { to: key, request: { kind: 'replicate', node: master }, repeatsOn: 'ERR Unknown node' }];
}

/** del-node: all others are told to forget it; its replicas go to the master that has fewest. */
function planDeleteNode(key: NodeId, seen: Seen): readonly Call[] | string {
  const lines = linesOf(seen);
  const line = lines.find(({ node }) => node === key);
  if (line === undefined || !(key in seen)) return PLAN_ERRORS.noSuchNode(key);
  if (line.ranges.length > 0) return PLAN_ERRORS.notEmpty(key);
  const heir = poorestMaster(lines, key);
  const others = lines.filter(({ node }) => node !== key && node in seen);
  return [
    ...others.flatMap(({ node, master }): Call[] => [
      ...(master === key && heir !== undefined
        ? [{ to: node, request: { kind: 'replicate', node: heir } } as const]
        : []),
      { to: node, request: { kind: 'forget', node: key } },
    ]),
    { to: key, request: { kind: 'reset' } },
  ];
}

/** The master with slots that has the fewest replicas (clusterManagerNodeWithLeastReplicas). */
function poorestMaster(lines: readonly NodeLine[], except: NodeId): NodeId | undefined {
  const countOf = (node: NodeId): number => lines.filter(({ master }) => master === node).length;
  const masters = lines.filter(({ node, master, failed }) => node !== except && master === null && !failed);
  return masters.sort((a, b) => countOf(a.node) - countOf(b.node))[0]?.node;
}

function nodesWith(
  range: number,
  seen: Seen,
  movesOf: (node: Seen[string]) => Readonly<Table<NodeId>>,
): NodeId[] {
  return keysOf(seen).filter((node) => {
    const told = lookUp(seen, node);
    return told !== undefined && String(range) in movesOf(told);
  });
}

function ownerIn(range: number, seen: Seen): NodeId | undefined {
  const slot = slotAlone(range);
  const lines = linesOf(seen);
  if (slot !== null) return lines.find((line) => hasSlot(line, slot))?.node;
  return lines.find(({ ranges }) => ranges.includes(range))?.node;
}

function hasSlot({ slots }: NodeLine, slot: number): boolean {
  return slots.split(' ').some((span) => {
    const [first = '', last = first] = span.split('-');
    return span !== '' && Number(first) <= slot && slot <= Number(last) && slot < SLOTS;
  });
}
