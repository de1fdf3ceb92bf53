import { CLIENT_EVENTS, type ClientEventName } from '../../shared/wire/events.ts';
import { TokenBucket } from '../limits.ts';

/** A seat whose browser flooded is not given back for so long. */
const COOLING_MS = 5000;

/** What one person may do: a bucket for each kind of event. */
export class PersonLimits {
  readonly #buckets = new Map<ClientEventName, TokenBucket>();
  #coolUntil = 0;

  take(event: ClientEventName, now: number): boolean {
    const known = this.#buckets.get(event);
    if (known !== undefined) return known.take(now);
    const { perSecond, burst } = CLIENT_EVENTS[event].limit;
    const bucket = new TokenBucket(perSecond, burst, now);
    this.#buckets.set(event, bucket);
    return bucket.take(now);
  }

  cool(now: number): void {
    this.#coolUntil = now + COOLING_MS;
  }

  isCooling(now: number): boolean {
    return now < this.#coolUntil;
  }
}

/** The limits of seats, kept apart from sockets: connecting anew must gain nothing. */
export class SeatLimits {
  readonly #classrooms = new WeakMap<object, Map<string, PersonLimits>>();

  of(classroom: object, node: string): PersonLimits {
    const seats = this.#classrooms.get(classroom) ?? new Map<string, PersonLimits>();
    this.#classrooms.set(classroom, seats);
    const limits = seats.get(node) ?? new PersonLimits();
    seats.set(node, limits);
    return limits;
  }
}
