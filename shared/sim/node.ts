import { clone } from '../base/json.ts';
import { draw } from '../base/random.ts';
import { assert, unreachable } from '../base/assert.ts';
import type { Driver, DriverInput, DriverShape } from './driver.ts';
import type { NodeId, Operation, OperationRequest, Outcome } from './operation.ts';
import type { Ambient, Config, Input, Mark, Protocol, Shape } from './protocol.ts';

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

/** Request ids carry the incarnation that asked, so that an answer to a crashed process reaches nobody. */
const IDS_PER_INCARNATION = 1_000_000;

/**
 * One input's work at one node. What replica and driver of the same node say to each other takes no time;
 * it waits until the outputs already decided are carried out, so that messages leave in the order decided.
 */
class Turn {
  readonly #definition: NodeDefinition;
  readonly #node: NodeState;
  readonly #now: number;
  readonly #random: number;
  readonly #host: NodeHost;
  #steps = 0;
  #local: (() => void)[] | null = null;

  constructor(definition: NodeDefinition, node: NodeState, at: number, random: number, host: NodeHost) {
    this.#definition = definition;
    this.#node = node;
    this.#now = at + node.clockOffset;
    this.#random = random;
    this.#host = host;
  }

  replica(input: Input<Shape>): void {
    const node = this.#node;
    const host = this.#host;
    const outputs = this.#definition.protocol.step(node.replica, input, this.#ambient());
    for (const output of outputs) {
      switch (output.kind) {
        case 'send':
          host.send(node, output.to, ++node.sent, { kind: 'message', message: output.message });
          break;
        case 'set-timer':
          host.setTimer(node, 'replica', output.timer, output.after);
          break;
        case 'cancel-timer':
          host.cancelTimer(node, 'replica', output.timer);
          break;
        case 'persist':
          break;
        case 'reply':
          if (output.to === node.id) this.#later(() => this.reply(node.id, output.id, output.reply));
          else host.send(node, output.to, ++node.sent, { kind: 'reply', id: output.id, reply: output.reply });
          break;
        case 'mark':
          host.mark(node, output.mark);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Hands a reply to the driver, unless an earlier incarnation asked. */
  reply(from: NodeId, id: number, reply: object): void {
    const asked = id - this.#node.incarnation * IDS_PER_INCARNATION;
    if (asked >= 0 && asked < IDS_PER_INCARNATION) this.driver({ kind: 'reply', from, id: asked, reply });
  }

  driver(input: DriverInput<DriverShape>): void {
    const node = this.#node;
    const host = this.#host;
    const outputs = this.#definition.driver.step(node.driver, input, this.#ambient());
    for (const output of outputs) {
      switch (output.kind) {
        case 'request': {
          assert(output.id < IDS_PER_INCARNATION, `${node.id}: the driver ran out of request ids`);
          const id = output.id + node.incarnation * IDS_PER_INCARNATION;
          const request = output.request;
          if (output.to === node.id) {
            this.#later(() => this.replica({ kind: 'request', from: node.id, id, request }));
          } else host.send(node, output.to, ++node.sent, { kind: 'request', id, request });
          break;
        }
        case 'finish': {
          const index = node.pending.indexOf(output.id);
          assert(index >= 0, `${node.id}: the driver finished ${output.id}, which is not under way`);
          node.pending.splice(index, 1);
          host.finished(node, output.id, output.outcome);
          break;
        }
        case 'set-timer':
          host.setTimer(node, 'driver', output.timer, output.after);
          break;
        case 'cancel-timer':
          host.cancelTimer(node, 'driver', output.timer);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Carries out what replica and driver said to each other until both are silent. */
  settle(): void {
    const local = this.#local;
    if (local === null) return;
    for (let i = 0; i < local.length; i++) {
      assert(i < 1000, `${this.#node.id}: replica and driver talk to each other without end`);
      local[i]?.();
    }
    this.#local = null;
  }

  #later(work: () => void): void {
    if (this.#local === null) this.#local = [work];
    else this.#local.push(work);
  }

  #ambient(): Ambient {
    const step = this.#steps++;
    return { now: this.#now, random: step === 0 ? this.#random : draw(this.#random, step) };
  }
}
