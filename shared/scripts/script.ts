import * as v from 'valibot';
import { Flap, Traffic } from '../sim/command.ts';
import { isMembershipChange, Name, OPERATION_KINDS, Options, Value } from '../sim/operation.ts';
import { ShapeName } from '../sim/shapes.ts';
import { CauseName } from './causes.ts';
import { DistanceName } from './distances.ts';
import { findInheritedName, explain } from './explain.ts';

/** A script that cannot be run; the message names the field and what is wrong with it. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** A script's last moment is at most a day away: a run takes as long as what happens in it. */
export const UNTIL_MAX = 86_400_000;

const Whole = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(), v.safeInteger(message), v.minValue(min, message), v.maxValue(max, message));
};
const Fraction = v.pipe(
  v.number(),
  v.minValue(0, 'must be a share from 0 to 1'),
  v.maxValue(1, 'must be a share from 0 to 1'),
);
const Instant = Whole(0, UNTIL_MAX);
const Delay = Whole(0, 600_000);

/** Some nodes: a list of them, or the name of a group (or of a single node). */
const Selector = v.union(
  [Name, v.pipe(v.array(Name), v.minLength(1, 'must name a node'))],
  'must be a list of nodes or the name of a group',
);
export type Selector = v.InferOutput<typeof Selector>;

/** Links: both ways between two sides, or one way from one side to another. */
const Links = {
  between: v.optional(v.pipe(v.array(Selector), v.length(2, 'must have two sides'))),
  from: v.optional(Selector),
  to: v.optional(Selector),
};

/** An operation on data: the fields each kind needs are looked at when it is compiled. */
const AskedStep = v.strictObject({
  do: v.picklist(OPERATION_KINDS.filter((kind) => !isMembershipChange(kind))),
  at: Instant,
  node: Name,
  key: Name,
  value: v.optional(Value),
  expected: v.optional(Value),
  to: v.optional(Name),
  options: v.optional(Options),
});
export type AskedStep = v.InferOutput<typeof AskedStep>;

const done = <D extends string>(name: D) => ({ do: v.literal(name), at: Instant });

/** A change of members: the node that it is about, and the one at which the administrator's tool runs. */
const Change = { node: Name, via: v.optional(Name), options: v.optional(Options) };

/** What can be done, by the word after `do`. */
export const Step = v.variant('do', [
  AskedStep,
  v.strictObject({ ...done('cut'), ...Links, traffic: v.optional(Traffic), flap: v.optional(Flap) }),
  v.strictObject({ ...done('heal'), ...Links }),
  v.strictObject({ ...done('cause'), cause: CauseName, ...Links }),
  v.strictObject({ ...done('isolate'), node: Name }),
  v.strictObject({
    ...done('shape'),
    shape: ShapeName,
    sides: v.optional(Whole(2, 26)),
    nodes: v.optional(v.pipe(v.array(Name), v.minLength(2, 'must name two nodes'))),
    flap: v.optional(Flap),
  }),
  v.strictObject({
    ...done('sever'),
    pairs: v.pipe(v.array(v.tuple([Name, Name])), v.minLength(1, 'must name a link')),
    flap: v.optional(Flap),
  }),
  v.strictObject({
    ...done('link'),
    from: Selector,
    to: Selector,
    delay: v.optional(Delay),
    jitter: v.optional(Delay),
    loss: v.optional(Fraction),
    duplicate: v.optional(Fraction),
  }),
  v.strictObject({ ...done('crash'), node: Name, disk: v.optional(v.picklist(['kept', 'lost'])) }),
  v.strictObject({ ...done('restart'), node: Name }),
  v.strictObject({ ...done('pause'), node: Name }),
  v.strictObject({ ...done('resume'), node: Name }),
  v.strictObject({
    ...done('skew'),
    node: Name,
    offset: Whole(-UNTIL_MAX, UNTIL_MAX),
    drift: v.optional(Whole(-500_000, 1_000_000)),
  }),
  v.strictObject({ ...done('join'), ...Change }),
  v.strictObject({ ...done('leave'), ...Change }),
  v.strictObject({ ...done('jump'), node: Name, by: Whole(-UNTIL_MAX, UNTIL_MAX) }),
]);
export type Step = v.InferOutput<typeof Step>;

/** A run written by a person: a cluster, what happens to it when, and when to stop. docs/formats.md describes it. */
export const Script = v.strictObject({
  system: v.string(),
  knobs: v.optional(v.record(v.string(), v.unknown())),
  seed: Whole(0, 0xffff_ffff),
  /** How many, or their names. */
  nodes: v.union(
    [Whole(1, 1000), v.pipe(v.array(Name), v.minLength(1), v.maxLength(1000))],
    'must be a whole number from 1 to 1000 or a list of names',
  ),
  groups: v.optional(v.record(Name, v.array(Name))),
  /** Those of the nodes that are no members at the beginning. */
  spares: v.optional(v.array(Name)),
  /** Further stores, each for the keys that begin with its name and a slash. */
  stores: v.optional(
    v.record(
      Name,
      v.strictObject({ system: v.string(), knobs: v.optional(v.record(v.string(), v.unknown())) }),
    ),
  ),
  /** How far the groups are from each other, from the start. */
  distances: v.optional(DistanceName),
  workload: v.optional(v.string()),
  /** Bots ask something at every so many milliseconds, from one moment to another, at nodes by chance. */
  load: v.optional(
    v.strictObject({ from: v.optional(Instant, 0), until: v.optional(Instant), every: Whole(1, UNTIL_MAX) }),
  ),
  steps: v.pipe(v.array(Step), v.maxLength(100_000, 'must be at most 100000 steps')),
  until: Instant,
});
export type Script = v.InferOutput<typeof Script>;

/** Reads a script. Throws ScriptError. Whether what it names exists is looked at when it is compiled. */
export function parseScript(text: string): Script {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScriptError(`it is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  const inherited = findInheritedName(value);
  if (inherited !== null) throw new ScriptError(`${inherited}: there is no such field`);
  const result = v.safeParse(Script, value, { abortEarly: true });
  if (!result.success) throw new ScriptError(explain(result.issues[0]));
  return result.output;
}
