import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { readRecording } from '../../shared/recording/read.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { endOf } from '../../shared/recording/recording.ts';
import { openClass, temporaryFolder, until } from '../support/app.ts';
import { BrowserLine, connectInstructor, join, newRef, studentHello } from '../support/browser-line.ts';
import { runServer, startServerProcess } from '../support/server-process.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Somebody who writes and writes, and comes back by himself: what a page does. */
class Writer {
  readonly line: BrowserLine;
  readonly token: string;
  readonly acknowledged: string[] = [];
  #stopped = false;

  constructor(url: string, room: string, token: string) {
    this.token = token;
    const options = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 300 };
    this.line = new BrowserLine(url, room, studentHello(token), options);
    void this.#write();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #write(): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      const ref = newRef();
      const request = { kind: 'write', key: 'colour', value: `${ref}` };
      while (!this.#stopped) {
        try {
          const answer = (await this.line.socket.timeout(1000).emitWithAck('operate', { ref, request })) as {
            ok: boolean;
          };
          if (answer.ok) {
            this.acknowledged.push(ref);
            break;
          }
        } catch {
          // No answer: the same reference again.
        }
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      await new Promise((resolve) => setTimeout(resolve, 90));
    }
  }
}

test('[A1, A7] kill -9 at any moment, again and again: nothing acknowledged is lost or doubled, everybody is back', async () => {
  const folder = await temporaryFolder();
  let server = await startServerProcess({ DATA_DIR: folder });
  const room = await openClass(server.url, { nodes: 30, system: 'dynamo' });
  const env = { DATA_DIR: folder, PORT: String(server.port) };
  const seats = await Promise.all(Array.from({ length: 30 }, () => join(server.url, room.code)));
  for (const { line } of seats) line.close();
  const writers = seats.map(({ token }) => new Writer(server.url, room.code, token));
  const backMs: number[] = [];
  // Unequal moments, the same in every run.
  for (const pause of [300, 470, 150]) {
    const before = writers.map(({ acknowledged }) => acknowledged.length);
    await until(
      'work goes on',
      () => writers.filter(({ acknowledged }, i) => acknowledged.length > (before[i] ?? 0)).length > 20,
      60_000,
    );
    await new Promise((resolve) => setTimeout(resolve, pause));
    expect(await server.kill('SIGKILL')).toBe('SIGKILL');
    const connects = writers.map(({ line }) => line.connects.length);
    server = await startServerProcess(env);
    const up = performance.now();
    await until(
      'all thirty are back',
      () => writers.every(({ line }, i) => line.connects.length > (connects[i] ?? 0)),
      60_000,
    );
    backMs.push(Math.round(performance.now() - up));
    await until(
      'all have their seats',
      () =>
        writers.every(
          ({ line }) =>
            line.heard.findLastIndex(({ event }) => event === 'seat') >
            line.heard.findLastIndex(({ event }) => event === '*disconnect'),
        ),
      60_000,
    );
  }
  for (const writer of writers) writer.stop();
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const text = await (await fetch(`${server.url}/api/recordings/${room.id}`)).text();
  const { recording, damage } = readRecording(text);
  expect(damage).toBeNull();
  const refs = (recording?.entries ?? []).flatMap(({ ref }) => (ref === null ? [] : [ref]));
  expect(new Set(refs).size).toBe(refs.length);
  const present = new Set(refs);
  expect(acknowledged.filter((ref) => !present.has(ref))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(100);
  if (recording === null) throw new Error('no recording');
  const replay = new Replay(recording);
  replay.play(endOf(recording));
  expect(replay.disagreement).toBeNull();
  console.log(`${acknowledged.length} acknowledged, 0 lost; back after ${backMs.join(', ')} ms`);
  expect(await server.kill('SIGTERM'), server.output()).toBe(0);
});

test('[K1, P1, P5] SIGTERM in the middle of a lesson: written down, browsers told, exit 0, and on it goes; no name in any output', async () => {
  const folder = await temporaryFolder();
  const server = await startServerProcess({ DATA_DIR: folder });
  const room = await openClass(server.url);
  const teacher = await connectInstructor(server.url, room.code, room.secret);
  const ana = await join(server.url, room.code, 'Canary Ana');
  await ana.line.ask('operate', { ref: newRef(), request: { kind: 'write', key: 'colour', value: 'red' } });
  await ana.line.raw('operate', { name: 'Canary' });
  const began = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  for (const line of [teacher, ana.line]) {
    const { reason, retryAfterMs } = await line.next('gone');
    expect(reason).toBe('draining');
    expect(retryAfterMs).toBeLessThanOrEqual(3000);
    // Not "io server disconnect": after that a browser does not come back by itself.
    expect(await line.disconnected()).toBe('transport close');
  }
  const again = await startServerProcess({ DATA_DIR: folder });
  const back = await new BrowserLine(again.url, room.code, studentHello(ana.token)).connected();
  const seat = await back.next('seat');
  expect(seat.class.name).toBe('Canary Ana');
  expect(seat.mirror.ledger.operations).toHaveLength(1);
  expect(await again.kill('SIGINT')).toBe(0);
  const recording = await readFile(path.join(folder, `${room.id}.jsonl`), 'utf8');
  for (const text of [server.output(), again.output(), recording]) {
    for (const secret of ['Canary', room.secret, ana.token, '127.0.0.1:']) {
      expect(text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '')).not.toContain(secret);
    }
  }
  expect(await readdir(folder)).not.toContain('lock');
});

test('[A11, K6] what cannot start says why, and changes nothing', async () => {
  const folder = await temporaryFolder();
  const server = await startServerProcess({ DATA_DIR: folder });
  const [second, wrong, sameport] = await Promise.all([
    runServer({ DATA_DIR: folder }),
    runServer({ DATA_DIR: folder, PORT: '64 kb' }),
    temporaryFolder().then((other) => runServer({ DATA_DIR: other, PORT: String(server.port) })),
  ]);
  expect(second.status).toBe(1);
  expect(second.output).toMatch(/^DATA_DIR: process \d+ already uses/m);
  expect(wrong).toEqual({ status: 2, output: 'PORT: must be a whole number from 0 to 65535\n' });
  expect(sameport.output).toMatch(/^PORT: another program listens there already/m);
  const file = path.join(folder, 'a-folder');
  await mkdir(path.join(file, 'x.jsonl'), { recursive: true });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});
