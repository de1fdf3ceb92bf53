import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { slotAlone } from './owners.ts';
import type { ClusterNodes, NodeLine } from './requests.ts';
import { SLOTS } from './slots.ts';

/** What the nodes that could be asked have told, each for itself. */
export type Seen = Readonly<Table<ClusterNodes>>;

/** Literal errors of a cluster check (redis src/redis-cli.c, clusterManagerCheckCluster). */
export const CHECK_ERRORS = {
  disagree: "[ERR] Nodes don't agree about configuration!",
  uncovered: `[ERR] Not all ${SLOTS} slots are covered by nodes.`,
} as const;

/** What is wrong with a cluster: nodes that tell different things, slots left open, slots that are nobody's. */
export function checkCluster(seen: Seen): string[] {
  const nodes = keysOf(seen);
  const agree = new Set(nodes.map((node) => signatureOf(lookUp(seen, node)?.lines ?? []))).size <= 1;
  return [
    ...(agree ? [] : [CHECK_ERRORS.disagree]),
    ...nodes.flatMap((node) => openSlots(node, seen)),
    ...(isCovered(seen) ? [] : [CHECK_ERRORS.uncovered]),
  ];
}

/** The lines of every node seen, as it tells of itself: only that is sure. */
export function linesOf(seen: Seen): NodeLine[] {
  return keysOf(seen).flatMap((node) => {
    return lookUp(seen, node)?.lines.filter((line) => line.node === node) ?? [];
  });
}

/** The numbers of the ranges that some node says it moves or takes. */
export function openRanges(seen: Seen): number[] {
  const ranges = keysOf(seen).flatMap((node) => {
    const told = lookUp(seen, node);
    return told === undefined ? [] : [...keysOf(told.migrating), ...keysOf(told.importing)];
  });
  return [...new Set(ranges)].map(Number).sort((a, b) => a - b);
}

/** The masters among the nodes seen. */
export function mastersIn(seen: Seen): NodeId[] {
  return linesOf(seen)
    .filter(({ master }) => master === null)
    .map(({ node }) => node);
}

/** The numbers of the ranges that are left open, and of those that nobody seen says it has. */
export function brokenRanges(seen: Seen): number[] {
  const open = openRanges(seen);
  const known = new Set(keysOf(seen).flatMap((node) => lookUp(seen, node)?.ranges ?? []));
  const uncovered = [...known].filter((range) => ownersOf(range, seen).length === 0);
  return [...open, ...uncovered.filter((range) => !open.includes(range)).sort((a, b) => a - b)];
}

/** The nodes that say they have a range. */
export function ownersOf(range: number, seen: Seen): NodeId[] {
  const slot = slotAlone(range);
  const has = (line: NodeLine): boolean =>
    slot === null ? line.ranges.includes(range) : hasSlot(line, slot);
  return linesOf(seen)
    .filter(has)
    .map(({ node }) => node);
}

export function hasSlot({ slots }: NodeLine, slot: number): boolean {
  return slots.split(' ').some((span) => {
    const [first = '', last = first] = span.split('-');
    return span !== '' && Number(first) <= slot && slot <= Number(last) && slot < SLOTS;
  });
}

/** Who has which slots, as one node tells it. */
function signatureOf(lines: readonly NodeLine[]): string {
  const owners = lines.filter(({ slots }) => slots !== '');
  return owners
    .map(({ node, slots }) => `${node}:${slots}`)
    .sort()
    .join('|');
}

function openSlots(node: string, seen: Seen): string[] {
  const told = lookUp(seen, node);
  const states = [
    ['migrating', told?.migrating ?? {}],
    ['importing', told?.importing ?? {}],
  ] as const;
  return states.flatMap(([state, moves]) => {
    const slots = keysOf(moves).map((range) => slotAlone(Number(range)) ?? `of range ${range}`);
    return slots.length === 0
      ? []
      : [`[WARNING] Node ${node}:6379 has slots in ${state} state ${slots.join(',')}.`];
  });
}

function isCovered(seen: Seen): boolean {
  const spans = linesOf(seen).flatMap(({ slots }) => slots.split(' ').filter((span) => span !== ''));
  const count = spans.map((span) => {
    const [first = '', last = first] = span.split('-');
    return Number(last) - Number(first) + 1;
  });
  return count.reduce((sum, slots) => sum + slots, 0) >= SLOTS;
}
