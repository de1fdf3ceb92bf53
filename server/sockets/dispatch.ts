import * as v from 'valibot';
import { complaint } from '../../shared/recording/codec.ts';
import { CLIENT_EVENTS, type ClientEventName } from '../../shared/wire/events.ts';
import type { Refusal } from '../../shared/wire/refusals.ts';
import { refusal } from '../classrooms/answer.ts';
import { OutcomeUnknown } from '../classrooms/health.ts';
import type { Clock } from '../clock.ts';
import { TokenBucket } from '../limits.ts';
import { describeError, type Log } from '../log.ts';
import { StoreError } from '../stores/store.ts';
import type { Handlers } from './handlers.ts';
import type { PersonLimits } from './limits.ts';
import type { Traffic } from './traffic.ts';
import type { Visitor } from './visitor.ts';

export interface DispatchParts {
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly log: Log;
  readonly traffic: Traffic;
}

/** Messages of any kind, well formed or not, that one socket may send before it is cut off. */
const FLOOD = {
  student: { perSecond: 40, burst: 120 },
  screen: { perSecond: 5, burst: 40 },
  instructor: { perSecond: 100, burst: 300 },
} as const;

/**
 * The one door for everything a browser says. Nothing else listens on a socket, so every event is parsed,
 * allowed for its role, within its limits, and cannot take the process with it.
 */
export class Dispatcher {
  readonly #visitor: Visitor;
  readonly #parts: DispatchParts;
  readonly #flood: TokenBucket;
  readonly #limits: () => PersonLimits;

  constructor(visitor: Visitor, limits: () => PersonLimits, parts: DispatchParts) {
    this.#visitor = visitor;
    this.#parts = parts;
    this.#limits = limits;
    const { perSecond, burst } = FLOOD[visitor.role];
    this.#flood = new TokenBucket(perSecond, burst, parts.clock.now());
  }

  /** Takes one event as it came off the line. Never throws. */
  receive(event: unknown, args: readonly unknown[]): void {
    const last = args.at(-1);
    // An acknowledgement is asked for or not; calling one that is not there would end the process.
    const reply = typeof last === 'function' ? (last as (answer: unknown) => void) : null;
    const payload = reply === null ? args : args.slice(0, -1);
    if (!this.#visitor.connection.open) return;
    if (!this.#flood.take(this.#parts.clock.now())) {
      this.#visitor.connection.sendAway('flooding');
      return;
    }
    void this.#answer(event, payload).then((answer) => {
      if (answer !== undefined) reply?.(answer);
    });
  }

  /** Undefined: it cannot be said what became of it. */
  async #answer(event: unknown, args: readonly unknown[]): Promise<object | undefined> {
    const { traffic, clock, log } = this.#parts;
    if (!isClientEvent(event)) return this.#refuse(refusal('malformed', 'there is no such event'));
    const { roles, schema } = CLIENT_EVENTS[event];
    if (!(roles as readonly string[]).includes(this.#visitor.role)) {
      return this.#refuse(refusal('not-allowed', `${event} is not for the ${this.#visitor.role}`));
    }
    if (!this.#limits().take(event, clock.now())) {
      return this.#refuse(refusal('too-fast', `too many of ${event}: wait a moment`));
    }
    if (args.length > 1) return this.#refuse(refusal('malformed', 'there is more than one payload'));
    const began = clock.now();
    try {
      const parsed = v.safeParse(schema, args[0]);
      if (!parsed.success) return this.#refuse(refusal('malformed', complaint(parsed.issues).slice(0, 200)));
      const handler = this.#parts.handlers[event] as (visitor: Visitor, payload: unknown) => unknown;
      const answer = (await handler(this.#visitor, parsed.output)) as { readonly ok: boolean };
      traffic.asked(event, (clock.now() - began) / 1000);
      return answer.ok ? answer : this.#refuse(answer as Refusal);
    } catch (error) {
      if (error instanceof OutcomeUnknown) return undefined;
      if (error instanceof StoreError) return this.#refuse(refusal('cannot-record', error.message));
      traffic.failed(event);
      log.error({ event, ...describeError(error) }, 'a handler failed');
      return this.#refuse(refusal('internal', 'the server failed; it is in its log'));
    }
  }

  #refuse(answer: Refusal): Refusal {
    this.#parts.traffic.refused(answer.code);
    return answer;
  }
}

function isClientEvent(event: unknown): event is ClientEventName {
  return typeof event === 'string' && Object.hasOwn(CLIENT_EVENTS, event);
}
