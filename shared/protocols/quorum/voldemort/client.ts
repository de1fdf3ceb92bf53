import { lookUp, type Table } from '../../../base/table.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { placement, walk } from '../ring.ts';
import { type Cluster, preferenceList } from './cluster.ts';
import {
  type Detector,
  isAvailable,
  patienceFor,
  PROBE,
  recordFailure,
  recordSuccess,
  recover,
} from './detector.ts';
import type { Job } from './job.ts';
import type { Task } from './task.ts';
import type { Reply, Request, Slop, VoldemortKnobs } from './types.ts';

export interface VoldemortDriverShape extends DriverShape {
  readonly knobs: VoldemortKnobs;
  readonly state: ClientState;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type Timer = 'probe' | `call-${number}` | `job-${string}`;

/** What has to do with members that change is there only where they do: other runs keep the states they had. */
export type ClientState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** Who founded the cluster, where not all nodes have. */
  readonly members?: readonly NodeId[];
  /** cluster.xml as this client was told of it last; undefined: the first one. It is not told of changes. */
  cluster?: Cluster;
  /** Whether it has started anew and must first ask for cluster.xml. */
  isNew?: boolean;
  /** What administrators at this node have under way, by the id of their operation. */
  jobs?: Table<Job>;
  readonly knobs: VoldemortKnobs;
  readonly detector: Detector;
  /** Operations under way, by their id. */
  readonly tasks: Table<Task>;
  /** Requests without an answer, by number. */
  readonly calls: Table<Call>;
  requests: number;
  /** Of each key the clock of what was read here last. */
  readonly read: Table<VectorClock>;
  probing: boolean;
};

export type Call = { readonly node: NodeId } &
  /** `refreshes`: those of the task by then. What was asked before is of no more use. */
  (
    | { readonly purpose: 'task'; readonly task: string; readonly refreshes?: number }
    /** For cluster.xml. `tried`: nodes that did not have it. */
    | { readonly purpose: 'bootstrap'; readonly task: string; readonly tried: readonly NodeId[] }
    | { readonly purpose: 'job'; readonly job: string }
    /** A slop on its way to a node that will keep it. `tried`: nodes that did not take it. */
    | {
        readonly purpose: 'slop';
        readonly owner: NodeId;
        readonly key: string;
        readonly write: Slop['write'];
        readonly tried: readonly NodeId[];
      }
    | { readonly purpose: 'repair' | 'probe' }
  );

/** One step of a client: its state, its clock, and what it has done so far. */
export type ClientTurn = {
  readonly state: ClientState;
  readonly now: number;
  readonly outputs: DriverOutput<VoldemortDriverShape>[];
};

/** Asks a server. An answer, a reset connection or the timeout ends the call. */
export function call(turn: ClientTurn, call: Call, request: Request): void {
  const { detector, knobs } = turn.state;
  callPatiently(turn, call, request, patienceFor(detector, call.node, knobs.routingTimeout));
}

/** Asks as a tool does: it has no failure detector, and waits for `patience` milliseconds. */
export function callPatiently(
  { state, outputs }: ClientTurn,
  call: Call,
  request: Request,
  patience: number,
): void {
  const id = ++state.requests;
  state.calls[String(id)] = call;
  outputs.push({ kind: 'set-timer', timer: `call-${id}`, after: patience });
  outputs.push({ kind: 'request', to: call.node, id, request });
}

/** Ends a call with its answer; undefined when it has ended already. */
export function answered(turn: ClientTurn, id: number): Call | undefined {
  const done = endCall(turn, id);
  if (done === undefined || done.purpose === 'job') return done;
  if (done.purpose === 'probe') recover(turn.state.detector, done.node);
  else recordSuccess(turn.state.detector, done.node, turn.now);
  return done;
}

/** Ends a call without an answer. The failure detector hears of it. */
export function failed(turn: ClientTurn, id: number): Call | undefined {
  const done = endCall(turn, id);
  if (done === undefined || done.purpose === 'probe' || done.purpose === 'job') return done;
  if (recordFailure(turn.state.detector, done.node, turn.now)) keepProbing(turn);
  return done;
}

/** Asks the servers that were given up whether they are back, for as long as there are any. */
export function onProbeTimer(turn: ClientTurn): void {
  const { state } = turn;
  state.probing = false;
  for (const node of state.nodes) {
    if (!isAvailable(state.detector, node)) call(turn, { node, purpose: 'probe' }, { kind: 'ping' });
  }
  keepProbing(turn);
}

/** The preference list of a key. */
export function ownersOf({ nodes, members, cluster, knobs }: ClientState, key: string): NodeId[] {
  const founders = members ?? nodes;
  if (cluster === undefined) return placement(key, founders, knobs.n);
  return preferenceList(cluster, founders, key, knobs.n);
}

/** Every server that has partitions, in the order in which they are met from the key on. */
export function serversFrom({ nodes, members, cluster }: ClientState, key: string): Iterable<NodeId> {
  const founders = members ?? nodes;
  if (cluster === undefined) return walk(key, founders);
  return preferenceList(cluster, founders, key, cluster.nodes.length);
}

/** The owners that the client takes to be available, or the error of there being too few. */
export function availableOwners(state: ClientState, key: string, required: number): NodeId[] | string {
  const owners = ownersOf(state, key);
  const up = owners.filter((node) => isAvailable(state.detector, node));
  if (up.length >= required) return up;
  const down = owners.filter((node) => !up.includes(node));
  const lists = `Replication set: [${owners.join(', ')}]Nodes down: [${down.join(', ')}]`;
  return `Only ${up.length} nodes up in preference list, but ${required} required. ${lists}`;
}

function endCall({ state, outputs }: ClientTurn, id: number): Call | undefined {
  const done = lookUp(state.calls, String(id));
  if (done === undefined) return undefined;
  delete state.calls[String(id)];
  outputs.push({ kind: 'cancel-timer', timer: `call-${id}` });
  return done;
}

function keepProbing({ state, outputs }: ClientTurn): void {
  if (state.probing || state.nodes.every((node) => isAvailable(state.detector, node))) return;
  state.probing = true;
  outputs.push({ kind: 'set-timer', timer: 'probe', after: PROBE });
}
