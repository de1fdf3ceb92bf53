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
