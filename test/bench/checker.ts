import { check, CONSISTENCIES, type Consistency } from '../../shared/checker/check.ts';
import type { History } from '../../shared/checker/history.ts';
import { prepareLines } from '../support/checker/agreement.ts';
import { largeHistory, type Shape } from '../support/checker/large-history.ts';
import { timed } from './measure.ts';
import type { Bench, Row } from './report.ts';

/** How long a class waits for a verdict. */
export const checker: Bench = {
  name: 'checker',
  text: 'Judging histories: slowest of several of each kind, in processor time',
  run: () => CASES.flatMap(measure),
};

type Case = Omit<Shape, 'seed' | 'stale'> & { readonly name: string; readonly most: number };

const CASES: readonly Case[] = [
  {
    name: 'few values, 20 clients',
    operations: 80,
    clients: 20,
    keys: 1,
    unknown: 25,
    values: 'few',
    most: 5,
  },
  {
    name: 'appends, 50 clients',
    operations: 2000,
    clients: 50,
    keys: 10,
    unknown: 0,
    values: 'append',
    most: 100,
  },
  {
    name: 'class in a partition',
    operations: 1200,
    clients: 30,
    keys: 4,
    unknown: 21,
    values: 'unique',
    most: 10,
  },
  {
    name: 'class, one hot key',
    operations: 1200,
    clients: 30,
    keys: 1,
    unknown: 2,
    values: 'unique',
    most: 10,
  },
  { name: 'school', operations: 20_000, clients: 30, keys: 10, unknown: 2, values: 'unique', most: 100 },
];

const SEEDS = [1, 2, 3, 4, 5];

function measure({ name, most, ...shape }: Case): Row[] {
  const rows: Row[] = [];
  for (const stale of [0, 30]) {
    const histories = SEEDS.map((seed) =>
      prepareLines(shape.values === 'append' ? 'append' : 'kv', largeHistory({ ...shape, seed, stale })),
    );
    const label = `${name}, ${shape.operations} operations${stale > 0 ? ', stale reads' : ''}`;
    rows.push(rowOf(label, histories, ['linearizable'], most));
    if (shape.operations !== 1200) continue;
    const weaker = CONSISTENCIES.filter((each) => each !== 'linearizable' && each !== 'sequential');
    rows.push(rowOf(`${label}: all weaker but sequential`, histories, weaker, 100));
  }
  return rows;
}

function rowOf(
  figure: string,
  histories: readonly History[],
  models: readonly Consistency[],
  most: number,
): Row {
  const verdicts = new Map<string, number>();
  const judge = (history: History) =>
    models.map((consistency) => check(history, consistency).verdict).join(' ');
  // The first call of all compiles what it runs through.
  for (const history of histories) judge(history);
  const times = histories.map((history) => {
    let verdict = '';
    const { processor } = timed(() => (verdict = judge(history)));
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    return processor;
  });
  const seen =
    models.length > 1 ? '' : `, ${[...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`;
  return {
    figure,
    value: Math.round(100 * Math.max(...times)) / 100,
    unit: 'ms',
    note: `at most ${most}${seen}`,
  };
}
