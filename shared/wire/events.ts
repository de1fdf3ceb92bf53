import * as v from 'valibot';
import { ClusterCommand } from '../sim/command.ts';
import { Name, Request } from '../sim/operation.ts';
import { Entry, LossPolicy, Reference } from '../recording/command.ts';
import { Header } from '../recording/header.ts';
import type { FoldState } from '../recording/fold.ts';
import type { FlatInputs } from './frame.ts';
import { Reply } from './refusals.ts';
import type { SeatMirror } from './seat.ts';

/** The version of the socket contract. A page of another version is asked to reload. */
export const WIRE_VERSION = 3;

/** What a connection may be. A person's rights come from this alone, never from what a message says. */
export type Role = 'student' | 'instructor' | 'screen';

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{20,64}$/));
/** A person's name as typed. The server cleans and shortens it. */
const PersonName = v.pipe(v.string(), v.maxLength(200));

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

/** Commands that an instructor may give. Seats, presence and horizon are the server's to record. */
export const InstructorCommand = v.variant('kind', [
  ClusterCommand,
  v.strictObject({ kind: v.literal('hold'), held: v.boolean() }),
  v.strictObject({
    kind: v.literal('pace'),
    perMille: v.pipe(v.number(), v.safeInteger(), v.minValue(20), v.maxValue(10_000)),
  }),
  v.strictObject({ kind: v.literal('policy'), onLoss: LossPolicy }),
  v.strictObject({ kind: v.literal('lock'), locked: v.boolean() }),
  v.strictObject({ kind: v.literal('end') }),
]);
export type InstructorCommand = v.InferOutput<typeof InstructorCommand>;

/** What an instructor does with people; none of it is in the recording. */
export const PeopleAction = v.variant('kind', [
  v.strictObject({ kind: v.literal('rename'), node: Name, name: PersonName }),
  /** The student loses the seat, a bot takes it; the student may join again. */
  v.strictObject({ kind: v.literal('remove'), node: Name }),
  /** As remove, and that browser cannot join again. */
  v.strictObject({ kind: v.literal('block'), node: Name }),
  /** Whether the projector shows names. */
  v.strictObject({ kind: v.literal('names'), shown: v.boolean() }),
]);
export type PeopleAction = v.InferOutput<typeof PeopleAction>;

/** How much the bots ask of the cluster by themselves: nothing, an operation now and then, or several a second. */
export const BotLoad = v.picklist(['off', 'slow', 'busy']);
export type BotLoad = v.InferOutput<typeof BotLoad>;

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

const STUDENT: Limit = { perSecond: 10, burst: 30 };
const INSTRUCTOR: Limit = { perSecond: 20, burst: 60 };

/** The answer to a command: its place in the recording. */
const Recorded = Reply({ seq: Count });

/** Everything a browser may say. docs/wire.md is generated from this table. */
export const CLIENT_EVENTS = {
  join: {
    roles: ['student'],
    schema: v.strictObject({ ref: Reference, name: v.nullable(PersonName) }),
    reply: Reply({ token: Token, node: Name, name: v.string() }),
    limit: { perSecond: 1, burst: 5 },
    text: 'Takes a seat: the node of a bot. The answer has the token that keeps the seat; after a lost one, ask again with the same reference and get the same seat.',
  },
  confirm: {
    roles: ['student'],
    schema: v.strictObject({}),
    reply: Reply({}),
    limit: { perSecond: 1, burst: 5 },
    text: 'Says that the token is stored. Until then the seat of a browser that is lost is kept for half a minute only.',
  },
  operate: {
    roles: ['student'],
    schema: v.strictObject({ ref: Reference, request: Request }),
    reply: Recorded,
    limit: STUDENT,
    text: "Asks an operation at one's own node. Its outcome comes with the node's inputs.",
  },
  rename: {
    roles: ['student'],
    schema: v.strictObject({ name: PersonName }),
    reply: Reply({ name: v.string() }),
    limit: { perSecond: 1, burst: 5 },
    text: "Changes one's own name.",
  },
  leave: {
    roles: ['student'],
    schema: v.strictObject({}),
    reply: Reply({}),
    limit: { perSecond: 1, burst: 5 },
    text: "Gives up one's seat for good: a bot takes it.",
  },
  digest: {
    roles: ['student'],
    schema: v.strictObject({ inputs: Count, digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)) }),
    reply: Reply({ agrees: v.boolean() }),
    limit: STUDENT,
    text: "Reports the digest of the node as this browser computed it, after a frame that asked for it. Where the server's differs it sends the seat anew.",
  },
  command: {
    roles: ['instructor'],
    schema: v.strictObject({ ref: Reference, command: InstructorCommand }),
    reply: Recorded,
    limit: INSTRUCTOR,
    text: 'Gives a command to the cluster or the class.',
  },
  step: {
    roles: ['instructor'],
    schema: v.strictObject({ by: v.picklist(['event', 'frame']) }),
    reply: Reply({ now: Count }),
    limit: INSTRUCTOR,
    text: 'While everything is held: lets the next event happen, or the next 100 virtual milliseconds.',
  },
  people: {
    roles: ['instructor'],
    schema: PeopleAction,
    reply: Reply({}),
    limit: INSTRUCTOR,
    text: 'Renames, removes or blocks a student; shows or hides names on the projector.',
  },
  bots: {
    roles: ['instructor'],
    schema: v.strictObject({ load: BotLoad }),
    reply: Reply({}),
    limit: INSTRUCTOR,
    text: 'Says how much the nodes of bots ask of the cluster by themselves. Each operation is recorded as `operate`; the load is in no recording.',
  },
  rotate: {
    roles: ['instructor'],
    schema: v.strictObject({}),
    reply: Reply({ secret: Token }),
    limit: { perSecond: 1, burst: 3 },
    text: 'Makes a new instructor secret. Every other dashboard loses its rights at once.',
  },
} as const satisfies Record<string, ClientEvent>;

