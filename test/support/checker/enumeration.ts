import type { HistoryLine } from '../../../shared/checker/history.ts';

/** What can be reached by steps from one line to another. */
export function closure(
  lines: readonly HistoryLine[],
  step: (a: HistoryLine, b: HistoryLine) => boolean,
): (a: HistoryLine, b: HistoryLine) => boolean {
  const reach = new Map(lines.map((a) => [a, new Set(lines.filter((b) => step(a, b)))]));
  for (const middle of lines) {
    for (const from of lines) {
      if (reach.get(from)?.has(middle) !== true) continue;
      for (const to of reach.get(middle) ?? []) reach.get(from)?.add(to);
    }
  }
  return (a, b) => reach.get(a)?.has(b) === true;
}

/** Every order of the items that keeps to `before`. */
export function orders<T>(items: readonly T[], before: (a: T, b: T) => boolean): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) => {
    const rest = items.filter((item) => item !== first);
    if (rest.some((other) => before(other, first))) return [];
    return orders(rest, before).map((order) => [first, ...order]);
  });
}

/** Every choice of some of the items. */
export function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((subset) => [...subset, item])], [[]]);
}
