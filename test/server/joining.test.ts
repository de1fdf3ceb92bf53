import { describe, expect, test, vi } from 'vitest';
import { openClass, startApp, until, type TestApp } from '../support/app.ts';
import {
  BrowserLine,
  connectInstructor,
  connectStudent,
  join,
  newRef,
  studentHello,
} from '../support/browser-line.ts';

vi.setConfig({ testTimeout: 40_000 });

/** Times so short that what is going to happen happens during the test. */
const IMPATIENT = { AWAY_AFTER_MS: '50', UNCONFIRMED_AFTER_MS: '100' };
/** A seat that is given up within the test is given up wrongly. */
const PATIENT = { AWAY_AFTER_MS: '50', UNCONFIRMED_AFTER_MS: '600000' };

async function opened(env: Record<string, string>, nodes = 5) {
  const { app, url } = await startApp({ env });
  const room = await openClass(url, { nodes, groups: Math.min(2, nodes) });
  return { app, url, room, students: () => studentsOf(app) };
}

/** The nodes with a student, as the recording has it. */
function studentsOf(app: TestApp['app']): string[] {
  const seats = app.registry.classrooms[0]?.sequencer.fold.class.seats ?? {};
  return Object.keys(seats).filter((node) => seats[node]?.by === 'student');
}

function presenceOf(app: TestApp['app'], node: string): string | undefined {
  return app.registry.classrooms[0]?.sequencer.fold.class.seats[node]?.is;
}

async function taken(line: BrowserLine, ref: string): Promise<{ token: string; node: string; name: string }> {
  const answer = await line.ask('join', { ref, name: 'Ana' });
  if (!answer.ok) throw new Error(answer.message);
  return answer;
}

describe('the line breaks while somebody joins', () => {
  test('right after the answer: the seat is there for whoever comes back with the token', async () => {
    const { app, url, room, students } = await opened(PATIENT);
    const line = await connectStudent(url, room.code);
    const ana = await taken(line, newRef());
    line.close();
    await until('it is seen that she is away', () => presenceOf(app, ana.node) === 'away');
    const back = await connectStudent(url, room.code, ana.token);
    expect((await back.next('seat')).class.name).toBe('Ana');
    expect(students()).toEqual([ana.node]);
  });

  test('before the answer: asked again with the same reference, it is the same seat under a new token', async () => {
    const { app, url, room, students } = await opened(PATIENT);
    const ref = newRef();
    const line = await connectStudent(url, room.code);
    line.socket.emit('join', { ref, name: 'Ana' });
    await until('the seat is given', () => students().length === 1);
    line.close();
    const again = await connectStudent(url, room.code);
    const ana = await taken(again, ref);
    expect(students()).toEqual([ana.node]);
    expect(ana.name).toBe('Ana');
    await again.next('seat');
    await again.ask('confirm', {});
    again.close();
    await until('it is seen that she is away', () => presenceOf(app, ana.node) === 'away');
    const back = await connectStudent(url, room.code, ana.token);
    await back.next('seat');
  });

  test('asked twice at once, as a page that is loaded anew may: one seat, and the newer line has it', async () => {
    const { url, room, students } = await opened(PATIENT);
    const ref = newRef();
    const [old, fresh] = [await connectStudent(url, room.code), await connectStudent(url, room.code)];
    const [first, second] = await Promise.all([taken(old, ref), taken(fresh, ref)]);
    expect(second.node).toBe(first.node);
    expect(second.token).not.toBe(first.token);
    expect((await old.next('gone')).reason).toBe('superseded');
    expect(students()).toEqual([first.node]);
    const late = new BrowserLine(url, room.code, studentHello(first.token));
    expect(await late.refused()).toBe('not-allowed');
  });

  test('and nobody comes back: a bot takes the seat, and the name is free again', async () => {
    const { url, room, students } = await opened(IMPATIENT);
    const line = await connectStudent(url, room.code);
    const { token } = await taken(line, newRef());
    line.close();
    await until('the seat is a bot’s again', () => students().length === 0);
    expect((await join(url, room.code, 'Ana')).name).toBe('Ana');
    expect(await new BrowserLine(url, room.code, studentHello(token)).refused()).toBe('not-allowed');
  });

  test('in a full class: the seat of the lost answer is not what keeps its student out', async () => {
    const { url, room } = await opened(PATIENT, 1);
    const ref = newRef();
    const line = await connectStudent(url, room.code);
    await taken(line, ref);
    line.close();
    const other = await connectStudent(url, room.code);
    expect(await other.ask('join', { ref: newRef(), name: null })).toMatchObject({ ok: false, code: 'full' });
    expect((await taken(other, ref)).node).toBe('n1');
  });
});

