import { describe, expect, test, vi } from 'vitest';
import { clone } from '../../shared/base/json.ts';
import { Mirror } from '../../shared/sim/mirror.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { unpackFold } from '../../shared/wire/whole.ts';
import { setupOf } from '../../shared/recording/setup.ts';
import { unflatten } from '../../shared/wire/frame.ts';
import { unpackMirror } from '../../shared/wire/seat.ts';
import { WIRE_VERSION } from '../../shared/wire/event.ts';
import { SERVER_EVENTS, type ServerEventName } from '../../shared/wire/events.ts';
import * as v from 'valibot';
import { openClass, startApp, until } from '../support/app.ts';
import {
  BrowserLine,
  connectInstructor,
  connectScreen,
  connectStudent,
  join,
  newRef,
  studentHello,
  type Seated,
} from '../support/browser-line.ts';

// Slow machines are slow; nothing here waits for a fixed time.
vi.setConfig({ testTimeout: 40_000 });

const write = (value: string) => ({ kind: 'write' as const, key: 'colour', value });
const cutAB = { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false } as const;

/** A browser's own node, computed from what arrived. */
function mirrorOf({ line }: Pick<Seated, 'line'>): Mirror {
  const seat = line.all('seat').at(-1);
  if (seat === undefined) throw new Error('no seat arrived');
  const world = setupOf({
    format: 'quorum-call',
    version: 1,
    engine: 1,
    id: 'x',
    opened: null,
    system: seat.system,
    knobs: seat.knobs,
    workload: seat.workload,
    seed: 0,
    nodes: seat.nodes,
    groups: {},
    network: { delay: 1, jitter: 0 },
  });
  const mirror = new Mirror(world, clone(unpackMirror(world, seat.mirror)));
  const after = line.heard.slice(line.heard.findLastIndex(({ event }) => event === 'seat'));
  for (const { event, payload } of after) {
    if (event !== 'frame') continue;
    const frame = v.parse(SERVER_EVENTS.frame.schema, payload);
    expect(frame.before).toBe(mirror.node.inputs);
    for (const input of unflatten(frame.inputs)) mirror.take(input);
    mirror.advance(frame.now);
  }
  return mirror;
}

