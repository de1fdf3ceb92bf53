import http from 'node:http';
import os from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { WIRE_VERSION, type Role } from '../../shared/wire/event.ts';
import { CLIENT_EVENTS, type ClientEventName } from '../../shared/wire/events.ts';
import { HANDLERS } from '../../server/sockets/handlers.ts';
import { openClass, startApp, until } from '../support/app.ts';
import {
  BrowserLine,
  connectInstructor,
  connectScreen,
  connectStudent,
  join,
  newRef,
  studentHello,
} from '../support/browser-line.ts';
import { rawLine } from '../support/raw-line.ts';

vi.setConfig({ testTimeout: 60_000 });

const events = Object.keys(CLIENT_EVENTS) as ClientEventName[];
const write = { kind: 'write', key: 'colour', value: 'red' } as const;

/** One sensible payload of every event. */
function payloadOf(event: ClientEventName): object {
  switch (event) {
    case 'join':
      return { ref: newRef(), name: null };
    case 'operate':
      return { ref: newRef(), request: write };
    case 'rename':
      return { name: 'Eva' };
    case 'confirm':
    case 'leave':
    case 'rotate':
      return {};
    case 'digest':
      return { inputs: 0, digest: '0'.repeat(16) };
    case 'command':
      return { ref: newRef(), command: { kind: 'heal', between: null } };
    case 'step':
      return { by: 'frame' };
    case 'show':
      return { at: null };
    case 'bots':
      return { load: 'off' };
    case 'people':
      return { kind: 'names', shown: false };
  }
}

