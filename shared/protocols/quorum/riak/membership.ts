import type { NodeId } from '../../../sim/operation.ts';
import { foundingOwners } from './ring.ts';
import { activeMembers, founded, type Ring, serversOf } from './ring-state.ts';
import type { RiakState } from './types.ts';

/** The ring as this node has it; null where it belongs to no cluster. */
export function ringOf(state: RiakState): Ring | null {
  const { ring } = state.durable;
  if (ring !== undefined) return ring;
  const founders = foundersOf(state);
  return founders.includes(state.self) ? founded(founders) : null;
}

/** Whether this node belongs to no cluster. */
export function isSpare(state: RiakState): boolean {
  const { ring } = state.durable;
  return ring === undefined ? !foundersOf(state).includes(state.self) : ring === null;
}

/** Who serves each partition, as far as this node knows; nobody where it belongs to no cluster. */
export function ownersOf(state: RiakState): readonly NodeId[] {
  const { ring } = state.durable;
  if (ring !== undefined) return ring === null ? [] : serversOf(ring);
  return isSpare(state) ? [] : foundingOwners(foundersOf(state));
}

/** Everybody in the cluster of this node; nobody where it belongs to none. */
export function membersOf(state: RiakState): readonly NodeId[] {
  const { ring } = state.durable;
  if (ring !== undefined) return ring === null ? [] : activeMembers(ring);
  return isSpare(state) ? [] : foundersOf(state);
}

/** The other members, in the order of the nodes. */
export function peersOf(state: RiakState): readonly NodeId[] {
  const members = new Set(membersOf(state));
  return state.nodes.filter((node) => node !== state.self && members.has(node));
}

/** Whether a partition has been planned to change hands and not all have seen that it has. */
export function isMoving({ durable }: RiakState, partition: number): boolean {
  return durable.ring?.pending.some((move) => move.partition === partition) ?? false;
}

/** Whom a partition has been handed off to from here, until all know its new owner; undefined where it was not. */
export function nextOwnerOf({ self, durable }: RiakState, partition: number): NodeId | undefined {
  return durable.ring?.pending.find((move) => move.partition === partition && move.from === self && move.done)
    ?.to;
}

/** Whether a partition is to be this node's once it has been handed off (`future_primary`). */
export function isToBeOwn({ self, durable }: RiakState, partition: number): boolean {
  return durable.ring?.pending.some((move) => move.partition === partition && move.to === self) ?? false;
}

/** The members at the beginning. */
function foundersOf({ members, nodes }: RiakState): readonly NodeId[] {
  return members ?? nodes;
}
