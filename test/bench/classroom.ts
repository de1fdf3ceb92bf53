import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { WIRE_VERSION } from '../../shared/wire/event.ts';
import type { ClientToServer, ServerToClient } from '../../shared/wire/events.ts';
import { monotonicMs, type CrowdOrder, type CrowdReport } from './support/crowd.ts';
import type { Bench, Row } from './report.ts';

/** How a full classroom fares on one server process, against bare Socket.IO in the same run. */
export const classroom: Bench = {
  name: 'classroom',
  text: 'Classrooms of 300 seats (etcd) and of 1000 (etcd, Dynamo) on one process, against bare Socket.IO',
  async run() {
    const bare = await measureBare(300);
    const rows: Row[] = [
      {
        figure: 'bare Socket.IO: 300 connect',
        value: Math.round(bare.joinMs),
        unit: 'ms',
        note: 'with a first state of 4 kB',
      },
      {
        figure: 'bare Socket.IO: one event to 300, p99',
        value: Math.round(bare.fanOutMs),
        unit: 'ms',
        note: '',
      },
    ];
    for (const [seats, system] of [
      [300, 'etcd'],
      [1000, 'etcd'],
      [1000, 'dynamo'],
    ] as const) {
      const figures = await measureClassroom(seats, system);
      const against = (ms: number, base: number): string => `${(ms / base).toFixed(1)} × bare`;
      rows.push(
        {
          figure: `${seats} seats, ${system}: join`,
          value: Math.round(figures.joinMs),
          unit: 'ms',
          note: against(figures.joinMs, bare.joinMs),
        },
        {
          figure: `${seats} seats, ${system}: hold reaches every seat, p99`,
          value: Math.round(figures.holdMs),
          unit: 'ms',
          note: against(figures.holdMs, bare.fanOutMs),
        },
        {
          figure: `${seats} seats, ${system}: cut reaches every screen, p99`,
          value: Math.round(figures.cutMs),
          unit: 'ms',
          note: `${SCREENS} screens`,
        },
        {
          figure: `${seats} seats, ${system}: server memory a seat`,
          value: Math.round(figures.seatKb),
          unit: 'kB',
          note: 'growth of RSS',
        },
        {
          figure: `${seats} seats, ${system}: node inputs`,
          value: Math.round(figures.inputsPerS),
          unit: '/s',
          note: figures.inputsNote,
        },
      );
    }
    return rows;
  },
};

/** Projectors and further consoles: each folds the whole cluster itself. */
const SCREENS = 10;

type Instructor = Socket<ServerToClient, ClientToServer>;

