import { describe, expect, test } from 'vitest';
import { judge, type Mishap, type RunJudgement, type Verdict } from '../../client/src/judge/judge.ts';
import type { Stretch } from '../../shared/checker/scorecard.ts';
import { heldBy } from '../../shared/classroom/observation.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript } from '../../shared/scripts/script.ts';

type Step = { readonly at: number; readonly do: string; readonly node: string; readonly key: string } & {
  readonly [field: string]: unknown;
};

const A = ['n1', 'n2', 'n3'];
const B = ['n4', 'n5'];
const NONE = { availability: null, window: null };
const SPLIT: Stretch = {
  from: 5000,
  until: 30_000,
  sides: [A, B].map((nodes) => ({ nodes, groups: [], acceptsWrites: true })),
  isSplit: true,
  diverged: 0,
  conflicts: 0,
};

/** A class of five that is cut in three and two from 5 s to 30 s, as the judge sees it. */
function judged(workload: string, system: string, steps: readonly Step[], stores?: object): RunJudgement {
  const script = {
    system,
    seed: 5,
    nodes: 5,
    groups: { A, B },
    ...(stores === undefined ? {} : { stores }),
    workload,
    steps: [{ at: 5000, do: 'cut', between: ['A', 'B'] }, { at: 30_000, do: 'heal' }, ...steps],
    until: 90_000,
  };
  const fold = runScript(parseScript(JSON.stringify(script)));
  const { header, world } = fold;
  const run = { header, operations: world.operations, stretches: [SPLIT], groups: [], held: heldBy(fold) };
  return judge(run, NONE);
}

function linearizable({ verdicts }: RunJudgement): Verdict | undefined {
  return verdicts.find(({ consistency }) => consistency === 'linearizable');
}

type Case = {
  readonly workload: string;
  readonly steps: readonly Step[];
  /** A system that lets it go wrong, and one that does not. */
  readonly fails: string;
  readonly holds: string;
  readonly stores?: object;
  readonly kind: Mishap['kind'];
  /** What the story of the broken rule says. */
  readonly story: RegExp;
};

