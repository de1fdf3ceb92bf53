import * as v from 'valibot';
import { Name, Request } from '../sim/operation.ts';
import { Reference } from '../recording/reference.ts';
import { KnobValues, Stores } from '../recording/stores.ts';
import { Count, Deep, GONE, PersonName, Token, type Contract, type Limit } from './event.ts';
import type { FlatInputs } from './frame.ts';
import { Recorded, Reply } from './refusals.ts';
import type { SeatMirror } from './seat.ts';

const STUDENT: Limit = { perSecond: 10, burst: 30 };

/** What is told to a student about the class. */
const ClassNews = v.strictObject({
  name: v.string(),
  group: v.nullable(Name),
  held: v.boolean(),
  pacePerMille: Count,
  ended: v.boolean(),
});

/** What students' pages say and hear. */
export const STUDENT_EVENTS = {
  client: {
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
  },
  server: {
    seat: {
      roles: ['student'],
      schema: v.strictObject({
        /** Names this life of the server: input counts of another life mean nothing here. */
        run: v.string(),
        system: v.string(),
        knobs: KnobValues,
        stores: v.optional(Stores),
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
    moment: {
      roles: ['student'],
      schema: v.strictObject({ at: v.nullable(Count), mirror: v.nullable(Deep<SeatMirror>()) }),
      text: "The moment of the past that everybody looks at: the student's own node as it was then, and nothing else. Null: the present.",
    },
    class: { roles: ['student'], schema: ClassNews, text: 'News of the class, as a whole.' },
    gone: GONE,
  },
} as const satisfies Contract;