describe('a seat that its browser has confirmed', () => {
  test('is kept however long the browser is away', async () => {
    const { app, url, room, students } = await opened(IMPATIENT);
    const ana = await join(url, room.code, 'Ana');
    const cut = await connectStudent(url, room.code);
    await taken(cut, newRef());
    ana.line.close();
    cut.close();
    await until('the unconfirmed one is given up', () => students().length === 1);
    expect(students()).toEqual([ana.node]);
    expect(presenceOf(app, ana.node)).toBe('away');
    await (await connectStudent(url, room.code, ana.token)).next('seat');
  });

  test('is confirmed by coming back to it, too', async () => {
    const { app, url, room, students } = await opened(IMPATIENT);
    const line = await connectStudent(url, room.code);
    const ana = await taken(line, newRef());
    const back = await connectStudent(url, room.code, ana.token);
    await back.next('seat');
    back.close();
    await until('she is away', () => presenceOf(app, ana.node) === 'away');
    const cut = await connectStudent(url, room.code);
    const other = await taken(cut, newRef());
    cut.close();
    await until('the unconfirmed one is given up', () => !students().includes(other.node));
    expect(students()).toEqual([ana.node]);
  });

  test('moves to a second tab; the first one can neither confirm nor lose it', async () => {
    const { app, url, room, students } = await opened(IMPATIENT);
    const first = await connectStudent(url, room.code);
    const ana = await taken(first, newRef());
    const second = await connectStudent(url, room.code, ana.token);
    expect((await first.next('gone')).reason).toBe('superseded');
    first.close();
    const cut = await connectStudent(url, room.code);
    const other = await taken(cut, newRef());
    cut.close();
    await until('an unconfirmed seat is given up', () => !students().includes(other.node));
    expect(students()).toEqual([ana.node]);
    expect(presenceOf(app, ana.node)).toBe('here');
    expect(second.socket.connected).toBe(true);
  });
});

describe('a student who leaves', () => {
  test('is gone at once, and joins anew as somebody new', async () => {
    const { url, room, students } = await opened(PATIENT);
    const ref = newRef();
    const line = await connectStudent(url, room.code);
    const ana = await taken(line, ref);
    expect(await line.ask('leave', {})).toEqual({ ok: true });
    expect(students()).toEqual([]);
    expect(await line.ask('confirm', {})).toMatchObject({ ok: false, code: 'no-seat' });
    expect(await new BrowserLine(url, room.code, studentHello(ana.token)).refused()).toBe('not-allowed');
    expect((await taken(line, ref)).token).not.toBe(ana.token);
  });

  test('removed before confirming, the lost reference leads to no seat of somebody else', async () => {
    const { url, room, students } = await opened(PATIENT, 1);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ref = newRef();
    const line = await connectStudent(url, room.code);
    const ana = await taken(line, ref);
    expect(await teacher.ask('people', { kind: 'remove', node: ana.node })).toEqual({ ok: true });
    const ben = await join(url, room.code, 'Ben');
    expect(students()).toEqual([ben.node]);
    const back = await connectStudent(url, room.code);
    expect(await back.ask('join', { ref, name: 'Ana' })).toMatchObject({ ok: false, code: 'full' });
  });
});
