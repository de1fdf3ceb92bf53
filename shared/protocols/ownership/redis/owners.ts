import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { rangesOf, slotOf, type SlotRange } from './slots.ts';
import type { Durable } from './types.ts';

/**
 * Slots belong to masters by ranges. Those that the cluster was made with are numbered from 0; a slot that was moved
 * by itself is a range of its own from then on, whose number is the slot and this: there are 300 masters at most.
 */
const SINGLE = 1000;

/** The number that a slot has once it is a range of its own. */
export function singleOf(slot: number): number {
  return SINGLE + slot;
}

/** The slot that is a range of its own; null for the ranges that the cluster was made with. */
export function slotAlone(range: number): number | null {
  return range >= SINGLE ? range - SINGLE : null;
}

/** The slot by which messages name a range: its first. */
export function firstSlotOf(durable: Durable, range: number): number {
  return slotAlone(range) ?? rangesOf(durable.owners.length)[range]?.first ?? 0;
}

/** What the numbers of ranges look like to people. */
export function describeRanges(ranges: readonly number[]): string {
  const texts = ranges.map((range) => {
    const slot = slotAlone(range);
    return slot === null ? String(range) : `slot ${slot}`;
  });
  return texts.join() || 'none';
}

/** The range that a slot is in. */
export function rangeAt(durable: Durable, slot: number): number {
  if (durable.apart !== undefined && String(slot) in durable.apart) return singleOf(slot);
  return rangesOf(durable.owners.length).findIndex(({ first, last }) => first <= slot && slot <= last);
}

export function ownerOf(durable: Durable, range: number): NodeId | null {
  const slot = slotAlone(range);
  return (slot === null ? durable.owners[range] : lookUp(durable.apart ?? {}, String(slot))) ?? null;
}

export function setOwner(durable: Durable, range: number, owner: NodeId | null): void {
  const slot = slotAlone(range);
  if (slot === null) durable.owners[range] = owner;
  else (durable.apart ??= {})[String(slot)] = owner;
}

/** Makes a slot a range of its own, with the owner it has. False where it is one already. */
export function takeApart(durable: Durable, slot: number): boolean {
  const range = rangeAt(durable, slot);
  if (range === singleOf(slot)) return false;
  setOwner(durable, singleOf(slot), ownerOf(durable, range));
  return true;
}

/** Nothing is moved from or to a node any more that is a replica now, or belongs to no cluster. */
export function closeAll(durable: Durable): void {
  delete durable.migrating;
  delete durable.importing;
}

/** Nothing is moved from or to a node any more that was removed. */
export function closeFor(durable: Durable, node: NodeId): void {
  for (const moves of ['migrating', 'importing'] as const) {
    const table = durable[moves];
    if (table === undefined) continue;
    for (const range of keysOf(table)) if (table[range] === node) delete table[range];
    if (keysOf(table).length === 0) delete durable[moves];
  }
}

/** The slots that are ranges of their own, in order. */
export function apartIn({ apart }: Durable): number[] {
  return apart === undefined ? [] : keysOf(apart).map(Number).sort(ascending);
}

/** Whom the ranges belong to, each range once, in the order of their numbers. */
export function ownersIn(durable: Durable): (NodeId | null)[] {
  if (durable.apart === undefined) return durable.owners;
  return [...durable.owners, ...apartIn(durable).map((slot) => ownerOf(durable, singleOf(slot)))];
}

/** The numbers of the ranges that a node owns, in order. */
export function rangesOwnedIn(durable: Durable, node: NodeId): number[] {
  const ranges: number[] = [];
  for (const [range, owner] of durable.owners.entries()) if (owner === node) ranges.push(range);
  for (const slot of apartIn(durable))
    if (ownerOf(durable, singleOf(slot)) === node) ranges.push(singleOf(slot));
  return ranges;
}

/** The numbers of all ranges, in order. */
export function rangesIn(durable: Durable): number[] {
  return [...durable.owners.keys(), ...apartIn(durable).map(singleOf)];
}

/** The keys here that are in a range, also in a slot that only others know as one. */
export function keysIn(durable: Durable, range: number): string[] {
  const alone = slotAlone(range);
  return keysOf(durable.data).filter((key) => {
    const slot = slotOf(key);
    return alone === null ? rangeAt(durable, slot) === range : slot === alone;
  });
}

/** The slots of a node as CLUSTER NODES tells them: spans, both ends included, in order. */
export function spansOf(durable: Durable, node: NodeId): SlotRange[] {
  const all = rangesOf(durable.owners.length);
  const spans = rangesOwnedIn(durable, node).flatMap((range) => {
    const slot = slotAlone(range);
    if (slot !== null) return [{ first: slot, last: slot }];
    return all.slice(range, range + 1).flatMap((span) => without(span, apartIn(durable)));
  });
  return joined(spans.sort((a, b) => a.first - b.first));
}

export function spanText({ first, last }: SlotRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function without({ first, last }: SlotRange, slots: readonly number[]): SlotRange[] {
  const holes = slots.filter((slot) => first <= slot && slot <= last);
  const starts = [first, ...holes.map((slot) => slot + 1)];
  const ends = [...holes.map((slot) => slot - 1), last];
  return starts
    .map((start, index) => ({ first: start, last: ends[index] ?? last }))
    .filter((span) => span.first <= span.last);
}

function joined(spans: readonly SlotRange[]): SlotRange[] {
  const found: { first: number; last: number }[] = [];
  for (const span of spans) {
    const before = found.at(-1);
    if (before !== undefined && before.last + 1 === span.first) before.last = span.last;
    else found.push({ ...span });
  }
  return found;
}

function ascending(a: number, b: number): number {
  return a - b;
}
