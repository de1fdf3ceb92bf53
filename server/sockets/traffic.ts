import type { Role } from '../../shared/wire/event.ts';
import type { ClientEventName, ServerEventName } from '../../shared/wire/events.ts';
import type { ConnectionRefusal, RefusalCode } from '../../shared/wire/refusals.ts';
import type { GoneReason } from '../classrooms/audience.ts';

/** Told of everything that passes the sockets; the metrics listen. */
export interface Traffic {
  connected(role: Role): void;
  disconnected(role: Role): void;
  refusedConnection(code: ConnectionRefusal): void;
  asked(event: ClientEventName, seconds: number): void;
  refused(code: RefusalCode): void;
  /** A handler threw what it should not have. */
  failed(event: ClientEventName): void;
  sent(event: ServerEventName): void;
  /** Characters on their way to a browser. */
  wrote(length: number): void;
  sentAway(reason: GoneReason): void;
  /** A browser took nothing for too long. */
  cutOff(): void;
}
