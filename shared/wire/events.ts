import * as v from 'valibot';
import { Count, Token, type ClientEvent, type ServerEvent } from './event.ts';
import { STUDENT_EVENTS } from './student.ts';
import { WATCH_EVENTS } from './watch.ts';

/** Sent with the connection itself, as Socket.IO's `auth`; the room code is in the query, as `room`. */
export const Hello = v.variant('role', [
  v.strictObject({
    wire: Count,
    role: v.literal('student'),
    /** The seat's resume token; without one the student still has to `join`. */
    token: v.nullable(Token),
    /** How many inputs of the node this browser has already, and in which life of the server. */
    resume: v.nullable(v.strictObject({ run: v.string(), inputs: Count })),
  }),
  v.strictObject({ wire: Count, role: v.literal('instructor'), secret: Token }),
  v.strictObject({ wire: Count, role: v.literal('screen') }),
]);
export type Hello = v.InferOutput<typeof Hello>;

/** Everything a browser may say. docs/wire.md is generated from this table and the next. */
export const CLIENT_EVENTS = {
  ...STUDENT_EVENTS.client,
  ...WATCH_EVENTS.client,
} as const satisfies Record<string, ClientEvent>;

export type ClientEventName = keyof typeof CLIENT_EVENTS;
export type ClientPayload<E extends ClientEventName> = v.InferOutput<(typeof CLIENT_EVENTS)[E]['schema']>;
export type ClientReply<E extends ClientEventName> = v.InferOutput<(typeof CLIENT_EVENTS)[E]['reply']>;

/** Everything the server may say. */
export const SERVER_EVENTS = {
  ...STUDENT_EVENTS.server,
  ...WATCH_EVENTS.server,
} as const satisfies Record<string, ServerEvent>;

export type ServerEventName = keyof typeof SERVER_EVENTS;
export type ServerPayload<E extends ServerEventName> = v.InferOutput<(typeof SERVER_EVENTS)[E]['schema']>;

/** The events as Socket.IO's type parameters want them. */
export type ClientToServer = {
  [E in ClientEventName]: (payload: ClientPayload<E>, ack: (reply: ClientReply<E>) => void) => void;
};
export type ServerToClient = { [E in ServerEventName]: (payload: ServerPayload<E>) => void };
