import * as v from 'valibot';
import type { Delta } from '../base/delta.ts';
import { ClusterCommand } from '../sim/command.ts';
import { Name } from '../sim/operation.ts';
import { Entry, LossPolicy, Promised } from '../recording/command.ts';
import { Header } from '../recording/header.ts';
import { Reference } from '../recording/reference.ts';
import { Count, Deep, GONE, PersonName, Token, type Contract, type Limit } from './event.ts';
import { Recorded, Reply } from './refusals.ts';

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
  v.strictObject({ kind: v.literal('promise'), ...Promised.entries }),
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

const INSTRUCTOR: Limit = { perSecond: 20, burst: 60 };

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

/** What consoles and projectors say and hear. */
export const WATCH_EVENTS = {
  client: {
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
    show: {
      roles: ['instructor'],
      schema: v.strictObject({ at: v.nullable(Count) }),
      reply: Reply({}),
      limit: { perSecond: 2, burst: 6 },
      text: 'While everything is held, or when the class is over: has everybody look at a moment of the past, or with null at the present again. It ends with the hold, and is in no recording.',
    },
    rotate: {
      roles: ['instructor'],
      schema: v.strictObject({}),
      reply: Reply({ secret: Token }),
      limit: { perSecond: 1, burst: 3 },
      text: 'Makes a new instructor secret. Every other dashboard loses its rights at once.',
    },
  },
  server: {
    gone: GONE,
    recording: {
      roles: ['instructor', 'screen'],
      schema: v.strictObject({
        run: v.string(),
        header: Header,
        /** Where to begin, as the difference from how the header has it begin; null: there. */
        state: v.nullable(Deep<Delta>()),
        entries: v.array(Entry),
        now: Count,
      }),
      text: 'The recording so far: a state, as its difference from the state at the start, and the entries after it. Fold them to `now`.',
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
    scene: {
      roles: ['instructor', 'screen'],
      schema: v.strictObject({ at: v.nullable(Count), state: v.nullable(Deep<Delta>()) }),
      text: 'The moment of the past that everybody looks at: the whole class as it was, as its difference from the start. Null: the present.',
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
  },
} as const satisfies Contract;
