import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../shared/base/assert.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { unpackFold } from '../../shared/wire/whole.ts';
import { WIRE_VERSION } from '../../shared/wire/event.ts';
import { readRecording } from '../../shared/recording/read.ts';
import type { Store } from '../../server/stores/store.ts';
import { openClass, startApp, temporaryFolder, until } from '../support/app.ts';
import {
  BrowserLine,
  connectInstructor,
  connectStudent,
  join,
  newRef,
  studentHello,
} from '../support/browser-line.ts';
import { FaultyDisk } from '../support/faulty-disk.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const write = (value: string) => ({ kind: 'write' as const, key: 'colour', value });
const cutAB = { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false } as const;

describe('coming back', () => {
  test('[G8] after a short absence the tail, after a long one or in another life the whole seat', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const seat = await ana.line.next('seat');
    await until('frames', () => ana.line.all('frame').length > 5);
    ana.line.close();
    const last = ana.line.all('frame').at(-1);
    const inputs = (last?.before ?? 0) + countOf(last?.inputs ?? []);
    const back = await connectStudent(url, room.code, ana.token, { run: seat.run, inputs });
    expect((await back.next('frame')).before).toBe(inputs);
    expect(back.all('seat')).toEqual([]);
    back.close();
    const other = await connectStudent(url, room.code, ana.token, { run: 'another-life', inputs });
    await other.next('seat');
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/resumes_total\{how="tail"\} 1\b/);
  });

  test.each([-1, 1.5, 2 ** 53, 10 ** 9, Number.NaN, null, '7'])(
    '[G9] a resume at %s harms nothing',
    async (inputs) => {
      const { url } = await startApp();
      const room = await openClass(url);
      const ana = await join(url, room.code);
      const { run } = await ana.line.next('seat');
      const back = new BrowserLine(url, room.code, { ...studentHello(ana.token), resume: { run, inputs } });
      if (inputs === 10 ** 9) await back.next('seat');
      else expect(await back.refused()).toBe('not-allowed');
      expect((await connectStudent(url, room.code, ana.token)).socket.connected).toBe(true);
    },
  );

  test('[G10, G11] the newest of several tabs wins, the others are told and stay away', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const tabs = [1, 2, 3].map(
      () => new BrowserLine(url, room.code, studentHello(ana.token), { reconnection: true }),
    );
    await until(
      'one is left',
      () =>
        tabs.every(({ connects }) => connects.length === 1) &&
        tabs.filter(({ socket }) => socket.connected).length === 1 &&
        !ana.line.socket.connected,
    );
    expect((await ana.line.next('gone')).reason).toBe('superseded');
    const winner = tabs.find(({ socket }) => socket.connected);
    expect((await winner?.ask('operate', { ref: newRef(), request: write('x') }))?.ok).toBe(true);
    for (const tab of tabs) {
      if (tab === winner) continue;
      expect((await tab.next('gone')).reason).toBe('superseded');
      expect(await tab.disconnected()).toBe('io server disconnect');
      expect(tab.connects).toHaveLength(1);
    }
  });

  test('a reload is seen by nobody; an absence is, and the policy does to the node what the class chose', async () => {
    const { url } = await startApp({ env: { AWAY_AFTER_MS: '300', LOSS_AFTER_MS: '200' } });
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code);
    await teacher.ask('command', { ref: newRef(), command: { kind: 'policy', onLoss: 'pause' } });
    ana.line.close();
    const reloaded = await connectStudent(url, room.code, ana.token);
    const kinds = () =>
      teacher.all('entries').flatMap(({ entries }) => entries.map(({ command }) => command.kind));
    await reloaded.ask('operate', { ref: newRef(), request: write('fence') });
    await until('the fence', () => kinds().includes('operate'));
    expect(kinds().filter((kind) => kind === 'presence')).toEqual([]);
    reloaded.close();
    await until('the node is paused', () => kinds().includes('pause'));
    expect(kinds().filter((kind) => kind === 'presence')).toHaveLength(1);
    await teacher.next('people', ({ people }) => people[0]?.presence === 'away');
    const back = await connectStudent(url, room.code, ana.token);
    await until('the node goes on', () => kinds().includes('resume'));
    expect(kinds().filter((kind) => kind === 'presence')).toHaveLength(2);
    await teacher.ask('command', { ref: newRef(), command: { kind: 'policy', onLoss: 'crash' } });
    back.close();
    await until('the node has crashed', () => kinds().includes('crash'));
    // By a restart in between it is not forgotten why.
    await connectStudent(url, room.code, ana.token);
    await until('the node is restarted', () => kinds().includes('restart'));
  });
});