const CASES: readonly Case[] = [
  {
    workload: 'key-value',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 3000, do: 'write', node: 'n1', key: 'colour', value: 'red' },
      { at: 8000, do: 'write', node: 'n4', key: 'colour', value: 'blue' },
      { at: 9000, do: 'write', node: 'n2', key: 'colour', value: 'red' },
      { at: 12_000, do: 'read', node: 'n5', key: 'colour' },
      { at: 60_000, do: 'read', node: 'n4', key: 'colour' },
    ],
    kind: 'stale read',
    story:
      /n5 read blue at 12\.\d\d s, after n2's write of red .*; they were on opposite sides of the cut made at 5\.00 s/,
  },
  {
    workload: 'cart',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 3000, do: 'add', node: 'n1', key: 'cart', value: 'bread' },
      { at: 8000, do: 'remove', node: 'n1', key: 'cart', value: 'bread' },
      { at: 9000, do: 'add', node: 'n4', key: 'cart', value: 'figs' },
      { at: 60_000, do: 'read', node: 'n2', key: 'cart' },
    ],
    kind: 'resurrected delete',
    story: /n2 read .*bread.* n1 had removed/,
  },
  {
    workload: 'bank',
    fails: 'last-write-wins',
    holds: 'two-phase-commit',
    steps: [
      { at: 8000, do: 'transfer', node: 'n1', key: 'alice', to: 'bob', value: 80 },
      { at: 9000, do: 'transfer', node: 'n4', key: 'alice', to: 'carol', value: 80 },
      { at: 60_000, do: 'read', node: 'n2', key: 'alice' },
    ],
    kind: 'double spend',
    story: /transfer of 80 from alice to carol/,
  },
  {
    workload: 'seats',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 8000, do: 'reserve', node: 'n1', key: '1A', value: 'Ada' },
      { at: 9000, do: 'reserve', node: 'n4', key: '1A', value: 'Grace' },
      { at: 60_000, do: 'read', node: 'n2', key: '1A' },
    ],
    kind: 'double booking',
    story:
      /n4 took 1A for Grace at 9\.\d\d s, while n1 had it for Ada since 8\.\d\d s; .* cut made at 5\.00 s/,
  },
  {
    workload: 'stock',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 8000, do: 'checkout', node: 'n1', key: 'tickets', value: 6 },
      { at: 9000, do: 'checkout', node: 'n4', key: 'tickets', value: 6 },
      { at: 60_000, do: 'read', node: 'n2', key: 'tickets' },
    ],
    kind: 'oversold stock',
    story: /n1 took 6 and left 4 at 8\.\d\d s.*n4 took 6 and left 4 at 9\.\d\d s/,
  },
  {
    workload: 'feed',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 3000, do: 'post', node: 'n1', key: 'wall', value: 'hello' },
      { at: 8000, do: 'like', node: 'n1', key: 'likes' },
      { at: 9000, do: 'like', node: 'n4', key: 'likes' },
      { at: 60_000, do: 'read', node: 'n2', key: 'likes' },
      { at: 61_000, do: 'read', node: 'n2', key: 'wall' },
    ],
    kind: 'lost update',
    story: /n1 added 1 and got 1 at 8\.\d\d s.*n4 added 1 and got 1 at 9\.\d\d s/,
  },
  {
    workload: 'chat',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 8000, do: 'send', node: 'n1', key: 'room', value: 'hello' },
      { at: 9000, do: 'send', node: 'n4', key: 'room', value: 'bye' },
      { at: 60_000, do: 'read', node: 'n2', key: 'room' },
    ],
    kind: 'lost acknowledged write',
    story: /n2 read .* did not see hello, which n1 had/,
  },
  {
    workload: 'chat',
    fails: 'primary-replica',
    holds: 'single-copy',
    steps: [
      { at: 8000, do: 'send', node: 'n1', key: 'room', value: 'hello' },
      { at: 12_000, do: 'read', node: 'n5', key: 'room' },
      { at: 60_000, do: 'read', node: 'n2', key: 'room' },
    ],
    kind: 'stale read',
    story: /n5 read .* did not see hello, which n1 had/,
  },
  {
    workload: 'lock',
    fails: 'last-write-wins',
    holds: 'etcd',
    steps: [
      { at: 8000, do: 'lock', node: 'n1', key: 'printer', value: 'Ada' },
      { at: 9000, do: 'lock', node: 'n4', key: 'printer', value: 'Grace' },
      { at: 60_000, do: 'unlock', node: 'n1', key: 'printer' },
    ],
    kind: 'two lock holders',
    story: /n4 took the lock printer for Grace .*, while n1 had it for Ada since 8\.\d\d s/,
  },
  {
    workload: 'configuration',
    fails: 'primary-replica',
    holds: 'etcd',
    steps: [
      { at: 3000, do: 'write', node: 'n1', key: 'feature', value: 'on' },
      { at: 8000, do: 'write', node: 'n1', key: 'feature', value: 'off' },
      { at: 9000, do: 'watch', node: 'n5', key: 'feature' },
      { at: 12_000, do: 'read', node: 'n5', key: 'feature' },
      { at: 60_000, do: 'read', node: 'n5', key: 'feature' },
    ],
    kind: 'stale read',
    story: /n5 read on at 12\.\d\d s, after n1's write of off was acknowledged at 8\.\d\d s; .* cut/,
  },
  {
    workload: 'shop',
    fails: 'dynamo',
    holds: 'dynamo',
    stores: { stock: { system: 'etcd' } },
    steps: [
      { at: 3000, do: 'add', node: 'n1', key: 'cart/basket', value: 'lamp' },
      { at: 8000, do: 'checkout', node: 'n1', key: 'stock/lamp', value: 6 },
      { at: 9000, do: 'checkout', node: 'n4', key: 'stock/lamp', value: 6 },
      { at: 60_000, do: 'read', node: 'n2', key: 'cart/basket' },
    ],
    kind: 'oversold stock',
    story: /n1 took 6 and left 4 at 8\.\d\d s.*n4 took 6 and left 4 at 9\.\d\d s/,
  },
];

describe.each(CASES)(
  '$workload, $fails against $holds',
  ({ workload, steps, fails, holds, stores, kind, story }) => {
    test('what goes wrong is found, by its name and with a story', () => {
      const judgement = judged(workload, fails, steps);
      expect(judgement.untested).toEqual([]);
      expect(judgement.mishaps.map((mishap) => mishap.kind)).toContain(kind);
      expect(linearizable(judgement)).toMatchObject({ verdict: 'violated' });
      expect(linearizable(judgement)?.story).toMatch(story);
      expect(linearizable(judgement)?.witness.length).toBeGreaterThan(0);
      expect(linearizable(judgement)?.at).toBeGreaterThan(5000);
    });

    test('where it cannot go wrong nothing is found', () => {
      const judgement = judged(workload, holds, steps, stores);
      expect(judgement.untested).toEqual([]);
      expect(judgement.mishaps).toEqual([]);
      expect(linearizable(judgement)?.verdict).toBe('ok');
    });
  },
);
