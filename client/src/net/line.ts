import { io, type Socket } from 'socket.io-client';
import { CONNECTION_REFUSALS, type ConnectionRefusal } from '../../../shared/wire/refusals.ts';
import type { Hello, ServerPayload } from '../../../shared/wire/events.ts';
import type { ConnectionStatus } from './status.ts';
import { onReturn } from './return.ts';

const ANSWER_MS = 8000;
const CROWDED_MS = 4000;

/** The socket and its ways of staying alive; what is said over it is the connection's business. */
export class Line {
  readonly #socket: Socket;
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  readonly #stopWatching: () => void;
  #status: ConnectionStatus = { kind: 'connecting', failed: false };
  #comeBack: ReturnType<typeof setTimeout> | undefined;
  #wasOnline = false;

  constructor(room: string, hello: () => Hello, onEvent: (event: string, payload: unknown) => void) {
    this.#socket = io({
      autoConnect: false,
      // A page has one connection; one that is closed and opened again must not share an old manager.
      forceNew: true,
      query: { room },
      auth: (give) => give(hello()),
      // Where a school network blocks WebSocket, the next transport is tried at once.
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      timeout: 6000,
    });
    this.#socket.on('connect', () => {
      this.#wasOnline = true;
      this.#become({ kind: 'online' });
    });
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.#socket.on('connect_error', (error) => this.#onConnectError(error));
    this.#socket.io.on('reconnect_attempt', () => setTimeout(() => this.#watchOpening()));
    this.#socket.onAny((event: string, payload: unknown) => onEvent(event, payload));
    this.#stopWatching = onReturn((absence) => this.#onReturn(absence));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(): void {
    this.#connect();
  }

  /** Null when no answer came in time, or the connection broke meanwhile. */
  async emit(event: string, payload: unknown): Promise<unknown> {
    try {
      return (await this.#socket.timeout(ANSWER_MS).emitWithAck(event, payload)) as unknown;
    } catch {
      return null;
    }
  }

  reconnect(): void {
    clearTimeout(this.#comeBack);
    const back = this.#wasOnline;
    this.#socket.disconnect();
    this.#become(back ? { kind: 'lost', because: null } : { kind: 'connecting', failed: false });
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#comeBack);
    this.#stopWatching();
    this.#socket.disconnect();
    this.#become({ kind: 'closed' });
    this.#listeners.clear();
  }

  /** The server has said goodbye, and why. It closes the socket itself. */
  sentAway({ reason, retryAfterMs }: ServerPayload<'gone'>): void {
    if (reason !== 'draining') {
      this.#become({ kind: 'gone', reason });
      this.#socket.disconnect();
      return;
    }
    this.#become({ kind: 'lost', because: 'draining' });
    this.#later(retryAfterMs ?? 1000);
  }

  #connect(): void {
    this.#socket.connect();
    this.#watchOpening();
  }

  /**
   * A proxy that lets a WebSocket open and closes it at once is no error to Socket.IO, which would wait for
   * its time to run out: take the other way immediately.
   */
  #watchOpening(): void {
    const manager = this.#socket.io;
    const engine = manager.engine as typeof manager.engine | undefined;
    if (manager._readyState !== 'opening' || engine === undefined) return;
    engine.once('close', () => {
      if (manager.engine !== engine || manager._readyState !== 'opening' || !this.#beginWithPolling()) return;
      this.#socket.disconnect();
      this.#connect();
    });
  }

  /** False when that is so already. */
  #beginWithPolling(): boolean {
    const options = this.#socket.io.opts;
    if (options.transports?.[0] !== 'websocket') return false;
    options.transports = ['polling', 'websocket'];
    return true;
  }

  #onDisconnect(reason: string): void {
    if (this.#status.kind !== 'online') return;
    this.#become({ kind: 'lost', because: null });
    // Socket.IO takes this one for a decision and does not come back by itself.
    if (reason === 'io server disconnect') this.#later(1000);
  }

  #onConnectError(error: Error): void {
    const refusal = CONNECTION_REFUSALS.find((known) => known === error.message);
    if (refusal !== undefined) {
      this.#onRefusal(refusal);
      return;
    }
    // A network that swallows the WebSocket handshake without a word: begin with the other transport.
    if (error.message === 'timeout') this.#beginWithPolling();
    if (this.#status.kind === 'connecting') this.#become({ kind: 'connecting', failed: true });
    // A refusal without a word that this page knows: Socket.IO would leave it at that.
    if (!this.#socket.active) this.#later(CROWDED_MS);
  }

  #onRefusal(reason: ConnectionRefusal): void {
    if (reason !== 'crowded') {
      this.#become({ kind: 'refused', reason });
      return;
    }
    this.#become({ kind: 'lost', because: 'crowded' });
    this.#later(CROWDED_MS);
  }

  /** Comes back after a while, not all pages at the same moment. */
  #later(ms: number): void {
    clearTimeout(this.#comeBack);
    this.#comeBack = setTimeout(
      () => {
        if (!this.#socket.connected) this.#connect();
      },
      ms + spread(ms),
    );
  }

  /** The phone is looked at again: whoever waits for the next attempt need not. */
  #onReturn(absence: 'short' | 'long'): void {
    const kind = this.#status.kind;
    const tries = kind === 'connecting' || kind === 'lost';
    if (tries || (kind === 'online' && absence === 'long')) this.reconnect();
  }

  #become(status: ConnectionStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

function spread(ms: number): number {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return Math.floor((random / 0x1_0000_0000) * ms);
}
