import * as v from 'valibot';

/** The version of the socket contract. A page of another version is asked to reload. */
export const WIRE_VERSION = 4;

/** What a connection may be. A person's rights come from this alone, never from what a message says. */
export type Role = 'student' | 'instructor' | 'screen';

/** Requests a second and at once, for each socket. */
export type Limit = { readonly perSecond: number; readonly burst: number };

/** One event from a browser to the server. Its answer goes into the acknowledgement, if one was asked for. */
export interface ClientEvent {
  readonly roles: readonly Role[];
  readonly schema: v.GenericSchema;
  readonly reply: v.GenericSchema;
  readonly limit: Limit;
  readonly text: string;
}

/** One event from the server to a browser. */
export interface ServerEvent {
  readonly roles: readonly Role[];
  readonly schema: v.GenericSchema;
  readonly text: string;
}

/** The events that pages of one kind say and hear. A page parses by its own alone, and is sent no code of others. */
export interface Contract {
  readonly client: Readonly<Record<string, ClientEvent>>;
  readonly server: Readonly<Record<string, ServerEvent>>;
}

export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const Token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{20,64}$/));
/** A person's name as typed. The server cleans and shortens it. */
export const PersonName = v.pipe(v.string(), v.maxLength(200));

/** Plain data checked where it is used: a schema as deep as the kernel's state would be a second kernel. */
export const Deep = <T>(): v.GenericSchema<unknown, T> =>
  v.custom<T>((value) => typeof value === 'object' && value !== null);

/** What every page may hear last. */
export const GONE = {
  roles: ['student', 'instructor', 'screen'],
  schema: v.strictObject({
    reason: v.picklist(['superseded', 'removed', 'blocked', 'ended', 'draining', 'rotated', 'flooding']),
    retryAfterMs: v.nullable(Count),
  }),
  text: 'The last thing a socket hears, and why. Only `draining` invites to come back by itself.',
} as const satisfies ServerEvent;
