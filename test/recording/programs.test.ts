import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'quorum-call-programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => path.join(folder, name);

/** Runs a program as npm run does, in a process of its own. */
function run(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['scripts/run.mjs', `server/cli/${program}.ts`, ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

const script = {
  system: 'etcd',
  seed: 5,
  nodes: 3,
  steps: [
    { at: 2500, do: 'write', node: 'n1', key: 'x', value: 'grün' },
    { at: 3000, do: 'isolate', node: 'leader' },
  ],
  until: 6000,
};
writeFileSync(file('good.json'), JSON.stringify(script));
writeFileSync(file('bad.json'), JSON.stringify({ ...script, steps: [{ at: 1, do: 'crash', node: 'n9' }] }));

describe('simulate and replay', { timeout: 240_000 }, () => {
  test('the same bytes every time; the recording replays to them, stops where it is told to, and verifies', () => {
    const first = run('simulate', file('good.json'), '--record', file('run.jsonl'));
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(run('simulate', file('good.json')).stdout).toBe(first.stdout);
    expect(run('replay', file('run.jsonl'))).toMatchObject({ status: 0, stdout: first.stdout });
    const part = JSON.parse(run('replay', file('run.jsonl'), '--at', '2400').stdout) as {
      operations: object[];
    };
    expect(part.operations).toEqual([]);
    expect(JSON.parse(run('replay', file('run.jsonl'), '--verify').stdout)).toMatchObject({
      ok: true,
      entries: 2,
    });
  });

  test('a script that is wrong: status 2, the field named, nothing on standard output', () => {
    expect(run('simulate', file('bad.json'))).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `${file('bad.json')}: steps[0].node: there is no node n9\n`,
    });
    expect(run('simulate', file('none.json'))).toMatchObject({ status: 2, stdout: '' });
    expect(run('simulate')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Usage') as string,
    });
  });

  test('where a key is kept: the preference list, of a key in a further store too; an error where there is none', () => {
    const stores = { stock: { system: 'redis-cluster' }, config: { system: 'etcd' } };
    const placing = { system: 'dynamo', knobs: { n: 2 }, seed: 1, nodes: 5, stores, steps: [], until: 1 };
    writeFileSync(file('ring.json'), JSON.stringify(placing));
    const place = (key: string) => run('simulate', '--placement', key, file('ring.json'));
    const ring = JSON.parse(place('order').stdout) as { nodes: string[] };
    expect(ring).toMatchObject({ key: 'order', system: 'dynamo' });
    expect(new Set(ring.nodes).size).toBe(2);
    expect(JSON.parse(place('stock/lamp').stdout)).toMatchObject({ system: 'redis-cluster' });
    expect(place('config/x')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('etcd keeps no key at nodes of its own') as string,
    });
    // CLUSTER KEYSLOT bar is 5061: in the first third of the slots, which the first master has.
    writeFileSync(file('slots.json'), JSON.stringify({ ...placing, system: 'redis-cluster', knobs: {} }));
    const slots = run('simulate', '--placement', 'bar', file('slots.json')).stdout;
    expect(JSON.parse(slots)).toEqual({ key: 'bar', system: 'redis-cluster', nodes: ['n1', 'n4'] });
    expect(run('simulate', '--placement', 'x', '--record', 'y', file('ring.json')).status).toBe(2);
  });

  test('a recording that is damaged: status 1, the line named, nothing on standard output', () => {
    run('simulate', file('good.json'), '--record', file('whole.jsonl'));
    const text = readFileSync(file('whole.jsonl'), 'utf8');
    writeFileSync(file('changed.jsonl'), text.replace('grün', 'grau'));
    for (const option of [[], ['--verify']]) {
      const { status, stdout, stderr } = run('replay', file('changed.jsonl'), ...option);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain('line 2, after entry 0: does not follow from the line before it');
    }
    expect(run('replay', file('none.jsonl'))).toMatchObject({ status: 2, stdout: '' });
    expect(run('replay', file('whole.jsonl'), '--at', 'noon')).toMatchObject({ status: 2, stdout: '' });
  });
});
