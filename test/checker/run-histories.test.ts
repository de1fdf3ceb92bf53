import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { judge } from '../../client/src/judge/judge.ts';
import { checkParts, CONSISTENCIES } from '../../shared/checker/check.ts';
import { parseLines } from '../../shared/checker/parse.ts';
import { partsOf } from '../../shared/checker/parts.ts';
import { heldBy } from '../../shared/classroom/observation.ts';
import { historyText } from '../../shared/scripts/history.ts';
import { historyOf } from '../../shared/scripts/judgeable.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript } from '../../shared/scripts/script.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';

const NONE = { availability: null, window: null };
const root = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'quorum-call-histories-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Script = Readonly<Record<string, unknown>>;

/** A class of bots that is cut in three and two for a while. */
function scriptOf(system: string, workload: string): Script {
  return {
    system,
    seed: 11,
    nodes: 5,
    groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
    workload,
    load: { from: 3000, until: 20_000, every: 250 },
    steps: [
      { at: 8000, do: 'cut', between: ['A', 'B'] },
      { at: 14_000, do: 'heal' },
    ],
    until: 30_000,
  };
}

/** What the judge of a console says of a run, and what the file says that is written of it. */
function verdicts(script: Script) {
  const fold = runScript(parseScript(JSON.stringify(script)));
  const { header, world } = fold;
  const { operations } = world;
  const judgement = judge({ header, operations, stretches: [], groups: [], held: heldBy(fold) }, NONE);
  const parts = partsOf(parseLines(historyText(historyOf({ header, operations }))));
  const ofFile = CONSISTENCIES.map(
    (consistency) => `${consistency} ${checkParts(parts, consistency).verdict}`,
  );
  return { judgement, ofFile, parts };
}

const SYSTEMS = ['etcd', 'riak', 'last-write-wins'];

describe.each(WORKLOADS.map(({ id }) => id))('the history of a class with the workload %s', (workload) => {
  test.each(SYSTEMS)('of %s is judged as the class is', (system) => {
    const { judgement, ofFile } = verdicts(scriptOf(system, workload));
    expect(judgement.untested).toEqual([]);
    expect(ofFile).toEqual(judgement.verdicts.map(({ consistency, verdict }) => `${consistency} ${verdict}`));
    expect(ofFile[0]).toMatch(/ok|violated/);
  });
});

describe('keys of which no rule says what is right', () => {
  const at = (time: number, step: object) => ({ at: time, node: 'n1', ...step });
  const page = [at(3000, { do: 'write', key: 'page', value: 'a' }), at(5000, { do: 'read', key: 'page' })];
  const cases: readonly (readonly [name: string, system: string, workload: string, steps: object[]])[] = [
    [
      'what goes with its session',
      'zookeeper',
      'key-value',
      [at(3500, { do: 'create', key: 'worker', value: 'n1', options: { ephemeral: true } })],
    ],
    [
      'a lock that was also written and read',
      'etcd',
      'lock',
      [
        at(3500, { do: 'lock', key: 'page' }),
        at(4000, { do: 'lock', key: 'printer' }),
        at(4500, { do: 'unlock', key: 'printer' }),
      ],
    ],
    [
      'money that came to what is more than an account',
      'etcd',
      'bank',
      [
        at(3500, { do: 'transfer', key: 'alice', to: 'page', value: 5 }),
        at(4000, { do: 'add', key: 'page', value: 'x' }),
        at(5000, { do: 'read', key: 'alice' }),
      ],
    ],
    [
      'a stock that is no stock at first',
      'cassandra',
      'shop',
      [
        at(3500, { do: 'increment', key: 'lamps' }),
        at(4000, { do: 'checkout', key: 'lamps', value: 1 }),
        at(6000, { do: 'read', key: 'lamps' }),
      ],
    ],
  ];

  test.each(cases)('%s: told in the file, and not judged', (_, system, workload, steps) => {
    const script = { system, seed: 3, nodes: 3, workload, steps: [...page, ...steps], until: 20_000 };
    const { judgement, ofFile, parts } = verdicts(script);
    expect(judgement.untested.length).toBeGreaterThan(0);
    expect(parts.flatMap(({ history }) => history.failed)).toEqual([]);
    expect(ofFile).toEqual(judgement.verdicts.map(({ consistency, verdict }) => `${consistency} ${verdict}`));
  });
});

test('`simulate --history`, `replay --history` and `check` agree', { timeout: 60_000 }, () => {
  const [script, recording, history, again] = ['script.json', 'run.jsonl', 'a.jsonl', 'b.jsonl'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(script, JSON.stringify(scriptOf('last-write-wins', 'lock')));
  const run = (program: string, ...args: string[]) => {
    const options = { cwd: root, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, ['scripts/run.mjs', `server/cli/${program}.ts`, ...args], options);
  };
  expect(run('simulate', script, '--record', recording, '--history', history).status).toBe(0);
  expect(run('replay', recording, '--history', again).status).toBe(0);
  const [first, second] = [history, again].map((file) => run('check', file));
  expect(first?.status).toBe(1);
  const said = JSON.parse(first?.stdout ?? '') as { readonly model: string; readonly witness: unknown };
  expect(JSON.parse(second?.stdout ?? '')).toMatchObject({ model: said.model, witness: said.witness });
  const { judgement } = verdicts(scriptOf('last-write-wins', 'lock'));
  expect(judgement.verdicts[0]?.verdict).toBe('violated');
});
