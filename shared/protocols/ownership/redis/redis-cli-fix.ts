import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { describeRanges } from './owners.ts';
import { brokenRanges, mastersIn, openRanges, ownersOf } from './redis-cli-check.ts';
import { moveKeys, moveRange, type Call, type Known } from './redis-cli-moves.ts';
import type { ClusterRequest } from './requests.ts';

/** The literal errors of a fix (redis src/redis-cli.c), node names in place of addresses. */
export const FIX_ERRORS = {
  cannotFix: (slot: string, migrating: string, importing: string, owner: string) =>
    `[ERR] Sorry, redis-cli can't fix this slot yet (work in progress). Slot is set as migrating in ${migrating}, as importing in ${importing}, owner is ${owner}:6379 (${slot})`,
  unreachable: (masters: string) =>
    `*** Fixing slots coverage with ${masters} unreachable masters is dangerous: redis-cli will assume that slots about masters that are not reachable are not covered, and will try to reassign them to the reachable nodes. This can cause data loss and is rarely what you want to do. If you really want to proceed use the --cluster-fix-with-unreachable-masters option.`,
} as const;

/** A range that is to be fixed: the masters that have it or keys of it, and those that say they move or take it. */
type Broken = {
  readonly range: number;
  readonly keys: (node: NodeId) => number;
  readonly masters: readonly NodeId[];
  readonly owners: readonly NodeId[];
  owner: NodeId;
  migrating: NodeId[];
  importing: NodeId[];
};

/** redis-cli --cluster fix: closes slots that were left open, then gives those that are nobody's to somebody. */
export function planFix(known: Known, random: number): readonly Call[] | string {
  const { seen } = known;
  const open = openRanges(seen);
  const uncovered = brokenRanges(seen).filter((range) => !open.includes(range));
  const unreachable = unreachableMasters(known);
  if (uncovered.length > 0 && unreachable > 0) return FIX_ERRORS.unreachable(String(unreachable));
  const calls: Call[] = [];
  for (const range of open) {
    const fixed = fixOpen(known, range);
    if (typeof fixed === 'string') return fixed;
    calls.push(...fixed);
  }
  return [...calls, ...uncovered.flatMap((range, place) => cover(known, range, draw(random, place)))];
}

function unreachableMasters({ entry, seen }: Known): number {
  const lines = lookUp(seen, entry)?.lines ?? [];
  return lines.filter(({ node, master }) => master === null && !(node in seen)).length;
}

/** clusterManagerFixOpenSlot. */
function fixOpen(known: Known, range: number): readonly Call[] | string {
  const broken = look(known, range);
  const calls = settleOwner(broken);
  const { migrating, importing, owner, keys } = broken;
  const [source, target] = [migrating[0], importing[0]];
  if (migrating.length === 1 && importing.length === 1 && source !== undefined && target !== undefined) {
    return [...calls, ...moveRange(range, source, target, known.seen)];
  }
  if (migrating.length === 0) {
    const others = broken.masters.filter((node) => node !== owner);
    return [
      ...calls,
      ...importing
        .filter((node) => node !== owner)
        .flatMap((node) => [moveKeys(range, node, owner), stable(range, node)]),
      ...others.map((node) => assign(range, node, owner)),
    ];
  }
  if (migrating.length === 1 && source !== undefined) {
    if (importing.length === 0 && (source === owner || keys(source) === 0)) {
      return [...calls, stable(range, source)];
    }
    if (importing.length > 1 && importing.every((node) => keys(node) === 0)) {
      return [...calls, ...chooseTarget(known, broken, source)];
    }
  }
  return FIX_ERRORS.cannotFix(
    describeRanges([range]),
    migrating.join(',') || 'none',
    importing.join(',') || 'none',
    owner,
  );
}

/** What is known of a range. Who has keys of it counts as importing it. */
function look({ seen, counts }: Known, range: number): Broken {
  const masters = mastersIn(seen);
  const place = brokenRanges(seen).indexOf(range);
  const keys = (node: NodeId): number => lookUp(counts, node)?.[place] ?? 0;
  const claimed = ownersOf(range, seen);
  const owners = masters.filter((node) => claimed.includes(node) || keys(node) > 0);
  const says = (node: NodeId, what: 'migrating' | 'importing'): boolean =>
    keysOf(lookUp(seen, node)?.[what] ?? {}).includes(String(range));
  const migrating = masters.filter((node) => says(node, 'migrating'));
  const [only] = owners;
  const owner = owners.length === 1 && only !== undefined ? only : richest(masters, keys);
  const importing = masters.filter(
    (node) =>
      !migrating.includes(node) &&
      (says(node, 'importing') || (keys(node) > 0 && (owners.length !== 1 || node !== owner))),
  );
  return { range, keys, masters, owners, owner, migrating, importing };
}

/** Where not exactly one node has the range or keys of it, the one with most keys becomes its owner, for all. */
function settleOwner(broken: Broken): Call[] {
  const { range, owner, owners } = broken;
  if (owners.length === 1) return [];
  const others = owners.filter((node) => node !== owner);
  broken.migrating = broken.migrating.filter((node) => node !== owner && !others.includes(node));
  broken.importing = [
    ...broken.importing.filter((node) => node !== owner && !others.includes(node)),
    ...others,
  ];
  return [
    stable(range, owner),
    take(range, owner),
    ...others.flatMap((node) => [
      drop(range, node),
      assign(range, node, owner),
      set(range, node, 'importing', owner),
    ]),
  ];
}

/** Several say that they take it, and have nothing of it: the one that its owner means gets it. */
function chooseTarget({ seen }: Known, { range, importing }: Broken, source: NodeId): Call[] {
  const meant = lookUp(seen, source)?.migrating[String(range)];
  const target = importing.find((node) => node === meant);
  const closed = [...(target === undefined ? [source] : []), ...importing].filter((node) => node !== target);
  return [
    ...(target === undefined ? [] : moveRange(range, source, target, seen)),
    ...closed.map((node) => stable(range, node)),
  ];
}

/** clusterManagerFixSlotsCoverage: who has keys of it gets it, a random master where nobody has any. */
function cover(known: Known, range: number, random: number): Call[] {
  const { masters, keys } = look(known, range);
  const holders = masters.filter((node) => keys(node) > 0);
  const target = richest(holders.length > 0 ? holders : [masters[below(random, masters.length)] ?? ''], keys);
  return [
    take(range, target),
    ...holders
      .filter((node) => node !== target)
      .flatMap((node) => [
        assign(range, node, target),
        set(range, node, 'importing', target),
        moveKeys(range, node, target),
        stable(range, node),
      ]),
  ];
}

function richest(nodes: readonly NodeId[], keys: (node: NodeId) => number): NodeId {
  return nodes.reduce((best, node) => (keys(node) > keys(best) ? node : best), nodes[0] ?? '');
}

function take(range: number, node: NodeId): Call {
  return { to: node, request: { kind: 'take', range } };
}

function drop(range: number, node: NodeId): Call {
  return { to: node, request: { kind: 'delslots', range }, accepts: 'ERR Slot' };
}

function stable(range: number, node: NodeId): Call {
  return set(range, node, 'stable', node);
}

function assign(range: number, node: NodeId, owner: NodeId): Call {
  return set(range, node, 'node', owner);
}

function set(
  range: number,
  at: NodeId,
  to: (ClusterRequest & { kind: 'setslot' })['to'],
  node: NodeId,
): Call {
  return { to: at, request: { kind: 'setslot', range, to, node } };
}
