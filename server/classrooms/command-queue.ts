import type { Command } from '../../shared/recording/command.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { Refusal } from '../../shared/wire/refusals.ts';
import type { Clock } from '../clock.ts';
import { TokenBucket } from '../limits.ts';
import { refusal } from './answer.ts';
import type { Recorded } from './references.ts';

/** The asker's own id for a command, and whether the answer waits until it survives a loss of power. */
export type AskOptions = { readonly ref: string | null; readonly durable: boolean };

/** A command that waits to be recorded. */
export type Waiting = AskOptions & {
  readonly command: Command;
  readonly resolve: (answer: Recorded) => void;
  readonly reject: (error: Error) => void;
};

const QUEUE_MAX = 4000;
const BATCH_MAX = 256;
/** What students may ask together, commands a second and at once. */
const STUDENTS = { perSecond: 1500, burst: 3000 };

/** Commands that wait for their turn, in the order in which they came. Bounded: beyond it they are refused. */
export class CommandQueue {
  readonly #fold: Fold;
  readonly #clock: Clock;
  readonly #budget: TokenBucket;
  #waiting: Waiting[] = [];

  constructor(fold: Fold, clock: Clock) {
    this.#fold = fold;
    this.#clock = clock;
    this.#budget = new TokenBucket(STUDENTS.perSecond, STUDENTS.burst, clock.now());
  }

  get length(): number {
    return this.#waiting.length;
  }

  push(command: Command, options: AskOptions): Promise<Recorded> {
    // What students do together must leave room for a hold, a cut, and for time itself.
    const spent = command.kind === 'operate' && !this.#budget.take(this.#clock.now());
    if (spent || this.#waiting.length >= QUEUE_MAX) {
      return Promise.resolve(refusal('too-fast', 'the classroom has more commands than it can take'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, ...options, resolve, reject });
    });
  }

  /** The next commands that can be checked together: none of them may change what a later one is refused for. */
  takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    while (batch.length < BATCH_MAX) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const message = this.#fold.refuse(next.command);
      if (message !== null) {
        next.resolve(refusal(this.#fold.class.ended ? 'ended' : 'refused', message));
        continue;
      }
      batch.push(next);
      if (!isIndependent(next.command)) break;
    }
    return batch;
  }

  refuseAll(answer: Refusal): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.resolve(answer);
  }
}

/** Commands after which every other command is refused or taken exactly as before. */
function isIndependent(command: Command): boolean {
  switch (command.kind) {
    case 'operate':
    case 'seat':
    case 'presence':
    case 'horizon':
      return true;
    default:
      return false;
  }
}
