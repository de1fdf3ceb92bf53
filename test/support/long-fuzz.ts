import { describe, expect, test } from 'vitest';
import { describeRun, fuzz, type FuzzSubject } from './fuzz.ts';

/** So many runs at a time: whoever waits hears of every stretch. */
const STRETCH = 250;

/**
 * The long fuzz run: `FUZZ_SEEDS` runs (10,000) from `FIRST_SEED` (1), of the subject that a seed stands for; `SEED=42`
 * is that one alone. Goes on after a violation, and tells all of them.
 */
export function longFuzz(claim: string, subjectOf: (seed: number) => FuzzSubject): void {
  describe(claim, () => {
    test.each(stretches(STRETCH))('$count seeds from $first', ({ first, count }) => {
      const broken = Array.from({ length: count }, (_, i) => first + i)
        .map((seed) => fuzz(subjectOf(seed), seed))
        .filter(({ violation }) => violation !== null)
        .map(describeRun);
      expect(broken).toEqual([]);
    });
  });
}

/** The seeds that were asked for, `times` as many as runs, in stretches of at most so many. */
export function stretches(most: number, times = 1): { readonly first: number; readonly count: number }[] {
  const { SEED, FIRST_SEED = '1', FUZZ_SEEDS = '10000' } = process.env;
  if (SEED !== undefined) return [{ first: Number(SEED), count: 1 }];
  const start = Number(FIRST_SEED);
  const all = Math.ceil(times * Number(FUZZ_SEEDS));
  return Array.from({ length: Math.ceil(all / most) }, (_, index) => {
    return { first: start + index * most, count: Math.min(most, all - index * most) };
  });
}

/** Subjects by turns. */
export function inTurn(subjects: readonly FuzzSubject[]): (seed: number) => FuzzSubject {
  return (seed) => subjects[seed % subjects.length] as FuzzSubject;
}

/** Of every four runs, one of the others. */
export function everyFourth(
  others: readonly FuzzSubject[],
  subjects: readonly FuzzSubject[],
): (seed: number) => FuzzSubject {
  return (seed) => (seed % 4 === 0 ? inTurn(others)(seed / 4) : inTurn(subjects)(seed));
}
