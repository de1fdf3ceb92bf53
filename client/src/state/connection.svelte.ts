import { unreachable } from '../../../shared/base/assert.ts';
import type { Connection } from '../net/connection.ts';
import type { ConnectionStatus } from '../net/status.ts';
import { common } from '../messages/common.ts';
import { announce } from '../ui/announce.svelte.ts';

/** How long "Back" is shown. */
const BACK_MS = 4000;
/** A blink is not worth a banner; the dot tells it. */
const BLINK_MS = 400;

/** The connection's status for screens: since when, and what the banner across the top says. */
export class ConnectionState {
  #status = $state.raw<ConnectionStatus>({ kind: 'connecting', failed: false });
  #banner = $state.raw<'none' | 'lost' | 'back'>('none');
  #since = $state(Date.now());
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #connection: Pick<Connection, 'status' | 'onStatus'>;
  readonly #stop: () => void;

  constructor(connection: Pick<Connection, 'status' | 'onStatus'>) {
    this.#connection = connection;
    this.#status = connection.status;
    this.#stop = connection.onStatus((status) => this.#on(status));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get online(): boolean {
    return this.#status.kind === 'online';
  }

  /** What the system banner shows; `back` for a moment after a reconnection. */
  get banner(): 'none' | 'lost' | 'back' {
    return this.#banner;
  }

  /** Real time of the last change, as `Date.now()` gives it. */
  get since(): number {
    return this.#since;
  }

  /** The dot's word. */
  get word(): string {
    const words = common.connection;
    switch (this.#status.kind) {
      case 'connecting':
        return words.connecting;
      case 'online':
        return words.live;
      case 'lost':
        return words.offline;
      case 'refused':
      case 'gone':
      case 'closed':
        return words.stopped;
      default:
        return unreachable(this.#status);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #on(status: ConnectionStatus): void {
    const before = this.#status;
    this.#status = status;
    if (status.kind !== before.kind) this.#since = Date.now();
    if (status.kind === 'lost') {
      if (before.kind !== 'lost') this.#after(BLINK_MS, () => this.#show('lost'));
    } else if (status.kind === 'online' && this.#banner === 'lost') {
      this.#show('back');
      this.#after(BACK_MS, () => this.#show('none'));
    } else if (status.kind !== 'connecting' && this.#banner !== 'back') {
      // While it connects the banner stays: otherwise nobody would be told that the device is back.
      clearTimeout(this.#timer);
      this.#show('none');
    }
  }

  #show(banner: 'none' | 'lost' | 'back'): void {
    if (banner === 'lost' && this.#connection.status.kind !== 'lost') return;
    this.#banner = banner;
    if (banner === 'lost') announce(common.connection.lost, 'assertive');
    if (banner === 'back') announce(common.connection.back);
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
