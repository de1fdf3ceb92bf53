import { describe, expect, test } from 'vitest';
import { check, type Consistency } from '../../shared/checker/check.ts';
import type { HistoryLine, Model, Operation } from '../../shared/checker/history.ts';
import { additiveContradiction } from '../../shared/checker/weak/additive.ts';
import type { Weaker } from '../../shared/checker/weak/contradiction.ts';
import { onlyTally, talliesOf } from '../../shared/checker/weak/tallies.ts';
import { onlyTokens, tokenContradiction, tokensOf } from '../../shared/checker/weak/tokens.ts';
import { OF_SUMS, prepareLines } from '../support/checker/agreement.ts';
import { lockHistory } from '../support/checker/orders-by-force.ts';
import { bankHistory, countHistory } from '../support/checker/sums-by-force.ts';
import { BOUND } from '../support/checker/weak-by-force.ts';
import { createChance } from '../support/runs.ts';

type Short = readonly [client: string, op: string, value: HistoryLine['value'], out: HistoryLine['out']];

/** One after the other, a second each. */
function history(model: Model, lines: readonly Short[]) {
  const key = model === 'bank' ? null : 'x';
  return prepareLines(
    model,
    lines.map(([client, op, value, out], index): HistoryLine => {
      const call = 1000 * index;
      return { client, op, key, value, out, call, ret: call + 10, status: 'ok' };
    }),
  );
}

const inc = (client: string, out: number | null = null): Short => [client, 'increment', 1, out];
const count = (client: string, out: number): Short => [client, 'read', null, out];
const opened: Short = ['bank', 'open', { a: 10, b: 0 }, null];
const pay = (client: string, amount: number): Short => [
  client,
  'transfer',
  { from: 'a', to: 'b', amount },
  null,
];
const has = (client: string, out: Readonly<Record<string, number>>): Short => [client, 'read', null, out];
const acquire = (client: string, token: number): Short => [client, 'acquire', null, token];
const release = (client: string): Short => [client, 'release', null, null];

type Case = readonly [model: Model, consistency: Consistency, bad: readonly Short[], good: readonly Short[]];

/** The good ones are not linearizable either: what is asked of them is the weaker model. */
const CASES: readonly Case[] = [
  ['counter', 'read-your-writes', [inc('n1'), count('n1', 0)], [inc('n1'), count('n2', 0), count('n1', 1)]],
  [
    'counter',
    'monotonic-reads',
    [inc('n1'), count('n2', 1), count('n2', 0)],
    [inc('n1'), count('n2', 0), count('n2', 1)],
  ],
  [
    'counter',
    'monotonic-writes',
    [inc('n1'), inc('n1'), count('n2', 3)],
    [inc('n1'), inc('n1'), count('n2', 1)],
  ],
  [
    'counter',
    'writes-follow-reads',
    [count('n1', 1), inc('n1')],
    [inc('n2'), count('n1', 1), inc('n1'), count('n2', 1)],
  ],
  ['counter', 'bounded-staleness', [inc('n1'), count('n2', 0)], [count('n2', 0), inc('n1'), count('n2', 1)]],
  [
    'counter',
    'eventual',
    [inc('n1'), count('n1', 1), count('n2', 0)],
    [inc('n1'), count('n2', 1), count('n1', 1)],
  ],
  [
    'counter',
    'sequential',
    [inc('n1'), count('n1', 1), count('n1', 0)],
    [inc('n1'), count('n2', 0), count('n2', 1)],
  ],
  [
    'bank',
    'read-your-writes',
    [opened, pay('n1', 3), has('n1', { a: 10 })],
    [opened, pay('n1', 3), has('n2', { a: 10 }), has('n1', { a: 7 })],
  ],
  [
    'bank',
    'monotonic-writes',
    [opened, pay('n1', 3), pay('n1', 2), has('n2', { b: 2 })],
    [opened, pay('n1', 3), pay('n1', 2), has('n2', { b: 3 })],
  ],
  [
    'bank',
    'bounded-staleness',
    [opened, pay('n1', 3), has('n2', { b: 0 })],
    [opened, pay('n1', 3), has('n2', { b: 3 })],
  ],
  ['bank', 'sequential', [opened, pay('n1', 8), pay('n2', 8)], [opened, pay('n1', 8), has('n2', { a: 10 })]],
  [
    'lock',
    'monotonic-reads',
    [acquire('n1', 2), release('n1'), acquire('n1', 1)],
    [acquire('n1', 1), acquire('n2', 3), acquire('n1', 2)],
  ],
  ['lock', 'causal-convergence', [acquire('n1', 1), acquire('n2', 1)], [acquire('n1', 1), acquire('n2', 2)]],
  ['lock', 'bounded-staleness', [acquire('n1', 2), acquire('n2', 1)], [acquire('n1', 1), acquire('n2', 2)]],
  [
    'lock',
    'sequential',
    [acquire('n1', 1), acquire('n2', 2)],
    [acquire('n1', 2), acquire('n2', 1), release('n2'), release('n1')],
  ],
];

