import * as v from 'valibot';
import { ClusterCommand } from '../sim/command.ts';
import { Name } from '../sim/operation.ts';
import { Reference } from './reference.ts';

const Instant = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What a lost browser does to its node. */
export const LossPolicy = v.picklist(['keep', 'pause', 'crash']);
export type LossPolicy = v.InferOutput<typeof LossPolicy>;

/** A promise: the least share of operations that succeed, in thousandths, and how far behind a read may be. Null: none. */
export const Promised = v.strictObject({
  availabilityPerMille: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1000))),
  /** Virtual milliseconds. */
  window: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(86_400_000))),
});
export type Promised = v.InferOutput<typeof Promised>;

/** What happens to the class rather than to the cluster. The cluster does not notice any of it. */
export const ClassCommand = v.variant('kind', [
  /** A node's seat changes hands. */
  v.strictObject({ kind: v.literal('seat'), node: Name, by: v.picklist(['student', 'bot']) }),
  /** A student's browser was lost, or is back: a real disconnection, not part of the exercise. */
  v.strictObject({ kind: v.literal('presence'), node: Name, is: v.picklist(['here', 'away']) }),
  /** Everybody stops and looks up, or goes on. */
  v.strictObject({ kind: v.literal('hold'), held: v.boolean() }),
  /** Virtual milliseconds per 1000 real ones: 20 is 1/50, 10000 is tenfold. */
  v.strictObject({
    kind: v.literal('pace'),
    perMille: v.pipe(v.number(), v.safeInteger(), v.minValue(20), v.maxValue(10_000)),
  }),
  v.strictObject({ kind: v.literal('policy'), onLoss: LossPolicy }),
  /** Whether new students are kept out. */
  v.strictObject({ kind: v.literal('lock'), locked: v.boolean() }),
  /** What the class promises itself, as a whole. */
  v.strictObject({ kind: v.literal('promise'), ...Promised.entries }),
  /** Virtual time up to `until` may have been shown to somebody: after a crash the run goes on from there. */
  v.strictObject({ kind: v.literal('horizon'), until: Instant }),
  v.strictObject({ kind: v.literal('end') }),
]);
export type ClassCommand = v.InferOutput<typeof ClassCommand>;

/** What people do to a classroom, as the recording keeps it. */
export const Command = v.variant('kind', [ClusterCommand, ClassCommand]);
export type Command = v.InferOutput<typeof Command>;

/** A command with its place and virtual time. Sequence numbers count from 1 without a gap. */
export const Entry = v.strictObject({
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  at: Instant,
  command: Command,
  /** The asker's own id for it. A command asked again after a lost answer has no second effect. */
  ref: v.nullable(Reference),
});
export type Entry = v.InferOutput<typeof Entry>;
