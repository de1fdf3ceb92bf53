import { expect, test, vi } from 'vitest';
import { unflatten } from '../../shared/wire/frame.ts';
import { openClass, startApp, until, type TestApp } from '../support/app.ts';
import { BrowserLine, connectInstructor, join, newRef, studentHello } from '../support/browser-line.ts';
import { flakyNetwork, type FlakyNetwork } from '../support/flaky-network.ts';

vi.setConfig({ testTimeout: 60_000 });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function foldOf({ app }: TestApp) {
  const [classroom] = app.registry.classrooms;
  if (classroom === undefined) throw new Error('there is no classroom');
  return classroom.sequencer.fold;
}

/** A student's browser that comes back by itself, keeps count of its inputs, and asks until it is answered. */
class Wanderer {
  readonly line: BrowserLine;
  readonly node: string;
  wholes = 0;
  #run: string | null = null;
  #inputs: number | null = null;
  readonly gaps: string[] = [];

  constructor(url: string, room: string, { token, node }: { token: string; node: string }) {
    this.node = node;
    const resume = () =>
      this.#run === null || this.#inputs === null ? null : { run: this.#run, inputs: this.#inputs };
    const auth = (give: (hello: object) => void) => give(studentHello(token, resume()));
    this.line = new BrowserLine(url, room, auth, {
      reconnection: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 60,
      timeout: 500,
    });
    this.line.socket.on('seat', ({ run }: { run: string }) => {
      this.#run = run;
      this.#inputs = null;
      this.wholes++;
    });
    this.line.socket.on('frame', (frame: { before: number; inputs: unknown[] }) => {
      if (this.#inputs !== null && frame.before !== this.#inputs) {
        this.gaps.push(`${frame.before} after ${this.#inputs}`);
      }
      this.#inputs = frame.before + unflatten(frame.inputs).length;
    });
  }

  /** Whether it could say where to go on. A page knows from the seat itself; this one learns it from a frame. */
  get knowsItsPlace(): boolean {
    return this.#inputs !== null;
  }

  /** Writes a value, with one reference for however many attempts it takes. */
  async write(value: string): Promise<void> {
    const ref = newRef();
    const request = { kind: 'write', key: 'colour', value } as const;
    for (;;) {
      const asked = this.line.socket.timeout(400).emitWithAck('operate', { ref, request }) as Promise<{
        ok: boolean;
      }>;
      const answer = await asked.catch(() => ({ ok: false }));
      if (answer.ok) return;
      await pause(20);
    }
  }
}

async function wanderers(server: TestApp, network: FlakyNetwork, count: number) {
  const room = await openClass(server.url);
  const found: Wanderer[] = [];
  for (let i = 0; i < count; i++) {
    const seated = await join(server.url, room.code);
    const wanderer = new Wanderer(network.url, room.code, seated);
    await wanderer.line.next('seat');
    found.push(wanderer);
  }
  return { room, found };
}

test('[G5] a network that is cut for 0.3 s again and again: everything is done once, and no input is missed', async () => {
  const server = await startApp({ env: { AWAY_AFTER_MS: '10000' } });
  const network = await flakyNetwork(server.url);
  const { room, found } = await wanderers(server, network, 3);
  const teacher = await connectInstructor(server.url, room.code, room.secret);
  const values = found.flatMap(({ node }) => Array.from({ length: 8 }, (_, i) => `${node}-${i}`));
  const writing = found.map(async (wanderer) => {
    for (const value of values.filter((one) => one.startsWith(`${wanderer.node}-`)))
      await wanderer.write(value);
  });
  for (let round = 0; round < 4; round++) {
    await until('all know their place', () => found.every(({ knowsItsPlace }) => knowsItsPlace));
    const connects = found.map(({ line }) => line.connects.length);
    network.cut();
    await pause(300);
    network.mend();
    await until('all are back', () =>
      found.every(({ line }, i) => line.connects.length > (connects[i] ?? 0)),
    );
  }
  await Promise.all(writing);
  const written = foldOf(server).world.operations.map((operation) =>
    'value' in operation ? operation.value : null,
  );
  expect(written.toSorted()).toEqual(values.toSorted());
  for (const { gaps, wholes } of found) expect([gaps, wholes]).toEqual([[], 1]);
  // Nobody saw any of it: they were back before they were missed.
  const seen = teacher.all('people').flatMap(({ people }) => people.map(({ presence }) => presence));
  expect(seen).not.toContain('away');
});

test('[G5] a longer cut: the node is away and not left, and its student comes back to it', async () => {
  const server = await startApp({ env: { AWAY_AFTER_MS: '100', UNCONFIRMED_AFTER_MS: '100' } });
  const network = await flakyNetwork(server.url);
  const { room, found } = await wanderers(server, network, 1);
  const [ana] = found;
  const teacher = await connectInstructor(server.url, room.code, room.secret);
  network.cut();
  await teacher.next('people', ({ people }) => people.some(({ presence }) => presence === 'away'));
  expect(foldOf(server).class.seats[ana?.node ?? '']).toEqual({ by: 'student', is: 'away' });
  const from = teacher.heard.length;
  network.mend();
  await teacher.next('people', ({ people }) => people.every(({ presence }) => presence !== 'away'), from);
  await ana?.write('back');
  expect(ana?.gaps).toEqual([]);
});

test('[G6] a browser that is gone without a word is seen to be gone when it misses its ping', async () => {
  const server = await startApp({
    env: { PING_INTERVAL_MS: '200', PING_TIMEOUT_MS: '200', AWAY_AFTER_MS: '0' },
  });
  const network = await flakyNetwork(server.url);
  const { room, found } = await wanderers(server, network, 1);
  const [ana] = found;
  const teacher = await connectInstructor(server.url, room.code, room.secret);
  network.swallow();
  await teacher.next('people', ({ people }) => people.some(({ presence }) => presence === 'away'));
  expect(foldOf(server).class.seats[ana?.node ?? '']?.by).toBe('student');
  expect(foldOf(server).world.node(ana?.node ?? '')).toMatchObject({ up: true, paused: false });
  network.mend();
  await ana?.write('back');
  expect(ana?.gaps).toEqual([]);
});