describe('the server comes back', () => {
  test('[A3, A4, I7] as killed at any moment: every acknowledged command is there once, and asked again it stays once', async () => {
    const first = await startApp();
    const room = await openClass(first.url);
    const teacher = await connectInstructor(first.url, room.code, room.secret);
    const ana = await join(first.url, room.code);
    const ref = newRef();
    const asked = await ana.line.ask('operate', { ref, request: write('red') });
    const cut = await teacher.ask('command', { ref: newRef(), command: cutAB });
    const shown = teacher.all('clock').at(-1)?.now ?? 0;
    // What a kill leaves behind is what is on the disk at that moment.
    const folder = await temporaryFolder();
    await cp(first.folder, folder, { recursive: true, filter: (file) => !file.endsWith('lock') });
    await first.stop();
    const second = await startApp({ folder });
    const back = await connectStudent(second.url, room.code, ana.token);
    expect(await back.ask('operate', { ref, request: write('red') })).toEqual(asked);
    const watcher = await connectInstructor(second.url, room.code, room.secret);
    const { header, state, entries, now } = await watcher.next('recording');
    expect(now).toBeGreaterThanOrEqual(shown);
    const fold = state === null ? new Fold(header) : unpackFold(header, state);
    for (const entry of entries) fold.apply(entry);
    expect(fold.seq).toBeGreaterThanOrEqual(cut.ok ? cut.seq : 0);
    expect(fold.world.isCut('n1', 'n5')).toBe(true);
    expect(fold.world.operations.filter(({ node }) => node === 'n1')).toHaveLength(1);
  });

  test('a torn tail is cut off and reported; a damaged middle is left as it is and not gone on with', async () => {
    const first = await startApp();
    const [torn, flipped] = [await openClass(first.url), await openClass(first.url)];
    for (const room of [torn, flipped]) {
      const teacher = await connectInstructor(first.url, room.code, room.secret);
      for (let i = 0; i < 3; i++)
        await teacher.ask('command', { ref: newRef(), command: { kind: 'pace', perMille: 100 + i } });
    }
    await first.stop();
    const tornFile = path.join(first.folder, `${torn.id}.jsonl`);
    const flippedFile = path.join(first.folder, `${flipped.id}.jsonl`);
    const whole = await readFile(tornFile);
    await truncate(tornFile, whole.length - 5);
    const bytes = await readFile(flippedFile);
    const middle = bytes.indexOf('"perMille"') + 12;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(flippedFile, bytes);

    const second = await startApp({ folder: first.folder });
    await connectInstructor(second.url, torn.code, torn.secret);
    expect(second.journal.some((line) => line.includes('"torn":true'))).toBe(true);
    const refused = new BrowserLine(second.url, flipped.code, {
      wire: WIRE_VERSION,
      role: 'instructor',
      secret: flipped.secret,
    });
    expect(await refused.refused()).toBe('ended');
    expect((await readFile(flippedFile)).equals(bytes)).toBe(true);
    const download = await (await fetch(`${second.url}/api/recordings/${flipped.id}`)).text();
    expect(bytes.toString().startsWith(download)).toBe(true);
    expect(readRecording(download).damage).toBeNull();
    const list = (await (await fetch(`${second.url}/api/recordings`)).json()) as {
      recordings: { id: string; damaged: unknown }[];
    };
    expect(list.recordings.find(({ id }) => id === flipped.id)?.damaged).toMatch(/line \d/);
  });

  test('a classroom that nobody looks at leaves memory, and its code brings it back', async () => {
    const { url, app } = await startApp({ env: { UNLOAD_AFTER_MS: '0' } });
    const room = await openClass(url);
    const ana = await join(url, room.code);
    await ana.line.ask('operate', { ref: newRef(), request: write('red') });
    await app.registry.sweep();
    expect(app.registry.classrooms).toHaveLength(1);
    ana.line.close();
    await until('nobody is there', () => app.registry.classrooms[0]?.connected === 0);
    await app.registry.sweep();
    expect(app.registry.classrooms).toHaveLength(0);
    const back = await connectStudent(url, room.code, ana.token);
    expect((await back.next('seat')).mirror.ledger.operations).toHaveLength(1);
  });
});

