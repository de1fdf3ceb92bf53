import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { percentile } from './measure.ts';
import type { Bench, Row } from './report.ts';
import { monotonicMs } from './support/crowd.ts';
import { startCrowd, tell, waitForScreens, waitForSeats } from './support/crowd-orders.ts';
import {
  command,
  openClassroom,
  openConsole,
  portOf,
  residentKb,
  startServer,
  type Instructor,
} from './support/school.ts';

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
      const figures = await measureClassroom(seats, system).catch((error: unknown) => String(error));
      if (typeof figures === 'string') {
        rows.push({
          figure: `${seats} seats, ${system}: join`,
          value: Number.NaN,
          unit: 'ms',
          note: figures,
        });
        continue;
      }
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
    return { joinMs: joined.said === 'joined' ? joined.ms : Number.NaN, fanOutMs: percentile(delays, 0.99) };
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
  const server = startServer(data);
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
  return percentile(delays, 0.99);
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
  return percentile(delays, 0.99);
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