describe.each(CASES)('%s, %s', (model, consistency, bad, good) => {
  test('the bad history is broken, and told in a sentence; the good one is not', () => {
    const { verdict, story, witness } = check(history(model, bad), consistency, { bound: 500 });
    expect([verdict, witness?.length === 0, story]).toEqual([
      'violated',
      false,
      expect.stringMatching(/\.$/),
    ]);
    expect(check(history(model, good), consistency, { bound: 500 }).verdict).toBe('ok');
  });
});

test('what one order explains keeps causal consistency; two sides of a cut that count are left undecided', () => {
  const ordered = history('counter', [inc('n1'), count('n2', 0), count('n1', 1)]);
  expect(check(ordered, 'causal').verdict).toBe('ok');
  const sides = history('counter', [inc('n1'), inc('n2'), count('n1', 1), count('n2', 1)]);
  expect(check(sides, 'causal').verdict).toBe('unknown');
});

test('a look at accounts that nobody opened tells what was in them, so it has a place of its own in the order', () => {
  const stale = history('bank', [pay('n1', 2), has('n2', { a: 1, b: 2 }), has('n3', { a: 3, b: 0 })]);
  expect(check(stale, 'linearizable').verdict).toBe('violated');
  expect(check(stale, 'sequential').verdict).toBe('ok');
});

describe('the witness is broken, and legal once any one of its operations is forgotten', () => {
  test('in counters and banks', () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 1500; seed++) {
      const isBank = seed % 3 === 0;
      const lines = (isBank ? bankHistory : countHistory)(createChance(seed));
      const judged = prepareLines(isBank ? 'bank' : 'counter', lines);
      const found = talliesOf(judged);
      const [tally] = found.kind === 'known' ? found.tallies : [];
      if (tally === undefined) continue;
      for (const model of OF_SUMS) {
        const { verdict, witness = [] } = check(judged, model, { bound: BOUND });
        if (verdict !== 'violated') continue;
        seen.set(model, (seen.get(model) ?? 0) + 1);
        const contradicts = (kept: readonly Operation[]) => {
          const { contradiction } = additiveContradiction(onlyTally(tally, new Set(kept)), model, BOUND);
          return contradiction !== null && contradiction !== 'undecided';
        };
        expectSmallest(witness, contradicts, `seed ${seed}, ${model}`);
      }
    }
    for (const model of OF_SUMS) expect(seen.get(model) ?? 0, model).toBeGreaterThan(10);
  });

  test('in locks', () => {
    const models: readonly Weaker[] = [
      'causal',
      'causal-convergence',
      'monotonic-reads',
      'bounded-staleness',
    ];
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 1500; seed++) {
      const judged = prepareLines('lock', lockHistory(createChance(seed)));
      const tokens = tokensOf(judged);
      if (tokens.kind !== 'known') continue;
      for (const model of models) {
        const { verdict, witness = [] } = check(judged, model, { bound: BOUND });
        if (verdict !== 'violated') continue;
        seen.set(model, (seen.get(model) ?? 0) + 1);
        const contradicts = (kept: readonly Operation[]) =>
          tokenContradiction(onlyTokens(tokens, new Set(kept)), model, BOUND).contradiction !== null;
        expectSmallest(witness, contradicts, `seed ${seed}, ${model}`);
      }
    }
    for (const model of models) expect(seen.get(model) ?? 0, model).toBeGreaterThan(10);
  });
});

function expectSmallest(
  witness: readonly Operation[],
  contradicts: (kept: readonly Operation[]) => boolean,
  name: string,
): void {
  expect(contradicts(witness), name).toBe(true);
  for (const left of witness) {
    expect(contradicts(witness.filter((each) => each !== left)), `${name}, without ${left.at}`).toBe(false);
  }
}
