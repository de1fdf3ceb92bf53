import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { WIRE_VERSION } from '../../../shared/wire/event.ts';
import type { ClientToServer, ServerToClient } from '../../../shared/wire/events.ts';

/**
 * A class of browsers in one process of its own, so that what they cost is not counted as the server's. It
 * is told what to do in messages from the bench, and answers each with the figures it saw. Times are of the
 * machine's monotonic clock, which all its processes share.
 */
export type CrowdOrder =
  | {
      readonly do: 'join';
      readonly url: string;
      readonly code: string;
      readonly seats: number;
      readonly screens: number;
    }
  | { readonly do: 'bare'; readonly url: string; readonly sockets: number }
  /** Notes when each seat is told of the next change of the class, and each screen of the next entry. */
  | { readonly do: 'watch' }
  | { readonly do: 'watched' }
  /** Counts the inputs that reach the seats for that long, real milliseconds. */
  | { readonly do: 'count'; readonly forMs: number };

export type CrowdReport =
  | { readonly said: 'joined'; readonly ms: number }
  | { readonly said: 'ready' }
  | { readonly said: 'seen'; readonly seats: readonly number[]; readonly screens: readonly number[] }
  | { readonly said: 'counted'; readonly inputs: number; readonly frames: number; readonly ms: number };

type Line = Socket<ServerToClient, ClientToServer>;

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const seats: Line[] = [];
const screens: Line[] = [];
const seen = { seats: [] as number[], screens: [] as number[] };
const counts = { inputs: 0, frames: 0 };

process.on('message', (order: CrowdOrder) => void obey(order).then((report) => process.send?.(report)));

async function obey(order: CrowdOrder): Promise<CrowdReport> {
  switch (order.do) {
    case 'join': {
      const begin = monotonicMs();
      await Promise.all(Array.from({ length: order.seats }, () => joinSeat(order.url, order.code)));
      const ms = monotonicMs() - begin;
      await Promise.all(Array.from({ length: order.screens }, () => openScreen(order.url, order.code)));
      return { said: 'joined', ms };
    }
    case 'bare': {
      const begin = monotonicMs();
      await Promise.all(Array.from({ length: order.sockets }, () => joinBare(order.url)));
      return { said: 'joined', ms: monotonicMs() - begin };
    }
    case 'watch':
      seen.seats = [];
      seen.screens = [];
      return { said: 'ready' };
    case 'watched':
      return { said: 'seen', seats: seen.seats, screens: seen.screens };
    case 'count': {
      counts.inputs = counts.frames = 0;
      const begin = monotonicMs();
      await new Promise((resolve) => setTimeout(resolve, order.forMs));
      return { said: 'counted', ...counts, ms: monotonicMs() - begin };
    }
  }
}

async function joinSeat(url: string, code: string): Promise<void> {
  const auth = { wire: WIRE_VERSION, role: 'student', token: null, resume: null };
  const line: Line = io(url, {
    transports: ['websocket'],
    forceNew: true,
    query: { room: code },
    auth,
  });
  seats.push(line);
  line.on('frame', (frame) => {
    counts.frames++;
    counts.inputs += countInputs(frame.inputs);
  });
  const seated = new Promise<void>((resolve, reject) => {
    line.once('seat', () => resolve());
    line.once('connect_error', reject);
    line.once('disconnect', (reason) => reject(new Error(reason)));
  });
  const ref = `bench-${randomUUID()}`.slice(0, 40);
  line.once('connect', () => {
    line.emit('join', { ref, name: null }, ({ ok }) => ok && line.emit('confirm', {}, () => undefined));
  });
  await seated;
  line.on('class', () => seen.seats.push(monotonicMs()));
}

/** Timers and messages make up a frame; an exact count needs only the codes. */
function countInputs(flat: readonly unknown[]): number {
  const lengths = [0, 3, 4, 4, 2, 1, 1, 1, 1, 0, 0, 1];
  let inputs = 0;
  for (let i = 2; i < flat.length; i += 3 + (lengths[flat[i] as number] ?? 0)) inputs++;
  return inputs;
}

async function openScreen(url: string, code: string): Promise<void> {
  const auth = { wire: WIRE_VERSION, role: 'screen' };
  const line: Line = io(url, {
    transports: ['websocket'],
    forceNew: true,
    query: { room: code },
    auth,
  });
  screens.push(line);
  await new Promise<void>((resolve, reject) => {
    line.once('recording', () => resolve());
    line.once('connect_error', reject);
  });
  line.on('entries', ({ entries }) => {
    if (entries.some(({ command }) => command.kind === 'cut')) seen.screens.push(monotonicMs());
  });
}

async function joinBare(url: string): Promise<void> {
  const line = io(url, { transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve) => line.once('state', () => resolve()));
  line.on('news', () => seen.seats.push(monotonicMs()));
}
