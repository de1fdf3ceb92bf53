import { io, type Socket } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { WIRE_VERSION } from '../../shared/wire/event.ts';
import type {
  ClientEventName,
  ClientPayload,
  ClientReply,
  Hello,
  ServerEventName,
  ServerPayload,
} from '../../shared/wire/events.ts';

type Heard = { readonly event: string; readonly payload: unknown };

/** A browser's end of the line, as a test holds it: everything that arrives is kept and can be waited for. */
export class BrowserLine {
  readonly socket: Socket;
  readonly heard: Heard[] = [];
  readonly connects: number[] = [];
  #waiting: (() => void)[] = [];

  constructor(url: string, room: string, auth: object, options: Parameters<typeof io>[1] = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      query: { room },
      auth,
      ...options,
    });
    const wake = () => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const task of waiting) task();
    };
    this.socket.on('connect', () => {
      this.connects.push(performance.now());
      wake();
    });
    this.socket.on('disconnect', (reason) => {
      this.heard.push({ event: '*disconnect', payload: reason });
      wake();
    });
    this.socket.on('connect_error', (error) => {
      this.heard.push({ event: '*refused', payload: error.message });
      wake();
    });
    this.socket.onAny((event: string, payload: unknown) => {
      this.heard.push({ event, payload });
      wake();
    });
    onTestFinished(() => void this.socket.disconnect());
  }

  /** What arrived of an event so far. */
  all<E extends ServerEventName>(event: E): ServerPayload<E>[] {
    return this.heard.flatMap((one) => (one.event === event ? [one.payload as ServerPayload<E>] : []));
  }

  /** The first of an event that fits, arrived or still to come. */
  async next<E extends ServerEventName>(
    event: E,
    fits: (payload: ServerPayload<E>) => boolean = () => true,
    from = 0,
  ): Promise<ServerPayload<E>> {
    return (await this.#find(event, fits as (payload: unknown) => boolean, from)) as ServerPayload<E>;
  }

  /** Why the connection was refused. */
  refused(): Promise<string> {
    return this.#find('*refused', () => true, 0) as Promise<string>;
  }

  disconnected(): Promise<string> {
    return this.#find('*disconnect', () => true, 0) as Promise<string>;
  }

  async connected(): Promise<this> {
    await this.#until('connected or refused', () => this.socket.connected || this.#has('*refused'));
    if (!this.socket.connected) throw new Error(`refused: ${await this.refused()}`);
    return this;
  }

  async ask<E extends ClientEventName>(event: E, payload: ClientPayload<E>): Promise<ClientReply<E>> {
    return (await this.raw(event, payload)) as ClientReply<E>;
  }

  /** Sends anything at all. */
  raw(event: string, ...payload: unknown[]): Promise<unknown> {
    return this.socket.timeout(15_000).emitWithAck(event, ...payload) as Promise<unknown>;
  }

  close(): void {
    this.socket.disconnect();
  }

  #has(event: string): boolean {
    return this.heard.some((one) => one.event === event);
  }

  async #find(event: string, fits: (payload: unknown) => boolean, from: number): Promise<unknown> {
    let found: Heard | undefined;
    await this.#until(`${event} arrives`, () => {
      found = this.heard.slice(from).find((one) => one.event === event && fits(one.payload));
      return found !== undefined;
    });
    return found?.payload;
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!isSo()) {
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `never so: ${what}; heard ${this.heard
            .map((one) => one.event)
            .join(' ')
            .slice(-300)}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

type Resume = Extract<Hello, { role: 'student' }>['resume'];

export function studentHello(token: string | null = null, resume: Resume = null): Hello {
  return { wire: WIRE_VERSION, role: 'student', token, resume };
}

export function connectStudent(
  url: string,
  room: string,
  token: string | null = null,
  resume: Resume = null,
  options: Parameters<typeof io>[1] = {},
): Promise<BrowserLine> {
  return new BrowserLine(url, room, studentHello(token, resume), options).connected();
}

export function connectInstructor(url: string, room: string, secret: string): Promise<BrowserLine> {
  return new BrowserLine(url, room, { wire: WIRE_VERSION, role: 'instructor', secret }).connected();
}

export function connectScreen(url: string, room: string): Promise<BrowserLine> {
  return new BrowserLine(url, room, { wire: WIRE_VERSION, role: 'screen' }).connected();
}

export type Seated = {
  readonly line: BrowserLine;
  readonly token: string;
  readonly node: string;
  readonly name: string;
};

/** Somebody who has come in, sits, and remembers where. */
export async function join(url: string, room: string, name: string | null = null): Promise<Seated> {
  const line = await connectStudent(url, room);
  const answer = await line.ask('join', { ref: newRef(), name });
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
  await line.ask('confirm', {});
  await line.next('seat');
  return { line, token: answer.token, node: answer.node, name: answer.name };
}

let refs = 0;
/** A reference nobody has used. */
export function newRef(): string {
  return `test-${process.pid}-${(refs++).toString().padStart(6, '0')}`;
}
