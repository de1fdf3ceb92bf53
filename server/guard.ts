import type { IncomingMessage } from 'node:http';
import { sleep, type Clock } from './clock.ts';
import { KeyedBuckets, TokenBucket } from './limits.ts';

/** From here on unknown codes take a second each for everybody: somebody guesses from many addresses. */
const GLOBAL_PER_MINUTE = 600;
const GUESS_DELAY_MS = 1000;

/** Makes guessing room codes slow without locking out a school that is one address. */
export class CodeGuard {
  readonly #clock: Clock;
  readonly #failures: KeyedBuckets;
  readonly #everybody: TokenBucket;

  constructor(clock: Clock, failuresPerMinute: number) {
    this.#clock = clock;
    this.#failures = new KeyedBuckets(failuresPerMinute / 60, failuresPerMinute);
    this.#everybody = new TokenBucket(GLOBAL_PER_MINUTE / 60, GLOBAL_PER_MINUTE, clock.now());
  }

  /** Whether this address may try another code. */
  isOpen(address: string): boolean {
    return this.#failures.has(address, this.#clock.now());
  }

  /** Notes a code that stands for nothing. */
  async failed(address: string): Promise<void> {
    const now = this.#clock.now();
    this.#failures.take(address, now);
    if (!this.#everybody.take(now)) await sleep(this.#clock, GUESS_DELAY_MS);
  }

  sweep(): void {
    this.#failures.sweep(this.#clock.now());
  }
}

/** Where a request came from, as seen by the outermost proxy that is ours. Kept in memory only, never written. */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const header = request.headers['x-forwarded-for'];
  if (trustedProxies > 0 && typeof header === 'string') {
    const hops = header.split(',').map((hop) => hop.trim());
    const hop = hops.at(-trustedProxies);
    if (hop !== undefined && hop !== '') return hop;
  }
  return request.socket.remoteAddress ?? 'unknown';
}
