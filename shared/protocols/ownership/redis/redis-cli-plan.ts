import { impossible } from '../../../base/assert.ts';
import { keysOf } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import { singleOf } from './owners.ts';
import { checkCluster, hasSlot, linesOf, type Seen } from './redis-cli-check.ts';
import { planFix } from './redis-cli-fix.ts';
import { moveRange, type Call, type Known } from './redis-cli-moves.ts';
import type { NodeLine } from './requests.ts';
import { slotOf } from './slots.ts';

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
} as const;

/** What the tool does about an operation, in order, after it has seen the cluster; or the error with which it ends. */
export function planOf(known: Known, random: number): readonly Call[] | string {
  const { operation, seen } = known;
  switch (operation.kind) {
    case 'reshard':
      return isFix(operation) ? planFix(known, random) : planReshard(operation, seen);
    case 'join':
      return planAddNode(operation, seen);
    case 'leave':
      return planDeleteNode(operation.key, seen);
    default:
      return impossible(`redis-cli has no ${operation.kind}`);
  }
}

export function isFix({ options }: Operation): boolean {
  return options?.['fix'] === true;
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
