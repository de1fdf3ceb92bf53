import { describe, expect, test, vi } from 'vitest';
import { unpackFold } from '../../shared/wire/whole.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { setupOf } from '../../shared/recording/setup.ts';
import { unpackMirror } from '../../shared/wire/seat.ts';
import { openClass, startApp, until } from '../support/app.ts';
import { connectInstructor, connectScreen, connectStudent, join, newRef } from '../support/browser-line.ts';

vi.setConfig({ testTimeout: 60_000 });

const hold = (held: boolean) => ({ ref: newRef(), command: { kind: 'hold' as const, held } });
const write = (value: string) => ({
  ref: newRef(),
  request: { kind: 'write' as const, key: 'colour', value },
});

/** A class in which both students have written, held; and a moment between the two writes. */
async function heldClass() {
  const { url } = await startApp();
  const room = await openClass(url, { system: 'dynamo' });
  const teacher = await connectInstructor(url, room.code, room.secret);
  const screen = await connectScreen(url, room.code);
  const [ana, ben] = [await join(url, room.code, 'Ana'), await join(url, room.code, 'Ben')];
  const reached = () => teacher.all('clock').at(-1)?.now ?? 0;
  await ana.line.ask('operate', write('first'));
  const start = reached();
  await until('time has passed', () => reached() > start + 600);
  const at = reached() - 200;
  await ben.line.ask('operate', write('second'));
  await until('more has passed', () => reached() > at + 700);
  return { url, room, teacher, screen, ana, ben, at };
}

describe('a moment that everybody is shown', () => {
  test('each student sees the own node as it was, screens the whole class, and all come back', async () => {
    const { url, room, teacher, screen, ana, ben, at } = await heldClass();
    expect(await teacher.ask('show', { at })).toMatchObject({ ok: false, code: 'refused' });
    await teacher.ask('command', hold(true));
    expect(await teacher.ask('show', { at })).toEqual({ ok: true });

    const text = await (await fetch(`${url}/api/recordings/${room.id}`)).text();
    const { recording } = readRecording(text);
    if (recording === null) throw new Error('there is no recording');
    const then = new Replay(recording).seek(at);
    const setup = setupOf(recording.header);
    for (const { line, node } of [ana, ben]) {
      const told = await line.next('moment');
      expect(told.at).toBe(at);
      if (told.mirror === null) throw new Error('nothing is shown');
      const mirror = unpackMirror(setup, structuredClone(told.mirror));
      expect(mirror.node).toEqual(then.world.node(node));
      expect(mirror.ledger.operations.every((operation) => operation.node === node)).toBe(true);
      expect(JSON.stringify(told)).not.toContain('second');
    }
    for (const line of [teacher, screen]) {
      const { state } = await line.next('scene');
      if (state === null) throw new Error('nothing is shown');
      expect(unpackFold(recording.header, state).digest()).toBe(then.digest());
    }
    expect(await teacher.ask('show', { at: null })).toEqual({ ok: true });
    await ana.line.next('moment', (told) => told.at === null);
    await screen.next('scene', (told) => told.at === null);
  });

  test('whoever comes, or comes back, is where everybody is; letting go ends it', async () => {
    const { url, room, teacher, ana, at } = await heldClass();
    await teacher.ask('command', hold(true));
    await teacher.ask('show', { at });
    ana.line.close();
    const back = await connectStudent(url, room.code, ana.token);
    expect((await back.next('moment')).at).toBe(at);
    const late = await join(url, room.code, 'Cem');
    expect((await late.line.next('moment')).at).toBe(at);
    const projector = await connectScreen(url, room.code);
    expect((await projector.next('scene')).at).toBe(at);
    await teacher.ask('command', hold(false));
    for (const line of [back, late.line]) await line.next('moment', (told) => told.at === null);
    await projector.next('scene', (told) => told.at === null);
  });

  test('when the class is over the projector still goes to a moment', async () => {
    const { teacher, screen, at } = await heldClass();
    await teacher.ask('command', { ref: newRef(), command: { kind: 'end' } });
    expect(await teacher.ask('show', { at })).toEqual({ ok: true });
    expect((await screen.next('scene')).at).toBe(at);
  });

  test('only the instructor sends people anywhere, and to nothing that has not happened', async () => {
    const { teacher, ana, screen, at } = await heldClass();
    await teacher.ask('command', hold(true));
    for (const line of [ana.line, screen]) {
      expect(await line.raw('show', { at })).toMatchObject({ ok: false });
    }
    expect(await teacher.ask('show', { at: at + 1e9 })).toMatchObject({ ok: false, code: 'refused' });
    expect(ana.line.all('moment')).toEqual([]);
  });
});
