import { expect, test } from 'vitest';
import { LiveMoments } from '../../client/src/state/live-moments.svelte.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { CUT_AB, HEADER, Run } from './console-support.ts';

function texts(moments: LiveMoments): string[] {
  return moments.list.map(({ sign }) => sign ?? '');
}

test('who leads, what people did and what turned, each once and in order', () => {
  const [run, moments] = [new Run().advance(3000), new LiveMoments()];
  moments.look(run.fold, run.entries);
  expect(texts(moments)).toEqual(['leader']);
  run.give(CUT_AB).advance(3500);
  moments.look(run.fold, run.entries);
  moments.look(run.fold, run.entries);
  expect(texts(moments)).toEqual(['leader', 'cut', 'no-quorum']);
});

test('a recording that comes anew with a later beginning takes nothing away, and repeats nothing', () => {
  const [run, moments] = [new Run().advance(3000), new LiveMoments()];
  run.give(CUT_AB).advance(3500);
  moments.look(run.fold, run.entries);
  const before = texts(moments);
  const later = new Fold(HEADER, run.fold.save());
  later.advance(4500);
  moments.look(later, []);
  expect(texts(moments).slice(0, before.length)).toEqual(before);
  expect(texts(moments).filter((sign) => sign === 'no-quorum')).toHaveLength(1);
});

test('what is recalled stands in place of what a page that came late made of it', () => {
  const [run, whole, late] = [new Run().advance(3000), new LiveMoments(), new LiveMoments()];
  run.give(CUT_AB);
  for (const at of [3500, 4000, 4500]) {
    run.advance(at);
    whole.look(run.fold, run.entries);
  }
  late.look(run.fold, run.entries);
  expect(late.list.find(({ sign }) => sign === 'no-quorum')?.at).toBe(4500);
  late.recall(
    whole.list.filter(({ sign }) => sign !== 'leader'),
    4500,
  );
  late.look(run.fold, run.entries);
  expect(late.list).toEqual(whole.list);
});