describe('a class', () => {
  test.each(['etcd', 'dynamo'])(
    '%s: students become nodes, and their browsers compute what the server computes',
    async (system) => {
      const { url } = await startApp();
      const room = await openClass(url, { system });
      const ana = await join(url, room.code, 'Ana');
      const ben = await join(url, room.code, 'Ana');
      expect([ana.name, ben.name]).toEqual(['Ana', 'Ana 2']);
      // The smaller group first, then in turn where fewest sit.
      expect([ana.node, ben.node]).toEqual(['n1', 'n3']);
      const answer = await ana.line.ask('operate', { ref: newRef(), request: write('red') });
      expect(answer.ok).toBe(true);
      await until('the write has its outcome', () => mirrorOf(ana).operations[0]?.class === 'ok');
      const asked = await ana.line.next('frame', ({ report }) => report);
      const mirror = mirrorOf({ line: cutAfter(ana.line, asked) });
      const reply = await ana.line.ask('digest', { inputs: mirror.node.inputs, digest: mirror.digest() });
      expect(reply).toEqual({ ok: true, agrees: true });
      for (const { event, payload } of ana.line.heard) {
        if (Object.hasOwn(SERVER_EVENTS, event))
          v.parse(SERVER_EVENTS[event as ServerEventName].schema, payload);
      }
    },
  );

  test('a browser that computed something else is given its seat anew', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const asked = await ana.line.next('frame', ({ report }) => report);
    const inputs = mirrorOf({ line: cutAfter(ana.line, asked) }).node.inputs;
    const answer = await ana.line.ask('digest', { inputs, digest: '0'.repeat(16) });
    expect(answer).toEqual({ ok: true, agrees: false });
    await until('a second seat', () => ana.line.all('seat').length === 2);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/digests_disagreeing_total 1\b/);
  });

  test('instructor and screen fold the same recording that the file holds', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code);
    await ana.line.ask('operate', { ref: newRef(), request: write('red') });
    expect((await teacher.ask('command', { ref: newRef(), command: cutAB })).ok).toBe(true);
    // Comes when the cut stands already.
    const late = await connectScreen(url, room.code);
    const shown = teacher.all('clock').length;
    for (const watcher of [teacher, late]) {
      const { digest, now } = await watcher.next(
        'clock',
        (clock) =>
          clock.digest !== null &&
          !teacher
            .all('clock')
            .slice(0, shown)
            .some((old) => old.now >= clock.now),
      );
      const { header, state, entries } = await watcher.next('recording');
      const fold = state === null ? new Fold(header) : unpackFold(header, state);
      const rest = watcher.all('entries').flatMap((batch) => batch.entries);
      for (const entry of [...entries, ...rest])
        if (entry.seq > fold.seq && entry.at <= now) fold.apply(entry);
      fold.advance(now);
      expect(fold.digest()).toBe(digest);
      expect(fold.world.isCut('n1', 'n5')).toBe(true);
    }
  });

  test('a late joiner during a cut gets in, and hears only what its own side knows', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    await teacher.ask('command', { ref: newRef(), command: cutAB });
    const ana = await join(url, room.code);
    expect(ana.node).toBe('n1');
    await until('n1 tries to be elected', () => mirrorOf(ana).view.role !== 'follower');
    expect(Object.keys(mirrorOf(ana).heard).filter((peer) => ['n3', 'n4', 'n5'].includes(peer))).toEqual([]);
  });

  test('held time stands, and steps by event and by frame', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    expect(await teacher.ask('step', { by: 'frame' })).toMatchObject({ ok: false, code: 'refused' });
    await teacher.ask('command', { ref: newRef(), command: { kind: 'hold', held: true } });
    const first = await teacher.ask('step', { by: 'frame' });
    const second = await teacher.ask('step', { by: 'frame' });
    if (!first.ok || !second.ok) throw new Error('a step was refused');
    expect(second.now).toBe(first.now + 100);
    const third = await teacher.ask('step', { by: 'event' });
    if (!third.ok) throw new Error('a step was refused');
    expect(third.now).toBeGreaterThan(second.now);
    expect(third.now).toBeLessThan(second.now + 2000);
    const ana = await join(url, room.code);
    expect((await ana.line.next('seat')).class.held).toBe(true);
    expect((await ana.line.next('seat')).mirror.now).toBe(third.now);
  });

  test('[I7] a command asked twice has one effect and the same answer', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const ref = newRef();
    const answers = await Promise.all(
      [1, 2, 3].map(() => ana.line.ask('operate', { ref, request: write('once') })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const text = await (await fetch(`${url}/api/recordings/${room.id}`)).text();
    expect(text.split('"operate"').length - 1).toBe(1);
  });

  test('people: rename, remove, block, lock, leave, and a full class', async () => {
    const { url } = await startApp();
    const room = await openClass(url, { nodes: 2 });
    const teacher = await connectInstructor(url, room.code, room.secret);
    const screen = await connectScreen(url, room.code);
    const ana = await join(url, room.code, 'Ana');
    const ben = await join(url, room.code, 'Ben');
    const third = await connectStudent(url, room.code);
    expect(await third.ask('join', { ref: newRef(), name: null })).toMatchObject({ ok: false, code: 'full' });
    expect(await ben.line.ask('rename', { name: ' ana\u202e ' })).toEqual({ ok: true, name: 'ana 2' });
    await ben.line.next('class', ({ name }) => name === 'ana 2');
    await teacher.next('people', ({ people }) => people.some(({ name }) => name === 'ana 2'));
    expect(screen.all('names').every(({ names }) => Object.keys(names).length === 0)).toBe(true);
    await teacher.ask('people', { kind: 'names', shown: true });
    await screen.next('names', ({ names }) => names[ben.node] === 'ana 2');

    expect(await teacher.ask('people', { kind: 'remove', node: ana.node })).toEqual({ ok: true });
    expect((await ana.line.next('gone')).reason).toBe('removed');
    const stale = new BrowserLine(url, room.code, {
      wire: WIRE_VERSION,
      role: 'student',
      token: ana.token,
      resume: null,
    });
    expect(await stale.refused()).toBe('not-allowed');
    expect(await third.ask('join', { ref: newRef(), name: 'Cleo' })).toMatchObject({
      ok: true,
      node: ana.node,
    });

    expect(await teacher.ask('people', { kind: 'block', node: ben.node })).toEqual({ ok: true });
    const blocked = new BrowserLine(url, room.code, studentHello(ben.token));
    expect((await blocked.next('gone')).reason).toBe('blocked');

    await teacher.ask('command', { ref: newRef(), command: { kind: 'lock', locked: true } });
    const newcomer = await connectStudent(url, room.code);
    expect(await newcomer.ask('join', { ref: newRef(), name: null })).toMatchObject({
      ok: false,
      code: 'locked',
    });
    expect(await third.ask('leave', {})).toEqual({ ok: true });
    await teacher.next('people', ({ people }) => people.every(({ presence }) => presence === 'bot'));
  });

  test('a rotated secret takes every other dashboard its rights at once', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const first = await connectInstructor(url, room.code, room.secret);
    const second = await connectInstructor(url, room.code, room.secret);
    const rotated = await second.ask('rotate', {});
    if (!rotated.ok) throw new Error('refused');
    expect((await first.next('gone')).reason).toBe('rotated');
    const old = new BrowserLine(url, room.code, {
      wire: WIRE_VERSION,
      role: 'instructor',
      secret: room.secret,
    });
    expect(await old.refused()).toBe('not-allowed');
    await connectInstructor(url, room.code, rotated.secret);
  });

  test('the end: students are told, the recording stays, the code says so', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code);
    expect((await teacher.ask('command', { ref: newRef(), command: { kind: 'end' } })).ok).toBe(true);
    expect((await ana.line.next('gone')).reason).toBe('ended');
    const later = new BrowserLine(url, room.code, { wire: WIRE_VERSION, role: 'screen' });
    expect(await later.refused()).toBe('ended');
    expect(await teacher.ask('command', { ref: newRef(), command: cutAB })).toMatchObject({
      ok: false,
      code: 'ended',
    });
    const info: unknown = await (await fetch(`${url}/api/classrooms/${room.code}`)).json();
    expect(info).toMatchObject({ ended: true, open: false, recording: room.id });
    expect((await fetch(`${url}/api/recordings/${room.id}`)).status).toBe(200);
  });

  test('a page of another version is asked to reload', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const old = new BrowserLine(url, room.code, { wire: 0, role: 'spectator' });
    expect(await old.refused()).toBe('reload');
  });
});

/** The line as it was when a message arrived, without what came later. */
function cutAfter(line: BrowserLine, payload: object): BrowserLine {
  const heard = line.heard.slice(0, line.heard.findIndex((one) => one.payload === payload) + 1);
  return Object.assign(Object.create(BrowserLine.prototype) as BrowserLine, { heard });
}
