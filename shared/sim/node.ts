import type { Driver } from './driver.ts';
import { membersOf } from './members.ts';
import type { NodeId, Operation, OperationRequest, Outcome } from './operation.ts';
import type { Config, Mark, Protocol } from './protocol.ts';

/** The algorithms every node of a cluster runs. */
export interface NodeDefinition {
  readonly protocol: Protocol;
  readonly driver: Driver;
  readonly knobs: object;
  readonly nodes: readonly NodeId[];
  /** Those of the nodes that run and do not belong to the cluster at the beginning; none unless given. */
  readonly spares?: readonly NodeId[];
}

/** What a replica and a driver of this definition are told when they start. */
export function configOf(definition: NodeDefinition, self: NodeId, incarnation: number): Config<object> {
  const { nodes, knobs } = definition;
  return { self, nodes, members: membersOf(definition), knobs, incarnation };
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
  /** The node's clock minus true time, milliseconds; with a drift, as it was when that began. */
  clockOffset: number;
  /** How much the clock gains per million, since when by true time. Absent while it keeps time. */
  drift?: { readonly perMillion: number; readonly since: number };
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
  | { readonly kind: 'skew'; readonly offset: number; readonly drift?: number }
  | { readonly kind: 'jump'; readonly by: number };

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

/** What a node's clock is ahead of true time, milliseconds. */
export function clockOffsetOf({ clockOffset, drift }: NodeState, at: number): number {
  if (drift === undefined) return clockOffset;
  return clockOffset + Math.trunc(((at - drift.since) * drift.perMillion) / MILLION);
}

/** How long a time by the node's own clock is in true time: a fast clock's seconds are short. */
export function trueDuration({ drift }: NodeState, after: number): number {
  return drift === undefined ? after : Math.trunc((after * MILLION) / (MILLION + drift.perMillion));
}

const MILLION = 1_000_000;

/** A node that has not been started. */
export function createNode(definition: NodeDefinition, id: NodeId): NodeState {
  const config = configOf(definition, id, 0);
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
