import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'quorum-call-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Judges some lines as `npm run check` does, in a process of its own. */
function check(lines: readonly string[], ...options: string[]) {
  const file = path.join(folder, 'history.jsonl');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const args = ['scripts/run.mjs', 'server/cli/check.ts', file, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const write = (value: number, call: number) =>
  JSON.stringify({ client: 1, op: 'write', key: 'x', value, out: null, call, ret: call + 5, status: 'ok' });
const read = (out: number, call: number) =>
  JSON.stringify({ client: 2, op: 'read', key: 'x', value: null, out, call, ret: call + 5, status: 'ok' });

test('the exit status says the verdict', { timeout: 60_000 }, () => {
  expect(check([write(1, 0), read(1, 10)]).status).toBe(0);
  expect(check([write(1, 0), write(2, 10), read(1, 20)]).status).toBe(1);
  expect(check([write(1, 0), write(1, 1), write(2, 2), read(1, 3)], '--steps', '0').status).toBe(3);
  expect(check([write(1, 0)]).status).toBe(4);
});

test('a bad line is named, and nothing is printed', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = check([write(1, 0), '{"op":']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('line 2: is not JSON');
});

test('a history of several kinds of objects is judged key by key', { timeout: 60_000 }, () => {
  const like = (out: number, call: number) =>
    JSON.stringify({
      client: 1,
      op: 'increment',
      key: 'likes',
      value: 1,
      out,
      call,
      ret: call + 5,
      status: 'ok',
    });
  const post = JSON.stringify({ client: 1, op: 'append', key: 'feed', value: 'hello', call: 0, ret: 5 });
  const feed = (out: string[], call: number) =>
    JSON.stringify({ client: 2, op: 'read', key: 'feed', out, call, ret: call + 5 });
  expect(check([like(1, 0), like(2, 10), post, feed(['hello'], 20)]).status).toBe(0);
  const lost = check([like(1, 0), like(1, 10), post, feed(['hello'], 20)]);
  expect(lost.status).toBe(1);
  expect(JSON.parse(lost.stdout)).toMatchObject({ model: 'counter + kv', operations: 4, keys: 2 });
});
