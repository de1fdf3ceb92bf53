import type { Anomaly } from './anomaly.ts';
import { byCall, groupBy, isCertain, textOf, type Operation } from './history.ts';
import { Overwrites } from './overwrites.ts';
import { deed, nameOf, seconds } from './story.ts';

/** What can be wrong with a count: more sold than there was, changes that got lost, and some that count twice. */
export function countAnomalies(part: readonly Operation[]): Anomaly[] {
  return [...soldTooMuch(part), ...belowZero(part), ...lostChanges(part), ...wrongCounts(part)];
}

/** A stock of which more was sold, by what the buyers were told, than there ever was. */
function soldTooMuch(part: readonly Operation[]): Anomaly[] {
  const stocked = part.filter(({ kind }) => kind === 'write');
  if (stocked.length === 0) return [];
  const had = stocked.reduce((sum, { value }) => sum + (value as number), 0);
  const sales: Operation[] = [];
  let sold = 0;
  for (const sale of part.filter((each) => each.kind === 'take' && isCertain(each))) {
    sales.push(sale);
    sold += sale.value as number;
    if (sold > had && !part.some(({ kind }) => kind === 'increment')) {
      const story = `${deed(sale)}: ${sold} were sold, and there were never more than ${had}.`;
      return [{ kind: 'oversold stock', operations: [...stocked, ...sales], story }];
    }
  }
  return [];
}

/** A counter of what is left in stock that was read below zero. */
function belowZero(part: readonly Operation[]): Anomaly[] {
  const below = part.find(({ kind, out }) => kind !== 'release' && typeof out === 'number' && out < 0);
  if (below === undefined) return [];
  const sales = part.filter(
    ({ kind, value, call }) => kind === 'increment' && (value as number) < 0 && call <= below.ret,
  );
  const story = `${deed(below)}: ${-(below.out as number)} more were sold than there were.`;
  return [{ kind: 'oversold stock', operations: [...new Set([...sales, below])], story }];
}

/** Two changes, all going the same way, that both made the count the same. */
function lostChanges(part: readonly Operation[]): Anomaly[] {
  if (wayOf(part) === 0) return [];
  const changes = part.filter((each) => isChange(each) && isCertain(each) && typeof each.out === 'number');
  return [...groupBy(changes, ({ out }) => textOf(out)).values()].flatMap(([first, ...others]) =>
    others.flatMap((other): Anomaly[] => {
      if (first === undefined) return [];
      const story = `${deed(first)}, and ${deed(other)}: both made it the same, and one of the two is lost.`;
      return [{ kind: 'lost update', operations: byCall([first, other]), story }];
    }),
  );
}

/** A read of fewer changes than had been acknowledged before it, or of more than there can have been. */
function wrongCounts(part: readonly Operation[]): Anomaly[] {
  const way = wayOf(part);
  const isKnown = way === 1 || part.some(({ kind }) => kind === 'write');
  if (way === 0 || !isKnown) return [];
  const start = part.reduce((sum, { kind, value }) => (kind === 'write' ? sum + (value as number) : sum), 0);
  const changes = part.filter(isChange);
  const returned = new Running(changes, ({ ret }) => ret);
  const called = new Running(changes, ({ call }) => call);
  const acknowledged = new Overwrites(changes);
  return part.flatMap((read): Anomaly[] => {
    if (read.kind !== 'read' || (read.out !== null && typeof read.out !== 'number')) return [];
    const shown = way * ((read.out ?? 0) - start);
    const before = returned.upTo(read.call, false);
    const last = acknowledged.latestBefore(read.call);
    if (last !== undefined && shown < before.sum) {
      const story = `${deed(read)}, though changes by ${before.sum} had been acknowledged, the last ${nameOf(last)}’s at ${seconds(last.ret)}.`;
      return [{ kind: 'stale read', operations: byCall([last, read]), story }];
    }
    const possible = called.upTo(read.ret, true);
    if (shown <= possible.sum) return [];
    const story = `${deed(read)}, though there had been changes by ${possible.sum} only.`;
    return [{ kind: 'done twice', operations: byCall([...possible.last, read]), story }];
  });
}

/** The sum of some changes up to a time, by when each of them was called or returned. */
class Running {
  readonly #sorted: readonly Operation[];
  readonly #times: Float64Array;
  readonly #sums: number[] = [0];

  constructor(changes: readonly Operation[], timeOf: (change: Operation) => number) {
    this.#sorted = changes
      .filter((change) => timeOf(change) < Infinity)
      .sort((a, b) => timeOf(a) - timeOf(b));
    this.#times = Float64Array.from(this.#sorted, timeOf);
    for (const { value } of this.#sorted) {
      this.#sums.push((this.#sums.at(-1) ?? 0) + Math.abs(value as number));
    }
  }

  /** The sum of what was before a time, and of what was at it if that is `isIncluded`; and the last of these, if any. */
  upTo(time: number, isIncluded: boolean): { readonly sum: number; readonly last: readonly Operation[] } {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#times[middle] as number;
      if (at < time || (isIncluded && at === time)) low = middle + 1;
      else high = middle;
    }
    return { sum: this.#sums[low] ?? 0, last: low === 0 ? [] : [this.#sorted[low - 1] as Operation] };
  }
}

function isChange({ kind }: Operation): boolean {
  return kind === 'increment' || kind === 'take';
}

/** 1 when the count only grows, -1 when it only shrinks, after it was set once at most; 0 otherwise. */
function wayOf(part: readonly Operation[]): number {
  const changes = part.filter(isChange);
  const [first] = part;
  const isSetLate = part.some((each) => each.kind === 'write' && (each !== first || !(each.ret < 0)));
  if (isSetLate || changes.length === 0) return 0;
  if (changes.every(({ kind, value }) => kind === 'take' && (value as number) > 0)) return -1;
  return changes.every(({ kind, value }) => kind === 'increment' && (value as number) > 0) ? 1 : 0;
}
