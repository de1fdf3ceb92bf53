import { expect, test, vi } from 'vitest';
import { connectInstructor, join, newRef, studentHello } from '../support/browser-line.ts';
import { openClass, startApp, until } from '../support/app.ts';
import { rawLine } from '../support/raw-line.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

test('[J2] a browser that reads nothing but still answers pings is cut off, and costs the others nothing', async () => {
  const { url, app } = await startApp({ env: { PING_INTERVAL_MS: '500', PING_TIMEOUT_MS: '500' } });
  const room = await openClass(url, { nodes: 30 });
  const teacher = await connectInstructor(url, room.code, room.secret);
  const ana = await join(url, room.code);
  const slow = await rawLine(url, { room: room.code });
  slow.send(
    `40${JSON.stringify({ ...studentHello(), role: 'screen', token: undefined, resume: undefined })}`,
  );
  await slow.heard(/^42\["recording"/);
  const classroom = app.registry.classroomOf(room.id);
  if (classroom === undefined) throw new Error('no classroom');
  expect(classroom.connected).toBe(3);
  slow.pause();
  const pongs = setInterval(() => slow.send('3'), 100);
  // Enough for the operating system's own buffers, which take the first megabytes.
  const bulk = {
    kind: 'group',
    name: 'X',
    nodes: Array.from({ length: 1000 }, (_, i) => `n${(i % 30) + 1}`),
  } as const;
  await until(
    'it is cut off',
    async () => {
      const more = Array.from({ length: 50 }, () => classroom.ask(bulk, newRef(), false));
      await Promise.all(more);
      return classroom.connected === 2;
    },
    50_000,
  );
  await ana.line.ask('rename', { name: 'here' });
  clearInterval(pongs);
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/slow_browsers_cut_total 1\b/);
  expect(ana.line.socket.connected && teacher.socket.connected).toBe(true);
  slow.end();
});
