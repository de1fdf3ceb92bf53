import type { IncomingMessage } from 'node:http';

/** Connections that have not said who they are yet: of one address, and in all. */
const PER_ADDRESS = 1500;
const IN_ALL = 3000;

/** Counts who stands in the door. A storm of a whole school passes; one that only stands there does not grow. */
export class Doorway {
  readonly #addressOf: (request: IncomingMessage) => string;
  readonly #waiting = new Map<object, string>();
  readonly #perAddress = new Map<string, number>();

  constructor(addressOf: (request: IncomingMessage) => string) {
    this.#addressOf = addressOf;
  }

  /** Whether one more may come; requests of a connection that is in already always may. */
  mayEnter(request: IncomingMessage): boolean {
    if (/[?&]sid=/.test(request.url ?? '')) return true;
    if (this.#waiting.size >= IN_ALL) return false;
    return (this.#perAddress.get(this.#addressOf(request)) ?? 0) < PER_ADDRESS;
  }

  entered(
    line: object & { once(event: 'close', listener: () => void): unknown },
    request: IncomingMessage,
  ): void {
    const address = this.#addressOf(request);
    this.#waiting.set(line, address);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    line.once('close', () => this.left(line));
  }

  /** It has said who it is, or is gone. */
  left(line: object): void {
    const address = this.#waiting.get(line);
    if (address === undefined) return;
    this.#waiting.delete(line);
    const count = (this.#perAddress.get(address) ?? 1) - 1;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
  }
}
