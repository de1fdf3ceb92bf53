import * as v from 'valibot';
import { Name } from '../sim/operation.ts';
import { LEADER } from '../sim/command.ts';
import { KnobValues, Stores } from './stores.ts';

/**
 * The version of the recording format. A reader refuses a newer one by name. Format 1 had no `set` and no
 * `ditto` in its deltas, and wrote out parts that were empty; it is read as ever.
 */
export const FORMAT_VERSION = 2;
/** Raised whenever the kernel or a protocol behaves differently: older recordings then fold differently. */
export const ENGINE_VERSION = 4;

const Nodes = v.pipe(
  v.array(Name),
  v.minLength(1),
  v.maxLength(1000),
  v.check((nodes) => new Set(nodes).size === nodes.length, 'every node must have a name of its own'),
  v.check((nodes) => !nodes.includes(LEADER), `no node may be called ${LEADER}`),
);
const Milliseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(60_000));

/** Everything that decides a run besides its commands. */
export const Header = v.strictObject({
  format: v.literal('quorum-call'),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  engine: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** The recording's name: letters, digits and hyphens. */
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be 1 to 64 letters, digits or hyphens')),
  /** When the classroom was opened, ISO 8601: a label, which nothing depends on. */
  opened: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  system: v.string(),
  knobs: KnobValues,
  /** Further stores in the same cluster, each for the keys that begin with its name and a slash. */
  stores: v.optional(Stores),
  workload: v.string(),
  seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffff_ffff)),
  nodes: Nodes,
  /** Those of the nodes that run and do not belong to the cluster at the beginning; none unless given. */
  spares: v.optional(v.array(Name)),
  groups: v.record(Name, v.array(Name)),
  network: v.strictObject({ delay: Milliseconds, jitter: Milliseconds }),
});
export type Header = v.InferOutput<typeof Header>;

/** Links that nobody has touched: one data centre's worth of distance, enough to see a message move. */
export const DEFAULT_NETWORK = { delay: 10, jitter: 5 };
