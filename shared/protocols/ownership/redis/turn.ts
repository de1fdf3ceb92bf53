import { assert } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../../sim/protocol.ts';
import { ownersIn, rangesOwnedIn } from './owners.ts';
import type { Reply } from './requests.ts';
import type { Member, Message, RedisShape, RedisState, Timer } from './types.ts';

/** clusterCron runs ten times a second, replicationCron once. Milliseconds. */
export const CRON = 100;
export const REPLICATION_CRON = 1000;

/** One step of a node: its state, what the world supplies, and what it has done so far. */
export type Turn = Ambient & {
  readonly state: RedisState;
  readonly outputs: Output<RedisShape>[];
  /** Whether something durable changed, and whether the cluster's state has to be looked at again. */
  isDirty: boolean;
  isUnsettled: boolean;
};

export function send(turn: Turn, to: NodeId, message: Message): void {
  turn.outputs.push({ kind: 'send', to, message });
}

export function reply(turn: Turn, to: NodeId, id: number, body: Reply): void {
  turn.outputs.push({ kind: 'reply', to, id, reply: body });
}

export function mark(turn: Turn, name: Mark['name'], text: string): void {
  turn.outputs.push({
    kind: 'mark',
    mark: { name, term: turn.state.durable.currentEpoch, text: `${turn.state.self} ${text}` },
  });
}

export function setTimer(turn: Turn, timer: Timer, after: number): void {
  turn.outputs.push({ kind: 'set-timer', timer, after });
}

/** The configuration changed: it goes to disk, and the cluster may be able to serve more, or less. */
export function reconfigured(turn: Turn): void {
  turn.isDirty = true;
  turn.isUnsettled = true;
}

export function cancelTimer(turn: Turn, timer: Timer): void {
  turn.outputs.push({ kind: 'cancel-timer', timer });
}

export function memberOf(state: RedisState, node: NodeId): Member {
  const member = state.durable.members[node];
  assert(member !== undefined, `${node} is no member of the cluster`);
  return member;
}

/** Whether this node knows of another. */
export function knows(state: RedisState, node: NodeId): boolean {
  return node in state.durable.members;
}

/** When a node last answered, as far as this one saw or was told. */
export function pongOf(state: RedisState, node: NodeId): number {
  return state.pongs[state.nodes.indexOf(node)] ?? 0;
}

export function setPong(state: RedisState, node: NodeId, at: number): void {
  state.pongs[state.nodes.indexOf(node)] = at;
}

/** Whom a node replicates, or the node itself when it is a master. */
export function masterOf(state: RedisState, node: NodeId): NodeId {
  return memberOf(state, node).master ?? node;
}

export function isMaster(state: RedisState, node: NodeId): boolean {
  return memberOf(state, node).master === null;
}

/** The numbers of the ranges that a node owns. */
export function rangesOwnedBy(state: RedisState, node: NodeId): number[] {
  return rangesOwnedIn(state.durable, node);
}

/** The masters with slots: those whose votes and reports count. */
export function votersOf(state: RedisState): NodeId[] {
  const owners = new Set(ownersIn(state.durable));
  return [...owners].filter((owner): owner is NodeId => owner !== null && isMaster(state, owner));
}

/** A majority of the masters with slots, reachable or not. */
export function quorumOf(state: RedisState): number {
  return Math.floor(votersOf(state).length / 2) + 1;
}