describe('who may say what', () => {
  test('[H1, H3] every event by every role: allowed exactly where the table says', async () => {
    const { url } = await startApp();
    let pairs = 0;
    for (const event of events) {
      const room = await openClass(url);
      const lines: Record<Role | 'seatless', BrowserLine> = {
        instructor: await connectInstructor(url, room.code, room.secret),
        screen: await connectScreen(url, room.code),
        student: (await join(url, room.code)).line,
        seatless: await connectStudent(url, room.code),
      };
      await lines.instructor.ask('command', { ref: newRef(), command: { kind: 'hold', held: true } });
      for (const [who, line] of Object.entries(lines)) {
        const role: Role = who === 'seatless' ? 'student' : (who as Role);
        const allowed = (CLIENT_EVENTS[event].roles as readonly Role[]).includes(role);
        const answer = (await line.raw(event, payloadOf(event))) as { ok: boolean; code?: string };
        const what = `${event} by ${who}: ${JSON.stringify(answer)}`;
        if (!allowed) expect(answer.code, what).toBe('not-allowed');
        else if (who === 'seatless' && event !== 'join') expect(answer.code, what).toBe('no-seat');
        else if (who === 'student' && event === 'join') expect(answer.code, what).toBe('refused');
        else expect(answer.ok, what).toBe(true);
        pairs++;
      }
      for (const line of Object.values(lines)) line.close();
    }
    expect(pairs).toBe(events.length * 4);
  });

  test("[H2] identity is the connection's: whatever a payload says of it is refused", async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    for (const forged of [
      { node: 'n2' },
      { from: 'n2' },
      { role: 'instructor' },
      { room: 'AAAAAA' },
      { secret: room.secret },
    ]) {
      expect(await ana.line.raw('operate', { ref: newRef(), request: write, ...forged })).toMatchObject({
        code: 'malformed',
      });
      expect(
        await ana.line.raw('operate', { ref: newRef(), request: { ...write, ...forged } }),
      ).toMatchObject({ code: 'malformed' });
    }
    await ana.line.ask('operate', { ref: newRef(), request: write });
    const text = await (await fetch(`${url}/api/recordings/${room.id}`)).text();
    expect(text).toContain('"kind":"operate","node":"n1"');
    expect(text.split('"operate"').length).toBe(2);
  });

  test('[H6] a token of another classroom, or of nobody, is refused', async () => {
    const { url } = await startApp();
    const [one, two] = [await openClass(url), await openClass(url)];
    const ana = await join(url, one.code);
    expect(await new BrowserLine(url, two.code, studentHello(ana.token)).refused()).toBe('not-allowed');
    expect(await new BrowserLine(url, one.code, studentHello('x'.repeat(22))).refused()).toBe('not-allowed');
    const guess = { wire: WIRE_VERSION, role: 'instructor', secret: 'A'.repeat(43) };
    expect(await new BrowserLine(url, one.code, guess).refused()).toBe('not-allowed');
    expect(await new BrowserLine(url, one.code, { wire: WIRE_VERSION, role: 'teacher' }).refused()).toBe(
      'not-allowed',
    );
  });

  test('[H5] unknown codes: the same answer, and a limit that leaves a class behind the same address alone', async () => {
    const { url } = await startApp({ env: { FAILED_CODES_PER_MINUTE: '5' } });
    const room = await openClass(url);
    const ana = await join(url, room.code);
    for (let i = 0; i < 5; i++) {
      expect(await new BrowserLine(url, 'ZZZZZZ', studentHello()).refused()).toBe('no-room');
    }
    expect(await new BrowserLine(url, 'ZZZZZZ', studentHello()).refused()).toBe('crowded');
    expect((await fetch(`${url}/api/classrooms/YYYYYY`)).status).toBe(429);
    await connectStudent(url, room.code, ana.token);
    expect((await join(url, room.code)).node).toBeDefined();
  });

  test('[H10] a page from elsewhere is refused before anything is kept, over both transports', async () => {
    const { url } = await startApp({ env: { ALLOWED_ORIGINS: 'https://lms.example' } });
    const host = new URL(url).host;
    const status = async (origin: string | undefined, websocket: boolean) => {
      if (websocket) return (await rawLine(url, { origin })).status;
      const headers = new Headers(origin === undefined ? {} : { origin });
      return (await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers })).status;
    };
    const evil = [
      'https://evil.example',
      'null',
      `http://${host}.evil.example`,
      'http://localhost:1',
      'file://',
      '',
    ];
    for (const origin of evil) {
      expect(await status(origin, false), `polling from ${origin}`).toBe(403);
      if (origin !== '') expect(await status(origin, true), `websocket from ${origin}`).toBe(400);
    }
    for (const origin of [url, 'https://lms.example', undefined]) {
      expect(await status(origin, false)).toBe(200);
      expect(await status(origin, true)).toBe(101);
    }
    const sneaky = { 'sec-fetch-site': 'cross-site' };
    expect((await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: sneaky })).status).toBe(403);
  });

  test('[H11] a name that somebody else may let point here is not ours, for pages and lines alike', async () => {
    const { url } = await startApp({ env: { PUBLIC_URL: 'https://class.example' } });
    const { port } = new URL(url);
    const status = (path: string, host: string) =>
      new Promise<number>((resolve, reject) => {
        const request = http.get(`${url}${path}`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', reject);
      });
    const line = '/socket.io/?EIO=4&transport=polling';
    const others = [
      'evil.example',
      `rebind.evil.example:${port}`,
      '127.0.0.1.nip.io',
      'class.example.evil.example',
      'a b',
    ];
    for (const host of others) {
      for (const path of ['/api/systems', '/api/recordings', '/']) {
        expect(await status(path, host), `${path} of ${host}`).toBeGreaterThanOrEqual(400);
      }
      expect(await status(line, host), `a line to ${host}`).toBeGreaterThanOrEqual(400);
      expect((await rawLine(url, { host })).status, `a WebSocket to ${host}`).toBe(400);
    }
    const own = [
      'class.example',
      'CLASS.example.',
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      '[::1]:80',
      '192.168.1.7',
      'teacher-laptop',
      'pc.local',
      os.hostname(),
    ];
    for (const host of own) {
      expect(await status('/api/systems', host), host).toBe(200);
      expect(await status(line, host), host).toBe(200);
    }
  });

  test('[H16] what a student and a screen are sent has nothing of what only the instructor may see', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const teacher = await connectInstructor(url, room.code, room.secret);
    const screen = await connectScreen(url, room.code);
    const ana = await join(url, room.code, 'Canary Ana');
    const ben = await join(url, room.code, 'Canary Ben');
    await ben.line.ask('operate', { ref: 'canary-ref-of-ben', request: write });
    await teacher.ask('command', { ref: newRef(), command: { kind: 'isolate', node: 'n2' } });
    await until('frames', () => ana.line.all('frame').length > 8 && screen.all('entries').length > 0);
    const [toAna, toScreen] = [ana.line, screen].map(({ heard }) => JSON.stringify(heard)) as [
      string,
      string,
    ];
    for (const secret of ['Canary Ben', 'canary-ref', 'isolate', room.secret, ben.token])
      expect(toAna).not.toContain(secret);
    for (const secret of ['Canary', room.secret, ben.token, ana.token])
      expect(toScreen).not.toContain(secret);
    const events = ana.line.heard.map(({ event }) => event);
    expect(events.filter((event) => !['seat', 'frame', 'class'].includes(event))).toEqual([]);
    expect(new Set(screen.heard.map(({ event }) => event))).toEqual(
      new Set(['recording', 'entries', 'clock', 'names']),
    );
  });
});

