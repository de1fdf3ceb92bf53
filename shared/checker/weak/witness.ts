import { byCall, type History, type Operation } from '../history.ts';
import type { Sources } from '../sources.ts';
import { onlyCollections, type Collections } from './collections.ts';
import { contradictionOf, type Weaker } from './contradiction.ts';
import { relationsOf, type Relations } from './relations.ts';
import { visibilityContradiction } from './visibility.ts';

/** How many steps one question may take. */
const QUESTION_STEPS = 200_000;

/**
 * The fewest of some operations that contradict a weaker model: with any one of them forgotten nothing does. A look is
 * forgotten by leaving it out; of what was written it is forgotten who wrote it and when.
 */
export function smallest(
  relations: Relations,
  contradiction: readonly Operation[],
  model: Weaker,
  bound: number,
): Operation[] {
  return fewest(relations.operations, contradiction, (kept) =>
    contradicts(kept, relations.sources, model, bound),
  );
}

/** The same of sets and lists. */
export function smallestOfCollections(
  collections: Collections,
  contradiction: readonly Operation[],
  model: Weaker,
  bound: number,
): Operation[] {
  return fewest(collections.operations, contradiction, (kept) => {
    return visibilityContradiction(onlyCollections(collections, kept), model, bound).contradiction !== null;
  });
}

/** The fewest of some operations that are still broken, of all when those alone are not. */
export function fewest(
  operations: readonly Operation[],
  contradiction: readonly Operation[],
  isBroken: (kept: ReadonlySet<Operation>) => boolean,
): Operation[] {
  let kept = new Set(contradiction);
  if (!isBroken(kept)) kept = new Set(operations);
  const order = [...kept];
  for (let size = Math.ceil(order.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < order.length; start += size) {
      const group = order.slice(start, start + size).filter((each) => kept.has(each));
      if (group.length === 0) continue;
      for (const each of group) kept.delete(each);
      if (!isBroken(kept)) for (const each of group) kept.add(each);
    }
  }
  return byCall([...kept]);
}

/** Whether some operations contradict the model when all others are forgotten. */
function contradicts(kept: ReadonlySet<Operation>, sources: Sources, model: Weaker, bound: number): boolean {
  const history = historyOfOnly(kept, sources);
  const found = relationsOf(history);
  if (found.kind !== 'known') return false;
  const { contradiction } = contradictionOf(found, model, bound, QUESTION_STEPS);
  return contradiction !== null && contradiction !== 'undecided';
}

/** The operations, and forgotten writes of all that they saw. */
export function historyOfOnly(kept: ReadonlySet<Operation>, sources: Sources): History {
  const operations = [...kept];
  const asked = new Set(kept);
  for (const reader of operations) {
    const source = sources.get(reader) ?? null;
    if (source === null || asked.has(source)) continue;
    asked.add(source);
    operations.push(source);
  }
  const told = operations.map((each) => (kept.has(each) ? each : forgotten(each)));
  return { model: 'kv', operations: byCall(told), failed: [], size: told.length };
}

/** A write of which nobody knows who made it when. What it replaced is not known either. */
function forgotten(operation: Operation): Operation {
  const { at, value, kind } = operation;
  const written = kind === 'cas' ? (value as readonly Operation['value'][])[1] : value;
  return {
    ...operation,
    kind: 'write',
    value: written ?? null,
    client: `forgotten ${at}`,
    call: -Infinity,
    ret: Infinity,
    out: null,
  };
}
