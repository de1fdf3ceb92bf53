import { LiveRun } from '../../client/src/judge/live-run.ts';
import { check, CONSISTENCIES, type Consistency } from '../../shared/checker/check.ts';
import { isCertain, type History, type Operation } from '../../shared/checker/history.ts';
import { LiveCheck } from '../../shared/checker/live.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { prepareLines } from '../support/checker/agreement.ts';
import { largeHistory, type Shape } from '../support/checker/large-history.ts';
import { headerFor } from '../support/recordings.ts';
import { percentile, timed } from './measure.ts';
import type { Bench, Row } from './report.ts';

/** How long a class waits for a verdict. */
export const checker: Bench = {
  name: 'checker',
  text: 'Judging histories: slowest of several of each kind, median of several times, in processor time',
  run: () => [...CASES.flatMap(measure), ...measureLive(), ...measureLiveJudge()],
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
const REPEATS = 5;
const WARM_UPS = 8;

function measure({ name, most, ...shape }: Case): Row[] {
  const rows: Row[] = [];
  for (const stale of [0, 30]) {
    const histories = SEEDS.map((seed) =>
      prepareLines(shape.values === 'append' ? 'append' : 'kv', largeHistory({ ...shape, seed, stale })),
    );
    const label = `${name}, ${shape.operations} operations${stale > 0 ? ', stale reads' : ''}`;
    rows.push(rowOf(label, histories, ['linearizable'], most));
    if (shape.operations !== 1200) continue;
    const weaker = CONSISTENCIES.filter((each) => each !== 'linearizable');
    const others = weaker.filter((each) => each !== 'sequential');
    rows.push(rowOf(`${label}: all weaker but sequential`, histories, others, 100));
    rows.push(rowOf(`${label}: all weaker`, histories, weaker, null));
  }
  return rows;
}

function rowOf(
  figure: string,
  histories: readonly History[],
  models: readonly Consistency[],
  most: number | null,
): Row {
  const verdicts = new Map<string, number>();
  // A history of its own each time: what is known of one is kept with it.
  const judge = (history: History) => {
    const fresh = { ...history };
    return models.map((consistency) => check(fresh, consistency).verdict).join(' ');
  };
  // The first calls of all compile what they run through.
  for (let round = 0; round < WARM_UPS; round++) for (const history of histories) judge(history);
  const times = histories.map((history) => {
    let verdict = '';
    const samples = Array.from({ length: REPEATS }, () => timed(() => (verdict = judge(history))).processor);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    return percentile(samples, 0.5);
  });
  const seen =
    models.length > 1 ? '' : `, ${[...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`;
  return {
    figure,
    value: Math.round(100 * Math.max(...times)) / 100,
    unit: 'ms',
    note: `${most === null ? 'the search for one order takes most' : `at most ${most}`}${seen}`,
  };
}

/** A class of 300 that goes on for an hour. */
const LIVE: Shape = {
  seed: 1,
  operations: 30_000,
  clients: 300,
  keys: 8,
  unknown: 2,
  values: 'unique',
  stale: 0,
};

/** What each answer costs while it is judged at once. */
function measureLive(): Row[] {
  const { operations } = prepareLines('kv', largeHistory(LIVE));
  follow(operations);
  const costs = follow(operations);
  const micros = (share: number) => Math.round(1_000_000 * percentile(costs, share)) / 1000;
  const figure = `live, ${LIVE.clients} seats, ${LIVE.operations} operations`;
  const note = 'an operation; at most 1000';
  return [
    { figure: `${figure}: median`, value: micros(0.5), unit: 'µs', note },
    { figure: `${figure}: 99th percentile`, value: micros(0.99), unit: 'µs', note },
  ];
}

/** How often the judge of a class of 300 is told what is new, in a class of some minutes. */
const TICKS = 250;

/** All that the judge of a class that goes on does for an operation: its verdict, the anomalies and the scorecard. */
function measureLiveJudge(): Row[] {
  return (['registers', 'counters'] as const).map((objects): Row => {
    const operations = classOf(objects);
    const live = new LiveRun();
    const header = headerFor('etcd', 3);
    const none = { availability: null, window: null };
    const { processor } = timed(() => {
      for (let tick = 0; tick < TICKS; tick++) {
        const from = Math.floor((tick * operations.length) / TICKS);
        const until = Math.floor(((tick + 1) * operations.length) / TICKS);
        const news = operations.slice(from, until).map((operation, i) => ({ at: from + i, operation }));
        const stretches = { from: 0, of: [] };
        live.take({ header, isAnew: tick === 0, operations: news, stretches, groups: [], held: null });
        if (live.run !== null) live.judgeSoFar(live.run, none);
      }
    });
    const value = Math.round((1000 * processor) / operations.length);
    const figure = `live judge, ${LIVE.clients} seats, ${objects}, ${operations.length} operations`;
    return { figure, value, unit: 'µs', note: 'an operation, in processor time; at most 1000' };
  });
}

function classOf(objects: 'registers' | 'counters'): OperationRecord[] {
  const lines = [...largeHistory(LIVE)].sort((a, b) => a.call - b.call);
  let count = 0;
  return lines.map(({ client, op, key, value, out, call, ret, status }, index): OperationRecord => {
    const isRead = op === 'read';
    const isCount = objects === 'counters';
    const result = isCount ? (isRead ? count : ++count) : ((isRead ? out : value) as number);
    return {
      id: `${index}`,
      node: `n${client}`,
      kind: isRead ? 'read' : isCount ? 'like' : 'write',
      key: isCount ? 'likes' : String(key),
      value: isRead || isCount ? null : (value as number),
      options: null,
      invoked: call,
      returned: ret,
      class: status,
      error: null,
      result: status === 'ok' ? { value: result } : null,
    };
  });
}

/** Milliseconds for each operation, as averages of a hundred: a clock is too coarse for one. */
function follow(operations: readonly Operation[]): number[] {
  const moments = operations.flatMap((operation) => {
    const call = { at: operation.call, isReturn: false, operation };
    return isCertain(operation) ? [call, { at: operation.ret, isReturn: true, operation }] : [call];
  });
  moments.sort((a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn));
  const live = new LiveCheck();
  return Array.from({ length: Math.floor(moments.length / 200) }, (_, batch) => {
    const some = moments.slice(200 * batch, 200 * batch + 200);
    const { wall } = timed(() => {
      for (const { isReturn, operation } of some) {
        if (isReturn) live.returned(operation);
        else live.called(operation);
      }
    });
    return wall / 100;
  });
}
