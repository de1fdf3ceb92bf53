import type { Socket } from 'socket.io';
import type { ServerEventName, ServerPayload } from '../../shared/wire/events.ts';
import type { Connection, GoneReason } from '../classrooms/audience.ts';
import type { Clock } from '../clock.ts';
import type { Traffic } from './traffic.ts';

/** Above this a browser is shown less; well above it, or for too long, it is cut off. */
const SOFT_PACKETS = 256;
const SOFT_BYTES = 256 * 1024;
const HARD_BYTES = 1024 * 1024;
const PATIENCE_MS = 5000;
/** Time for the last word to leave before the line is closed. */
const LAST_WORD_MS = 500;

/** What waits in engine.io for a browser to take it. `ws.bufferedAmount` stays small however long this grows. */
type Queue = { readonly writeBuffer: readonly { readonly data?: unknown }[] };

/** A browser's socket as a classroom sees it. */
export class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #traffic: Traffic;
  #ended = false;
  #congestedSince: number | null = null;
  #flooded = false;

  constructor(socket: Socket, clock: Clock, traffic: Traffic) {
    this.#socket = socket;
    this.#clock = clock;
    this.#traffic = traffic;
  }

  get open(): boolean {
    return !this.#ended && this.#socket.connected;
  }

  /** Whether it was sent away for that. */
  get flooded(): boolean {
    return this.#flooded;
  }

  get congested(): boolean {
    const { packets, bytes } = this.#waiting();
    return packets > SOFT_PACKETS || bytes > SOFT_BYTES;
  }

  send<E extends ServerEventName>(event: E, payload: ServerPayload<E>): void {
    if (!this.open) return;
    this.#socket.emit(event, payload);
    this.#traffic.sent(event);
  }

  sendAway(reason: GoneReason, retryAfterMs?: number): void {
    if (!this.open) return;
    this.send('gone', { reason, retryAfterMs: retryAfterMs ?? null });
    this.#ended = true;
    this.#flooded = reason === 'flooding';
    this.#traffic.sentAway(reason);
    const { conn } = this.#socket;
    if (reason === 'draining') {
      // Only a closed line lets the browser come back by itself; leaving the namespace would make it stay away.
      conn.close();
      return;
    }
    this.#socket.disconnect(false);
    // A browser that ignores being sent away, or is not there any more, must not keep its line.
    this.#clock.after(LAST_WORD_MS, () => conn.close(true));
  }

  /** Cuts off a browser that takes nothing; to be called every second or so. True when it did. */
  checkPatience(now: number): boolean {
    const { packets, bytes, largest } = this.#waiting();
    if (packets <= SOFT_PACKETS && bytes <= SOFT_BYTES) this.#congestedSince = null;
    else this.#congestedSince ??= now;
    const tooLong = this.#congestedSince !== null && now - this.#congestedSince > PATIENCE_MS;
    // One packet may be large by itself: a recording of a large class.
    if (!tooLong && bytes - largest <= HARD_BYTES) return false;
    this.#ended = true;
    this.#traffic.cutOff();
    this.#socket.conn.close(true);
    return true;
  }

  #waiting(): { packets: number; bytes: number; largest: number } {
    const { writeBuffer } = this.#socket.conn as unknown as Queue;
    let bytes = 0;
    let largest = 0;
    for (const { data } of writeBuffer) {
      const size = typeof data === 'string' || data instanceof Uint8Array ? data.length : 0;
      bytes += size;
      largest = Math.max(largest, size);
    }
    return { packets: writeBuffer.length, bytes, largest };
  }
}