describe('what cannot be recorded does not happen', () => {
  test('[D4] a full disk: commands are refused, time stands, and it goes on by itself when there is space', async () => {
    const faulty = new FaultyDisk();
    const { url } = await startApp({ disk: faulty.disk });
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code);
    faulty.failing.set('write', 'short');
    const refused = await teacher.ask('command', { ref: newRef(), command: cutAB });
    expect(refused).toMatchObject({ ok: false, code: 'cannot-record' });
    await teacher.next('people', ({ trouble }) => trouble !== null);
    const stood = teacher.all('clock').at(-1)?.now;
    expect(await ana.line.ask('operate', { ref: newRef(), request: write('x') })).toMatchObject({
      code: 'cannot-record',
    });
    expect(teacher.all('clock').at(-1)?.now).toBe(stood);
    faulty.failing.clear();
    const heard = teacher.heard.length;
    await teacher.next('people', ({ trouble }) => trouble === null, heard);
    expect((await teacher.ask('command', { ref: newRef(), command: cutAB })).ok).toBe(true);
    expect(readRecording(await (await fetch(`${url}/api/recordings/${room.id}`)).text()).damage).toBeNull();
  });

  test('[D6] a failed sync: what waits for it is never acknowledged, and the classroom stops for good', async () => {
    const faulty = new FaultyDisk();
    const { url } = await startApp({ disk: faulty.disk });
    const room = await openClass(url);
    const other = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    faulty.failing.set('datasync', 'EIO');
    let answered: unknown = null;
    teacher.socket.emit(
      'command',
      { ref: newRef(), command: cutAB },
      (answer: unknown) => (answered = answer),
    );
    await teacher.next('people', ({ trouble }) => trouble !== null);
    faulty.failing.clear();
    expect(await teacher.ask('command', { ref: newRef(), command: cutAB })).toMatchObject({
      ok: false,
      code: 'internal',
    });
    expect(answered).toBeNull();
    // The other class does not notice.
    expect((await join(url, other.code)).node).toBe('n1');
  });

  test('[A9] a command that the cluster chokes on stops that classroom alone', async () => {
    const { url, app } = await startApp();
    const [room, other] = [await openClass(url), await openClass(url)];
    const teacher = await connectInstructor(url, room.code, room.secret);
    const fold = app.registry.classroomOf(room.id)?.sequencer.fold;
    if (fold === undefined) throw new Error('no classroom');
    fold.world.apply = () => {
      throw new InvariantError('by the test');
    };
    let answered: unknown = null;
    teacher.socket.emit(
      'command',
      { ref: newRef(), command: cutAB },
      (answer: unknown) => (answered = answer),
    );
    await teacher.next('people', ({ trouble }) => trouble?.includes('by the test') === true);
    expect(
      await teacher.ask('command', { ref: newRef(), command: { kind: 'lock', locked: true } }),
    ).toMatchObject({ code: 'internal' });
    expect(answered).toBeNull();
    expect((await join(url, other.code)).node).toBe('n1');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('the output gate: nothing of a command is shown before its line is written', async () => {
    let open: () => void = () => undefined;
    let held: Promise<void> | null = null;
    const wrapStore = (store: Store): Store => ({
      ...bound(store),
      async create(id, lines) {
        const log = await store.create(id, lines);
        return {
          append: async (more) => {
            await held;
            await log.append(more);
          },
          sync: () => log.sync(),
          close: () => log.close(),
        };
      },
    });
    const { url } = await startApp({ wrapStore });
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code);
    held = new Promise((resolve) => (open = resolve));
    const [cut, operation] = [newRef(), newRef()];
    teacher.socket.emit('command', { ref: cut, command: cutAB });
    let answer: unknown = null;
    ana.line.socket.emit(
      'operate',
      { ref: operation, request: write('too soon') },
      (given: unknown) => (answer = given),
    );
    // A fence that goes round the recording: names are none of its business.
    await teacher.ask('people', { kind: 'names', shown: true });
    await ana.line.ask('rename', { name: 'Fence' });
    const everything = JSON.stringify([teacher.heard, ana.line.heard]);
    expect(everything).not.toContain(cut);
    expect(everything).not.toContain('too soon');
    expect(answer).toBeNull();
    open();
    held = null;
    await until('both are shown', () => {
      const seen = JSON.stringify(teacher.heard);
      return seen.includes(cut) && seen.includes(operation) && answer !== null;
    });
  });
});

/** The inputs in a flat array that holds only what an etcd node is sent. */
function countOf(flat: readonly unknown[]): number {
  let count = 0;
  for (let i = 0; i < flat.length; count++) {
    const code = flat[i + 2];
    i += 3 + ([0, 3, 4, 4, 2, 1, 1, 1, 1, 0, 0, 1][Number(code)] ?? 0);
  }
  return count;
}

/** A store's methods as own members, so that one of them can be replaced. */
function bound(store: Store): Store {
  return {
    list: () => store.list(),
    create: (id, lines) => store.create(id, lines),
    open: (id) => store.open(id),
    firstLine: (id) => store.firstLine(id),
    read: (id, bytesMax) => store.read(id, bytesMax),
    readSide: (id) => store.readSide(id),
    writeSide: (id, text) => store.writeSide(id, text),
    remove: (id) => store.remove(id),
    close: () => store.close(),
  };
}
