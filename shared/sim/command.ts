import * as v from 'valibot';
import { Name, Request } from './operation.ts';
import { ShapeName } from './shapes.ts';

/** A set of nodes: by the name of a group (whoever is in it at the time), or one by one. */
export const Side = v.union([
  v.strictObject({ group: Name }),
  v.strictObject({ nodes: v.pipe(v.array(Name), v.minLength(1), v.maxLength(1000)) }),
]);
export type Side = v.InferOutput<typeof Side>;

const MILLION = 1_000_000;
const Milliseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(600_000));
/** A share in parts per million: the kernel has no fractions. */
const PerMillion = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MILLION));

/** What travels between nodes: clients' requests and the answers to them, or what replicas tell each other. */
export const Traffic = v.picklist(['clients', 'replicas']);
export type Traffic = v.InferOutput<typeof Traffic>;

/** A cut that comes and goes: down for so long, then up for so long, again and again. Milliseconds. */
export const Flap = v.strictObject({
  down: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(600_000)),
  up: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(600_000)),
});
export type Flap = v.InferOutput<typeof Flap>;

const Offset = v.pipe(v.number(), v.safeInteger(), v.minValue(-86_400_000), v.maxValue(86_400_000));

/** What can be asked of a cluster. Everything a run does beyond its seed is one of these, at a virtual time. */
export const ClusterCommand = v.variant('kind', [
  /** A person at a node asks an operation of the system. */
  v.strictObject({ kind: v.literal('operate'), node: Name, operation: Request }),
  /** Cuts the links from one set of nodes to another; both directions unless one way. A firewall cuts one kind. */
  v.strictObject({
    kind: v.literal('cut'),
    from: Side,
    to: Side,
    oneWay: v.boolean(),
    traffic: v.optional(Traffic),
    flap: v.optional(Flap),
  }),
  /** Cuts the whole cluster, or these nodes of it, into a shape. */
  v.strictObject({
    kind: v.literal('shape'),
    shape: ShapeName,
    /** Of the shape `sides`: how many; 3 unless given. */
    sides: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(2), v.maxValue(26))),
    /** In this order: the first ones are the minority, the bridge, the hub. */
    nodes: v.optional(v.pipe(v.array(Name), v.minLength(2), v.maxLength(1000))),
    flap: v.optional(Flap),
  }),
  /** Cuts any set of directed links. */
  v.strictObject({
    kind: v.literal('sever'),
    pairs: v.pipe(v.array(v.tuple([Name, Name])), v.minLength(1), v.maxLength(10_000)),
    flap: v.optional(Flap),
  }),
  /** Brings links up again: all of them, or those between two sets. Delays and losses stay. */
  v.strictObject({
    kind: v.literal('heal'),
    between: v.nullable(v.strictObject({ from: Side, to: Side, oneWay: v.boolean() })),
  }),
  /** Takes back one fault of the network, whatever came after it. */
  v.strictObject({ kind: v.literal('undo'), fault: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  /** Cuts one node from all others, both ways. `leader` is whoever leads when the command takes effect. */
  v.strictObject({ kind: v.literal('isolate'), node: Name }),
  /** Sets the quality of links: delay and jitter in milliseconds, loss and duplication per million. */
  v.strictObject({
    kind: v.literal('link'),
    from: Side,
    to: Side,
    oneWay: v.boolean(),
    delay: v.optional(Milliseconds),
    jitter: v.optional(Milliseconds),
    loss: v.optional(PerMillion),
    duplication: v.optional(PerMillion),
  }),
  /** Stops a node's process. Its disk is there at the restart, or lost. */
  v.strictObject({ kind: v.literal('crash'), node: Name, disk: v.picklist(['kept', 'lost']) }),
  v.strictObject({ kind: v.literal('restart'), node: Name }),
  /** Freezes a node with its state, like a long garbage collection: what arrives waits. */
  v.strictObject({ kind: v.literal('pause'), node: Name }),
  v.strictObject({ kind: v.literal('resume'), node: Name }),
  /** Sets a node's clock this far from true time; with drift it goes on gaining so much, per million. */
  v.strictObject({
    kind: v.literal('skew'),
    node: Name,
    offset: Offset,
    drift: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(-500_000), v.maxValue(MILLION))),
  }),
  /** Moves a node's clock by so much, once. */
  v.strictObject({ kind: v.literal('jump'), node: Name, by: Offset }),
  /** Makes or replaces a named set of nodes. */
  v.strictObject({ kind: v.literal('group'), name: Name, nodes: v.pipe(v.array(Name), v.maxLength(1000)) }),
  /** Takes a node out of every group and into this one, which is made if need be. */
  v.strictObject({ kind: v.literal('move'), node: Name, group: Name }),
]);
export type ClusterCommand = v.InferOutput<typeof ClusterCommand>;

/** What `isolate` names to mean whoever leads at that moment. */
export const LEADER = 'leader';
