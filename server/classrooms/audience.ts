import type { ServerEventName, ServerPayload } from '../../shared/wire/events.ts';

/** Why somebody is sent away. */
export type GoneReason = ServerPayload<'gone'>['reason'];

/** The way to one browser, whatever carries it. */
export interface Connection {
  /** False once it has ended. */
  readonly open: boolean;
  /** Whether so much waits to be taken that what is shown should be thinned out. */
  readonly congested: boolean;
  send<E extends ServerEventName>(event: E, payload: ServerPayload<E>): void;
  /** Says why, and ends the connection. */
  sendAway(reason: GoneReason, retryAfterMs?: number): void;
}
