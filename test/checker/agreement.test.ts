import { describe, expect, test } from 'vitest';
import { MODELS } from '../../shared/checker/history.ts';
import { isLinearizable, partition, violationOf } from '../../shared/checker/linearizable.ts';
import { explain, upTo, withOnly } from '../../shared/checker/witness.ts';
import {
  firstDisagreement,
  judgeLinearizable,
  linearizability,
  OF_SUMS,
  oneOrder,
  prepareLines,
  WEAKER,
  weakerCollections,
  weakerLocks,
  weakerRegisters,
  weakerSums,
  type Judge,
} from '../support/checker/agreement.ts';
import { randomHistory } from '../support/checker/random-history.ts';
import { createChance } from '../support/runs.ts';

test('20,000 small histories of all models are judged as the brute force judges them', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(linearizability(), { first: 1, count: 20_000 }, seen)).toBeNull();
  for (const model of MODELS) {
    expect(seen.get(`${model} ok`), model).toBeGreaterThan(100);
    expect(seen.get(`${model} violated`), model).toBeGreaterThan(100);
  }
});

test('2,000 small histories are judged against the weaker models as the brute force judges them', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(weakerRegisters, { first: 1, count: 2000 }, seen)).toBeNull();
  for (const [name, count] of seen) expect(count, name).toBeGreaterThan(10);
});

test('2,000 small histories of sets and lists are judged against the weaker models as the brute force judges them', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(weakerCollections, { first: 1, count: 2000 }, seen)).toBeNull();
  for (const model of WEAKER) {
    expect(seen.get(`${model} ok`), model).toBeGreaterThan(10);
    expect(seen.get(`${model} violated`), model).toBeGreaterThan(10);
  }
});

test('2,000 small histories of counters and banks are judged against the weaker models as the brute force judges them', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(weakerSums, { first: 1, count: 2000 }, seen)).toBeNull();
  for (const model of OF_SUMS) {
    expect(seen.get(`counter ${model} ok`), model).toBeGreaterThan(10);
    expect(seen.get(`counter ${model} violated`), model).toBeGreaterThan(10);
    expect(seen.get(`bank ${model} violated`), model).toBeGreaterThan(10);
  }
});

test('2,000 small histories of locks are judged against the weaker models as the brute force judges them', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(weakerLocks, { first: 1, count: 2000 }, seen)).toBeNull();
  for (const model of WEAKER.filter((each) => each !== 'eventual')) {
    expect(seen.get(`${model} ok`), model).toBeGreaterThan(10);
    expect(seen.get(`${model} violated`), model).toBeGreaterThan(10);
  }
});

test('3,000 small histories of all models have one order exactly when the brute force finds one', () => {
  const seen = new Map<string, number>();
  expect(firstDisagreement(oneOrder, { first: 1, count: 3000 }, seen)).toBeNull();
  for (const model of MODELS) {
    expect(seen.get(`${model} ok`), model).toBeGreaterThan(10);
    expect(seen.get(`${model} violated`), model).toBeGreaterThan(10);
  }
});

describe('a checker that is wrong is caught', () => {
  const wrong: readonly (readonly [string, Judge])[] = [
    [
      'equal times as one after the other',
      (model, lines) =>
        judgeLinearizable(
          model,
          lines.map((line) => {
            const call = 2 * line.call + 1;
            return { ...line, call, ret: line.ret === null ? null : Math.max(call, 2 * line.ret) };
          }),
        ),
    ],
    [
      'unknown outcomes as failures',
      (model, lines) =>
        judgeLinearizable(
          model,
          lines.filter(({ status }) => status !== 'info'),
        ),
    ],
    [
      'failures as unknown outcomes',
      (model, lines) =>
        judgeLinearizable(
          model,
          lines.map((line) => (line.status === 'fail' ? { ...line, status: 'info', ret: null } : line)),
        ),
    ],
    ['the last operation not at all', (model, lines) => judgeLinearizable(model, lines.slice(0, -1))],
    [
      'every answer as true',
      (model, lines) =>
        judgeLinearizable(
          model,
          lines.filter(({ op }) => op !== 'read'),
        ),
    ],
  ];

  test.each(wrong)('who judges %s', (_, judge) => {
    expect(firstDisagreement(linearizability(judge), { first: 1, count: 5000 })).not.toBeNull();
  });
});

test('a witness is broken, and legal once any one of its operations is forgotten', () => {
  let witnesses = 0;
  for (let seed = 1; witnesses < 400; seed++) {
    const model = MODELS[seed % MODELS.length] ?? 'register';
    const history = prepareLines(model, randomHistory(model, createChance(seed)));
    for (const part of partition(model, history.operations)) {
      const violation = violationOf(model, part, 100_000);
      if (violation === null) continue;
      witnesses++;
      const { operations, brokenAt } = explain(violation);
      const lines = new Set(operations.map(({ at }) => at));
      const known = upTo(part, brokenAt);
      const witness = known.filter(({ at }) => lines.has(at));
      const legal = (kept: typeof witness) => isLinearizable(model, withOnly(known, new Set(kept)), 100_000);
      expect(legal(witness), `seed ${seed}`).toBe(false);
      for (const left of witness) {
        expect(legal(witness.filter((each) => each !== left)), `seed ${seed} without line ${left.at}`).toBe(
          true,
        );
      }
    }
  }
});
