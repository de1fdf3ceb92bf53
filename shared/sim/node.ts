import { clone } from '../base/json.ts';
import { assert, unreachable } from '../base/assert.ts';
import type { Driver } from './driver.ts';
import type { NodeId, Operation, OperationRequest, Outcome } from './operation.ts';
import type { Config, Mark, Protocol } from './protocol.ts';
import { Turn } from './turn.ts';

/** The algorithms every node of a cluster runs. */
export interface NodeDefinition {
  readonly protocol: Protocol;
  readonly driver: Driver;
  readonly knobs: object;
  readonly nodes: readonly NodeId[];
}

/**
 * One simulated machine: a replica and the client driver of the person who sits there. This is all that a
 * student's browser needs to run its own node, and nothing in it tells of other nodes' doings.
 */
export type NodeState = {
  readonly id: NodeId;
  up: boolean;
  paused: boolean;
  /** How often the node has been started. */
  incarnation: number;
  /** The node's clock minus true time, milliseconds. */
  clockOffset: number;
  /** Inputs taken; numbers the node's draws. */
  inputs: number;
  /** Messages sent; numbers them. */
  sent: number;
  /** Operations invoked; numbers them. */
  operations: number;
  /** Operations without an outcome yet. */
  pending: string[];
  replica: object;
  driver: object;
  /** What the disk holds while the node is down. */
  durable: unknown;
};

/** What one node sends another across a link. */
export type Body =
  | { readonly kind: 'message'; readonly message: object }
  | { readonly kind: 'request'; readonly id: number; readonly request: object }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: object }
  | { readonly kind: 'disconnected' };

/** Whose timer it is. */
export type Owner = 'replica' | 'driver';

/** Everything that can happen to a node. With its time and draw, this is all its behaviour depends on. */
export type NodeInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'arrival'; readonly from: NodeId; readonly number: number; readonly body: Body }
  | { readonly kind: 'timer'; readonly owner: Owner; readonly timer: string }
  | { readonly kind: 'operation'; readonly request: OperationRequest }
  | { readonly kind: 'crash'; readonly disk: 'kept' | 'lost' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'skew'; readonly offset: number };

/** Carries out what a node does: the world on the server, a notebook in a student's browser. */
export interface NodeHost {
  /** `number` counts the node's messages from 1. */
  send(node: NodeState, to: NodeId, number: number, body: Body): void;
  setTimer(node: NodeState, owner: Owner, timer: string, after: number): void;
  cancelTimer(node: NodeState, owner: Owner, timer: string): void;
  cancelAllTimers(node: NodeState): void;
  mark(node: NodeState, mark: Mark): void;
  invoked(node: NodeState, operation: Operation): void;
  finished(node: NodeState, id: string, outcome: Outcome): void;
}

/** A node that has not been started. */
export function createNode(definition: NodeDefinition, id: NodeId): NodeState {
  const config: Config<object> = {
    self: id,
    nodes: definition.nodes,
    knobs: definition.knobs,
    incarnation: 0,
  };
  return {
    id,
    up: false,
    paused: false,
    incarnation: 0,
    clockOffset: 0,
    inputs: 0,
    sent: 0,
    operations: 0,
    pending: [],
    replica: definition.protocol.init(config, null),
    driver: definition.driver.init(config),
    durable: null,
  };
}

/** Lets a node take one input. `at` is true virtual time, `random` the input's draw. */
export function takeInput(
  definition: NodeDefinition,
  node: NodeState,
  input: NodeInput,
  at: number,
  random: number,
  host: NodeHost,
): void {
  node.inputs++;
  switch (input.kind) {
    case 'start':
      start(definition, node, at, random, host);
      return;
    case 'arrival':
      arrive(new Turn(definition, node, at, random, host), input.from, input.body);
      return;
    case 'timer': {
      const turn = new Turn(definition, node, at, random, host);
      if (input.owner === 'replica') turn.replica({ kind: 'timer', timer: input.timer });
      else turn.driver({ kind: 'timer', timer: input.timer });
      turn.settle();
      return;
    }
    case 'operation':
      operate(definition, node, input.request, at, random, host);
      return;
    case 'crash':
      crash(definition, node, input.disk, host);
      return;
    case 'pause':
      node.paused = true;
      return;
    case 'resume':
      node.paused = false;
      return;
    case 'skew':
      node.clockOffset = input.offset;
      return;
    default:
      unreachable(input);
  }
}

function start(
  definition: NodeDefinition,
  node: NodeState,
  at: number,
  random: number,
  host: NodeHost,
): void {
  assert(!node.up, `${node.id} is started while it is up`);
  node.up = true;
  node.incarnation++;
  const config = {
    self: node.id,
    nodes: definition.nodes,
    knobs: definition.knobs,
    incarnation: node.incarnation,
  };
  node.replica = definition.protocol.init(config, node.durable);
  node.driver = definition.driver.init(config);
  node.durable = null;
  const turn = new Turn(definition, node, at, random, host);
  turn.replica({ kind: 'start' });
  turn.driver({ kind: 'start' });
  turn.settle();
}

function crash(definition: NodeDefinition, node: NodeState, disk: 'kept' | 'lost', host: NodeHost): void {
  assert(node.up, `${node.id} crashes while it is down`);
  node.up = false;
  node.paused = false;
  node.durable = disk === 'kept' ? clone(definition.protocol.durable(node.replica)) : null;
  host.cancelAllTimers(node);
  const interrupted = node.pending;
  node.pending = [];
  for (const id of interrupted) {
    host.finished(node, id, { class: 'info', error: definition.driver.interrupted });
  }
}

function operate(
  definition: NodeDefinition,
  node: NodeState,
  request: OperationRequest,
  at: number,
  random: number,
  host: NodeHost,
): void {
  const operation: Operation = { ...request, id: `${node.id}-${++node.operations}` };
  host.invoked(node, operation);
  if (!node.up) {
    host.finished(node, operation.id, { class: 'fail', error: definition.driver.refused });
    return;
  }
  node.pending.push(operation.id);
  const turn = new Turn(definition, node, at, random, host);
  turn.driver({ kind: 'operation', operation });
  turn.settle();
}

function arrive(turn: Turn, from: NodeId, body: Body): void {
  switch (body.kind) {
    case 'message':
      turn.replica({ kind: 'message', from, message: body.message });
      break;
    case 'request':
      turn.replica({ kind: 'request', from, id: body.id, request: body.request });
      break;
    case 'reply':
      turn.reply(from, body.id, body.reply);
      break;
    case 'disconnected':
      turn.replica({ kind: 'disconnected', from });
      turn.driver({ kind: 'disconnected', from });
      break;
    default:
      unreachable(body);
  }
  turn.settle();
}
