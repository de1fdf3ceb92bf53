import { lookUp, type Table } from '../../../base/table.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import { placement } from '../ring.ts';
import {
  type Detector,
  isAvailable,
  patienceFor,
  PROBE,
  recordFailure,
  recordSuccess,
  recover,
} from './detector.ts';
import type { Reply, Request, Slop, Versioned, VoldemortKnobs } from './types.ts';

export interface VoldemortDriverShape extends DriverShape {
  readonly knobs: VoldemortKnobs;
  readonly state: ClientState;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type Timer = 'probe' | `call-${number}`;

export type ClientState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
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

/** An operation on its way through the client's pipeline. */
export type Task = {
  readonly operation: Operation;
  stage: 'get' | 'put' | 'delete';
  /** How often it has begun anew because somebody else wrote in between. */
  attempts: number;
  /** When the present stage began, milliseconds. */
  started: number;
  /** Owners taken to be available when it began; how many of them have been asked. */
  nodes: readonly NodeId[];
  asked: number;
  waiting: NodeId[];
  successes: number;
  /** Owners that do not have the write: for each a slop is kept somewhere. */
  failed: NodeId[];
  readonly found: Table<readonly Versioned[]>;
  /** What is written: before the first owner has numbered it, and after. */
  base: Versioned | null;
  write: Slop['write'] | null;
  master: NodeId | null;
  told: boolean;
};

export type Call = { readonly node: NodeId } & (
  | { readonly purpose: 'task'; readonly task: string }
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
  const { state, outputs } = turn;
  const id = ++state.requests;
  state.calls[String(id)] = call;
  const after = patienceFor(state.detector, call.node, state.knobs.routingTimeout);
  outputs.push({ kind: 'set-timer', timer: `call-${id}`, after });
  outputs.push({ kind: 'request', to: call.node, id, request });
}

/** Ends a call with its answer; undefined when it has ended already. */
export function answered(turn: ClientTurn, id: number): Call | undefined {
  const done = endCall(turn, id);
  if (done === undefined) return undefined;
  if (done.purpose === 'probe') recover(turn.state.detector, done.node);
  else recordSuccess(turn.state.detector, done.node, turn.now);
  return done;
}

/** Ends a call without an answer. The failure detector hears of it. */
export function failed(turn: ClientTurn, id: number): Call | undefined {
  const done = endCall(turn, id);
  if (done === undefined || done.purpose === 'probe') return done;
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
export function ownersOf({ nodes, knobs }: ClientState, key: string): NodeId[] {
  return placement(key, nodes, knobs.n);
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
