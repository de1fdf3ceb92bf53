import { describe, expect, test } from 'vitest';
import { LiveRun } from '../../client/src/judge/live-run.ts';
import { judge, type JudgedRun } from '../../client/src/judge/judge.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript } from '../../shared/scripts/script.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';

const NONE = { availability: null, window: null };
const EVERY = 1000;

function runOf(system: string, seed: number, workload: string, every = 150): JudgedRun {
  const script = {
    system,
    seed,
    nodes: 5,
    groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
    workload,
    load: { from: 2000, every },
    steps: [
      { at: 10_000, do: 'cut', between: ['A', 'B'] },
      { at: 25_000, do: 'heal' },
    ],
    until: 40_000,
  };
  const { header, world } = runScript(parseScript(JSON.stringify(script)));
  return { header, operations: world.operations, stretches: [], groups: [], held: null };
}

/** An operation as it stood at a time; null when it had not been asked. */
function asOf(operation: OperationRecord, time: number): OperationRecord | null {
  if (operation.invoked > time) return null;
  const isOpen = operation.returned === null || operation.returned > time;
  return isOpen ? { ...operation, returned: null, class: 'info', error: null, result: null } : operation;
}

/** Tells the judge of a run second by second, as a console does, and returns what he said each time. */
function follow({ operations, ...rest }: JudgedRun): {
  readonly live: LiveRun;
  readonly said: readonly string[];
} {
  const live = new LiveRun();
  const known = new Map<number, string>();
  const said: string[] = [];
  for (let time = 0; time <= 40_000; time += EVERY) {
    const news = operations.flatMap((operation, at) => {
      const now = asOf(operation, time);
      const text = String(now?.returned);
      if (now === null || known.get(at) === text) return [];
      known.set(at, text);
      return [{ at, operation: now }];
    });
    live.take({ ...rest, isAnew: time === 0, operations: news, stretches: { from: 0, of: [] } });
    if (live.run !== null) said.push(live.judgeSoFar(live.run, NONE).verdicts[0]?.verdict ?? '');
  }
  return { live, said };
}

describe.each(['etcd', 'zookeeper', 'hbase', 'cassandra', 'dynamo', 'last-write-wins', 'couchdb', 'riak'])(
  'a class with %s, judged as it goes on',
  (system) => {
    test('what is said at once is what the whole history says', () => {
      const run = runOf(system, 3, 'key-value');
      const { live, said } = follow(run);
      const whole = judge(run, NONE).verdicts[0];
      expect([whole?.verdict, 'unknown']).toContain(said.at(-1));
      // Once broken, always broken.
      const broken = said.indexOf('violated');
      if (broken >= 0) expect(new Set(said.slice(broken))).toEqual(new Set(['violated']));
      if (live.run === null) throw new Error('nothing was told');
      const full = live.judgeInFull(live.run, NONE);
      expect(full.verdicts.map(({ verdict }) => verdict)).toEqual(
        judge(run, NONE).verdicts.map(({ verdict }) => verdict),
      );
    });
  },
);

test('where a store names its versions, students who write the same four words are judged at once', () => {
  for (const system of ['etcd', 'zookeeper', 'hbase', 'cassandra']) {
    expect(follow(runOf(system, 3, 'key-value')).said.at(-1), system).not.toBe('unknown');
  }
});

test('what is more than a register is said to need the whole history', () => {
  expect(follow(runOf('etcd', 3, 'feed')).said.at(-1)).toBe('unknown');
});

test('in a long class what went wrong is looked for when enough is new, and at last when nothing more comes', () => {
  const run = runOf('last-write-wins', 3, 'key-value', 33);
  expect(run.operations.length).toBeGreaterThan(1100);
  const { live } = follow(run);
  if (live.run === null) throw new Error('nothing was told');
  const whole = judge(run, NONE);
  expect(whole.mishaps.length).toBeGreaterThan(0);
  live.take({ ...run, isAnew: false, operations: [], stretches: { from: 0, of: [] } });
  const { mishaps, stale, scorecard } = live.judgeSoFar(live.run, NONE);
  expect({ mishaps, stale, scorecard }).toEqual({
    mishaps: whole.mishaps,
    stale: whole.stale,
    scorecard: whole.scorecard,
  });
});