describe('one browser cannot harm the others', () => {
  test('[A8] a handler that throws or rejects costs that request and nothing else', async () => {
    let how = 'throws';
    const handlers = {
      ...HANDLERS,
      rename() {
        if (how === 'throws') throw new Error('by the test');
        return Promise.reject(new TypeError('by the test'));
      },
    };
    const { url, journal } = await startApp({ handlers });
    const room = await openClass(url);
    const ana = await join(url, room.code);
    expect(await ana.line.raw('rename', { name: 'x' })).toMatchObject({ ok: false, code: 'internal' });
    how = 'rejects';
    expect(await ana.line.raw('rename', { name: 'x' })).toMatchObject({ ok: false, code: 'internal' });
    expect((await ana.line.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
    expect(journal.filter((line) => line.includes('a handler failed'))).toHaveLength(2);
  });

  test('[I1] a flood is cut off, and the others hardly notice', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const [mallory, ana] = [await join(url, room.code), await join(url, room.code)];
    for (let i = 0; i < 5000; i++) mallory.line.socket.emit('operate', { ref: newRef(), request: write });
    const began = performance.now();
    expect((await ana.line.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
    expect((await mallory.line.next('gone')).reason).toBe('flooding');
    expect(performance.now() - began).toBeLessThan(10_000);
    const text = await (await fetch(`${url}/api/recordings/${room.id}`)).text();
    // The burst of operations, and not one more.
    expect(text.split('"operate"').length - 1).toBeLessThanOrEqual(35);
    const back = new BrowserLine(url, room.code, studentHello(mallory.token));
    expect(await back.refused()).toBe('crowded');
  });

  test("[I3] reconnecting refills no bucket: the limit is the seat's", async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const send = (line: BrowserLine) =>
      Promise.all(Array.from({ length: 35 }, () => line.ask('operate', { ref: newRef(), request: write })));
    const first = await send(ana.line);
    expect(first.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(30);
    const again = await send(await connectStudent(url, room.code, ana.token));
    expect(again.filter((answer) => !answer.ok && answer.code === 'too-fast').length).toBeGreaterThan(5);
  });

  test('[I4] a message that is too large costs its own connection', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const [mallory, ana] = [await join(url, room.code), await join(url, room.code)];
    mallory.line.socket.emit('operate', { ref: newRef(), request: { ...write, value: 'x'.repeat(20_000) } });
    await mallory.line.disconnected();
    expect((await ana.line.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
    const back = await connectStudent(url, room.code, mallory.token);
    expect((await back.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
  });

  test('[I8, I9] unknown and odd events, missing and doubled answers', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    for (const event of [
      'error',
      'cut',
      '__proto__',
      'constructor',
      'toString',
      'message',
      'hasOwnProperty',
      'seat',
      '',
      '0',
    ]) {
      expect(await ana.line.raw(event, {}), event).toMatchObject({ ok: false, code: 'malformed' });
    }
    expect(await ana.line.raw('leave', {}, {})).toMatchObject({ ok: false, code: 'malformed' });
    expect(await ana.line.raw('leave')).toMatchObject({ ok: false, code: 'malformed' });
    // Nobody asks for an answer.
    ana.line.socket.emit('operate', { ref: newRef(), request: write });
    ana.line.socket.emit('operate');
    ana.line.socket.emit('operate', null, undefined);
    expect((await ana.line.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
    expect({}).not.toHaveProperty('polluted');
  });

  test('[I5, I7] malformed packets by the raw line: the process and the class live on', async () => {
    const { url } = await startApp();
    const room = await openClass(url);
    const ana = await join(url, room.code);
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const hello = `40${JSON.stringify(studentHello())}`;
    const packets = [
      '',
      '4',
      '42',
      '42[',
      '42[]',
      '42{}',
      '42null',
      '42["operate"',
      '42[1]',
      '42[null]',
      '42[{}]',
      '42["connect"]',
      '42["disconnect"]',
      '42["newListener",1]',
      '42["error"]',
      '43',
      '43[]',
      '439[]',
      '43999999999999999999["x"]',
      '44',
      '45',
      '46',
      '451-["operate",{"_placeholder":true,"num":0}]',
      '451-["operate",{"_placeholder":true,"num":99}]',
      '45999999999-["x"]',
      '450-["x"]',
      '421e9["operate",{}]',
      '42-1["operate",{}]',
      '42/nope,["operate",{}]',
      '40/admin,{}',
      '41',
      '48',
      '9',
      '5',
      '6',
      '1',
      '3probe',
      'b4AAAA',
      `42["operate",${deep(4200)}]`,
      `42["operate",{"ref":${deep(4000)}}]`,
      `42["operate",{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]`,
      '42["operate",{"ref":"abcdefgh","request":{"kind":"write","key":"__proto__","value":1}}]',
    ];
    for (const packet of packets) {
      const line = await rawLine(url, { room: room.code });
      line.send(hello);
      await line.heard(/^40/);
      line.send(packet);
      line.sendBinary(Buffer.from(packet));
      line.send('42["leave",{}]');
      line.end();
    }
    const before = await rawLine(url, { room: room.code });
    for (const packet of packets) before.send(packet);
    before.end();
    expect((await ana.line.ask('operate', { ref: newRef(), request: write })).ok).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('[I6] unfinished fragments are not collected', async () => {
    const { url } = await startApp();
    const line = await rawLine(url, {});
    for (let i = 0; i < 50; i++) line.sendFragment('x', i === 0);
    await line.ended();
  });
});
