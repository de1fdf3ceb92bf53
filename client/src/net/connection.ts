import * as v from 'valibot';
import { impossible } from '../../../shared/base/assert.ts';
import { lookUp } from '../../../shared/base/table.ts';
import type { Contract } from '../../../shared/wire/event.ts';
import type {
  ClientEventName,
  ClientPayload,
  ClientReply,
  Hello,
  ServerEventName,
  ServerPayload,
} from '../../../shared/wire/events.ts';
import type { ConnectionStatus } from './status.ts';
import { Line } from './line.ts';

/** The server's answer, or why there is none. `no-answer` alone leaves open whether something was done. */
export type Answer<E extends ClientEventName> =
  ClientReply<E> | { readonly ok: false; readonly code: 'offline' | 'no-answer' | 'too-large' };

/** One classroom's socket, typed by the contract: what the state classes need, and all that they get. */
export interface Connection {
  readonly status: ConnectionStatus;
  /** Each returns the function that ends it. */
  on<E extends ServerEventName>(event: E, handler: (payload: ServerPayload<E>) => void): () => void;
  onStatus(handler: (status: ConnectionStatus) => void): () => void;
  ask<E extends ClientEventName>(event: E, payload: ClientPayload<E>): Promise<Answer<E>>;
  /** Leaves and connects anew at once, with a new hello; also after having been sent away. */
  reconnect(): void;
  close(): void;
}

/** The server takes 16 kB; a payload over its limit would cost the whole connection, without a word. */
const PAYLOAD_MAX = 12_000;

/**
 * Connects to a classroom and stays connected. `hello` is asked before every attempt, so that a
 * reconnection can say what this browser has already. `contract` is what a page of this kind says and hears.
 */
export function openConnection(room: string, contract: Contract, hello: () => Hello): Connection {
  const handlers = new Map<string, Set<(payload: unknown) => void>>();
  const line = new Line(room, hello, (event, payload) => {
    // Parsed at the door. What does not fit the contract is dropped: a missing frame is noticed and mended.
    const known = lookUp(contract.server, event);
    if (known === undefined) return;
    const parsed = v.safeParse(known.schema, payload);
    if (!parsed.success) {
      console.error(`${event}: ${parsed.issues[0].message}`);
      return;
    }
    if (event === 'gone') line.sentAway(parsed.output as ServerPayload<'gone'>);
    for (const handler of handlers.get(event) ?? []) handler(parsed.output);
  });
  line.open();

  return {
    get status() {
      return line.status;
    },
    on(event, handler) {
      const set = handlers.get(event) ?? new Set();
      handlers.set(event, set);
      set.add(handler as (payload: unknown) => void);
      return () => set.delete(handler as (payload: unknown) => void);
    },
    onStatus: (handler) => line.onStatus(handler),
    ask: (event, payload) => ask(line, contract, event, payload),
    reconnect: () => line.reconnect(),
    close: () => line.close(),
  };
}

/** Asks once. Nothing is kept for later: a cut that arrives a minute late would be worse than none. */
async function ask<E extends ClientEventName>(
  line: Line,
  contract: Contract,
  event: E,
  payload: ClientPayload<E>,
): Promise<Answer<E>> {
  if (line.status.kind !== 'online') return { ok: false, code: 'offline' };
  if (new TextEncoder().encode(JSON.stringify(payload)).length > PAYLOAD_MAX) {
    return { ok: false, code: 'too-large' };
  }
  const answer = await line.emit(event, payload);
  const known = lookUp(contract.client, event) ?? impossible(`this page does not say ${event}`);
  const parsed = v.safeParse(known.reply, answer);
  return parsed.success ? (parsed.output as ClientReply<E>) : { ok: false, code: 'no-answer' };
}