async function measureBare(sockets: number): Promise<{ joinMs: number; fanOutMs: number }> {
  const server = fork(new URL('./support/bare.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const crowd = startCrowd();
  try {
    const [port] = (await once(server, 'message')) as [number];
    const joined = await tell(crowd, { do: 'bare', url: `http://127.0.0.1:${port}`, sockets });
    const delays: number[] = [];
    for (let round = 0; round < 20; round++) {
      await tell(crowd, { do: 'watch' });
      const begin = monotonicMs();
      server.send('go');
      delays.push(...(await waitForSeats(crowd, sockets)).map((at) => at - begin));
    }
    return { joinMs: joined.said === 'joined' ? joined.ms : Number.NaN, fanOutMs: percentile99(delays) };
  } finally {
    crowd.kill();
    server.kill();
  }
}

type Figures = {
  joinMs: number;
  holdMs: number;
  cutMs: number;
  seatKb: number;
  inputsPerS: number;
  inputsNote: string;
};

async function measureClassroom(seats: number, system: string): Promise<Figures> {
  const data = mkdtempSync(path.join(tmpdir(), 'quorum-call-bench-'));
  const server = spawn(process.execPath, ['dist/server/main.js'], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: data,
      MAX_NODES: '1000',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const crowd = startCrowd();
  try {
    const url = `http://127.0.0.1:${await portOf(server)}`;
    // With etcd one leader sends everybody heartbeats: the busiest class there is.
    const { code, secret } = await openClassroom(url, { system, nodes: seats });
    const instructor = await openConsole(url, code, secret);
    const before = residentKb(server);
    const joined = await tell(crowd, { do: 'join', url, code, seats, screens: SCREENS });
    const seatKb = (residentKb(server) - before) / seats;
    const holdMs = await measureHold(instructor, crowd, seats);
    const cutMs = await measureCut(instructor, crowd, SCREENS);
    const inputs = await measureInputs(instructor, crowd);
    instructor.disconnect();
    return { joinMs: joined.said === 'joined' ? joined.ms : Number.NaN, holdMs, cutMs, seatKb, ...inputs };
  } finally {
    crowd.kill();
    server.kill('SIGTERM');
    await once(server, 'exit');
    rmSync(data, { recursive: true, force: true });
  }
}

async function measureHold(instructor: Instructor, crowd: ChildProcess, seats: number): Promise<number> {
  const delays: number[] = [];
  for (let round = 0; round < 10; round++) {
    await tell(crowd, { do: 'watch' });
    const begin = monotonicMs();
    await command(instructor, { kind: 'hold', held: round % 2 === 0 });
    delays.push(...(await waitForSeats(crowd, seats)).map((at) => at - begin));
  }
  return percentile99(delays);
}

async function measureCut(instructor: Instructor, crowd: ChildProcess, screens: number): Promise<number> {
  const delays: number[] = [];
  for (let round = 0; round < 10; round++) {
    await tell(crowd, { do: 'watch' });
    const begin = monotonicMs();
    await command(instructor, { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false });
    delays.push(...(await waitForScreens(crowd, screens)).map((at) => at - begin));
    await command(instructor, { kind: 'heal', between: null });
  }
  return percentile99(delays);
}

/** Time runs tenfold, so that as much happens as one process can bear. */
async function measureInputs(
  instructor: Instructor,
  crowd: ChildProcess,
): Promise<{ inputsPerS: number; inputsNote: string }> {
  await command(instructor, { kind: 'pace', perMille: 10_000 });
  const counted = await tell(crowd, { do: 'count', forMs: 5000 });
  if (counted.said !== 'counted') throw new Error('the crowd did not count');
  const seconds = counted.ms / 1000;
  return {
    inputsPerS: counted.inputs / seconds,
    inputsNote: `in ${Math.round(counted.frames / seconds)} frames/s, pace 10`,
  };
}

function startCrowd(): ChildProcess {
  return fork(new URL('./support/crowd.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
}

async function tell(crowd: ChildProcess, order: CrowdOrder): Promise<CrowdReport> {
  const ended = new AbortController();
  const exit = once(crowd, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`the crowd ended while it was told to ${order.do}`);
  });
  // It is ended by intent at last, when nobody waits for it any more.
  exit.catch(() => undefined);
  crowd.send(order);
  const [report] = (await Promise.race([once(crowd, 'message'), exit])) as [CrowdReport];
  ended.abort();
  return report;
}

async function waitForSeats(crowd: ChildProcess, expected: number): Promise<readonly number[]> {
  return waitFor(crowd, (seen) => (seen.seats.length >= expected ? seen.seats : null));
}

async function waitForScreens(crowd: ChildProcess, expected: number): Promise<readonly number[]> {
  return waitFor(crowd, (seen) => (seen.screens.length >= expected ? seen.screens : null));
}

async function waitFor(
  crowd: ChildProcess,
  pick: (seen: CrowdReport & { said: 'seen' }) => readonly number[] | null,
): Promise<readonly number[]> {
  for (let tries = 0; tries < 200; tries++) {
    const report = await tell(crowd, { do: 'watched' });
    const found = report.said === 'seen' ? pick(report) : null;
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not everybody was told within ten seconds');
}

async function command(
  instructor: Instructor,
  given: Parameters<ClientToServer['command']>[0]['command'],
): Promise<void> {
  const ref = `bench-${process.hrtime.bigint()}`;
  const reply = await instructor.emitWithAck('command', { ref, command: given });
  if (!reply.ok) throw new Error(`${given.kind}: ${reply.message}`);
}

async function openClassroom(url: string, body: object): Promise<{ code: string; secret: string }> {
  const response = await fetch(`${url}/api/classrooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201)
    throw new Error(`POST /api/classrooms: ${response.status} ${await response.text()}`);
  return (await response.json()) as { code: string; secret: string };
}

async function openConsole(url: string, code: string, secret: string): Promise<Instructor> {
  const instructor: Instructor = io(url, {
    transports: ['websocket'],
    forceNew: true,
    query: { room: code },
    auth: { wire: WIRE_VERSION, role: 'instructor', secret },
    ackTimeout: 10_000,
  });
  await new Promise<void>((resolve, reject) => {
    instructor.once('recording', () => resolve());
    instructor.once('connect_error', reject);
  });
  return instructor;
}

function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    server.once('exit', () => reject(new Error(`the server did not start: ${text}`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /listening on (\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

function residentKb(server: ChildProcess): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
}

function percentile99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] ?? Number.NaN;
}
