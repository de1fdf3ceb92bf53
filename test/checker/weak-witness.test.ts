import { expect, test } from 'vitest';
import { check } from '../../shared/checker/check.ts';
import type { Operation } from '../../shared/checker/history.ts';
import { contradictionOf } from '../../shared/checker/weak/contradiction.ts';
import { relationsOf, type Relations } from '../../shared/checker/weak/relations.ts';
import { historyOfOnly } from '../../shared/checker/weak/witness.ts';
import { prepareLines, uniqueHistory, WEAKER } from '../support/checker/agreement.ts';
import { BOUND } from '../support/checker/weak-by-force.ts';

test('the witness of every weaker model is broken, and legal once any one of its operations is forgotten', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 3000; seed++) {
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
