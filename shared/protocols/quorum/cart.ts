import { canonical } from '../../base/json.ts';
import type { Value } from '../../sim/operation.ts';
import type { Copies, Stored } from './types.ts';

/**
 * The shopping cart's merge (DeCandia et al. 2007 §4.4): the union of all versions. An item added on any side is
 * never lost; an item removed on one side comes back from the other. A single value counts as a set of one, a
 * deleted cart as an empty one.
 */
export function unionOf(versions: Copies): Value[] {
  return unique(
    versions.filter(({ deleted }) => !deleted).flatMap(({ value }) => (isSet(value) ? value : [value])),
  );
}

export function withItem(cart: readonly Value[], item: Value): Value[] {
  return unique([...cart, item]);
}

export function withoutItem(cart: readonly Value[], item: Value): Value[] {
  return cart.filter((other) => other !== item);
}

/** Values of versions for a reader: each once, in one order, whichever copies they came from. */
export function distinctValues(versions: Copies): Stored[] {
  return unique(versions.filter(({ deleted }) => !deleted).map(({ value }) => value));
}

function unique<T extends Stored>(values: readonly T[]): T[] {
  const texts = values.map((value) => ({ value, text: canonical(value) }));
  return texts
    .filter(({ text }, index) => texts.findIndex((other) => other.text === text) === index)
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ value }) => value);
}

function isSet(value: Stored): value is readonly Value[] {
  return Array.isArray(value);
}
