import { expect, test } from 'vitest';
import { check } from '../../shared/checker/check.ts';
import type { Operation } from '../../shared/checker/history.ts';
import { collectionsOf, onlyCollections } from '../../shared/checker/weak/collections.ts';
import { contradictionOf } from '../../shared/checker/weak/contradiction.ts';
import { relationsOf, type Relations } from '../../shared/checker/weak/relations.ts';
import { visibilityContradiction } from '../../shared/checker/weak/visibility.ts';
import { historyOfOnly } from '../../shared/checker/weak/witness.ts';
import { prepareLines, uniqueHistory, WEAKER } from '../support/checker/agreement.ts';
import { collectionHistory } from '../support/checker/collections-by-force.ts';
import { BOUND } from '../support/checker/weak-by-force.ts';
import { createChance } from '../support/runs.ts';

test('the witness of every weaker model is broken, and legal once any one of its operations is forgotten', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 2000; seed++) {
    const history = prepareLines('kv', uniqueHistory(seed, 12));
    const relations = relationsOf(history);
    if (relations.kind !== 'known') continue;
    for (const model of WEAKER) {
      const { verdict, witness = [] } = check(history, model, { bound: BOUND });
      if (verdict !== 'violated') continue;
      seen.set(model, (seen.get(model) ?? 0) + 1);
      expect(isBroken(witness, relations, model), `seed ${seed}, ${model}`).toBe(true);
      for (const left of witness) {
        const others = witness.filter((each) => each !== left);
        expect(isBroken(others, relations, model), `seed ${seed}, ${model}, without ${left.at}`).toBe(false);
      }
    }
  }
  for (const model of WEAKER) expect(seen.get(model) ?? 0, model).toBeGreaterThan(20);
});

test('so is the witness in sets and lists', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 1500; seed++) {
    const lines = collectionHistory(createChance(seed));
    const history = prepareLines(lines.some(({ op }) => op === 'append') ? 'append' : 'set', lines);
    const collections = collectionsOf(history);
    if (collections.kind !== 'known') continue;
    for (const model of WEAKER) {
      const { verdict, witness = [] } = check(history, model, { bound: BOUND });
      if (verdict !== 'violated') continue;
      seen.set(model, (seen.get(model) ?? 0) + 1);
      const contradicts = (kept: readonly Operation[]) =>
        visibilityContradiction(onlyCollections(collections, new Set(kept)), model, BOUND).contradiction !==
        null;
      expect(contradicts(witness), `seed ${seed}, ${model}`).toBe(true);
      for (const left of witness) {
        const others = witness.filter((each) => each !== left);
        expect(contradicts(others), `seed ${seed}, ${model}, without ${left.at}`).toBe(false);
      }
    }
  }
  for (const model of WEAKER) expect(seen.get(model) ?? 0, model).toBeGreaterThan(10);
});

function isBroken(
  kept: readonly Operation[],
  { sources }: Relations,
  model: (typeof WEAKER)[number],
): boolean {
  const found = relationsOf(historyOfOnly(new Set(kept), sources));
  if (found.kind !== 'known') throw new Error('values are unique');
  const { contradiction } = contradictionOf(found, model, BOUND);
  return contradiction !== null;
}