export type ClientEventName = keyof typeof CLIENT_EVENTS;
export type ClientPayload<E extends ClientEventName> = v.InferOutput<(typeof CLIENT_EVENTS)[E]['schema']>;
export type ClientReply<E extends ClientEventName> = v.InferOutput<(typeof CLIENT_EVENTS)[E]['reply']>;

/** Plain data checked where it is used: a schema as deep as the kernel's state would be a second kernel. */
const Deep = <T>(): v.GenericSchema<unknown, T> =>
  v.custom<T>((value) => typeof value === 'object' && value !== null);

/** What is told to a student about the class. */
const ClassNews = v.strictObject({
  name: v.string(),
  group: v.nullable(Name),
  held: v.boolean(),
  pacePerMille: Count,
  ended: v.boolean(),
});

const Presence = v.picklist(['bot', 'here', 'away']);

/** One seat as the instructor sees it. */
const Person = v.strictObject({
  node: Name,
  name: v.nullable(v.string()),
  presence: Presence,
  /** How long the browser has been away, real milliseconds; 0 when it is here. */
  awayMs: Count,
  /** Whether the browser's own node last agreed with the server's; null before the first report. */
  agrees: v.nullable(v.boolean()),
});
export type Person = v.InferOutput<typeof Person>;

/** One event from the server to a browser. */
export interface ServerEvent {
  readonly roles: readonly Role[];
  readonly schema: v.GenericSchema;
  readonly text: string;
}

/** Everything the server may say. */
export const SERVER_EVENTS = {
  seat: {
    roles: ['student'],
    schema: v.strictObject({
      /** Names this life of the server: input counts of another life mean nothing here. */
      run: v.string(),
      system: v.string(),
      knobs: Header.entries.knobs,
      stores: Header.entries.stores,
      workload: v.string(),
      nodes: v.array(Name),
      spares: v.optional(v.array(Name)),
      mirror: Deep<SeatMirror>(),
      class: ClassNews,
    }),
    text: "The student's own node, whole: replaces whatever the browser had.",
  },
  frame: {
    roles: ['student'],
    schema: v.strictObject({
      run: v.string(),
      /** Virtual time that this frame completes. */
      now: Count,
      /** How many inputs the node had taken before these. A gap: connect again. */
      before: Count,
      inputs: Deep<FlatInputs>(),
      /** Asks for a `digest` after these inputs. */
      report: v.boolean(),
    }),
    text: "Inputs of the student's own node since the last frame, flat (see below).",
  },
  class: { roles: ['student'], schema: ClassNews, text: 'News of the class, as a whole.' },
  gone: {
    roles: ['student', 'instructor', 'screen'],
    schema: v.strictObject({
      reason: v.picklist(['superseded', 'removed', 'blocked', 'ended', 'draining', 'rotated', 'flooding']),
      retryAfterMs: v.nullable(Count),
    }),
    text: 'The last thing a socket hears, and why. Only `draining` invites to come back by itself.',
  },
  recording: {
    roles: ['instructor', 'screen'],
    schema: v.strictObject({
      run: v.string(),
      header: Header,
      /** A state to begin from; null: from the start. */
      state: v.nullable(Deep<FoldState>()),
      entries: v.array(Entry),
      now: Count,
    }),
    text: 'The recording so far: a state and the entries after it. Fold them to `now`.',
  },
  entries: {
    roles: ['instructor', 'screen'],
    schema: v.strictObject({ entries: v.array(Entry) }),
    text: 'What was recorded since.',
  },
  clock: {
    roles: ['instructor', 'screen'],
    schema: v.strictObject({ now: Count, digest: v.nullable(v.string()) }),
    text: 'Virtual time up to which the fold may go; from time to time with the digest it should have then.',
  },
  people: {
    roles: ['instructor'],
    schema: v.strictObject({
      people: v.array(Person),
      namesShown: v.boolean(),
      bots: BotLoad,
      /** Addresses under which students reach this server, best first. */
      joinUrls: v.array(v.string()),
      /** Why nothing can be recorded at present; null when all is well. */
      trouble: v.nullable(v.string()),
    }),
    text: 'Who sits where. Whole, whenever it changes.',
  },
  names: {
    roles: ['screen'],
    schema: v.strictObject({
      names: v.record(Name, v.string()),
      joinUrls: v.array(v.string()),
      instructorHere: v.boolean(),
    }),
    text: 'Names by node, empty unless the instructor shows them, and how to join.',
  },
} as const satisfies Record<string, ServerEvent>;

export type ServerEventName = keyof typeof SERVER_EVENTS;
export type ServerPayload<E extends ServerEventName> = v.InferOutput<(typeof SERVER_EVENTS)[E]['schema']>;

/** The events as Socket.IO's type parameters want them. */
export type ClientToServer = {
  [E in ClientEventName]: (payload: ClientPayload<E>, ack: (reply: ClientReply<E>) => void) => void;
};
export type ServerToClient = { [E in ServerEventName]: (payload: ServerPayload<E>) => void };
