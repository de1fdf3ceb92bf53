import type { NodeId } from '../../sim/operation.ts';
import { isDown } from './detector.ts';
import { ringOf } from './membership.ts';
import { placement, walk } from './ring.ts';
import type { Place, QuorumState } from './types.ts';

/**
 * Who takes part in an operation (DeCandia et al. 2007 §4.5, §4.6). Each of the N owners of a key has a place.
 * With a sloppy quorum the place of an owner that is down goes to the next healthy node of the walk, so that
 * the operation involves the first N healthy nodes; with a strict one it stays empty.
 */
export function placesOf(state: QuorumState, key: string): Place[] {
  const owners = ownersOf(state, key);
  const places: Place[] = [];
  for (const owner of owners) {
    const node = isHealthy(state, owner) ? owner : standIn(state, key, [...owners, ...nodesOf(places)]);
    if (node !== null) places.push({ owner, node, state: 'waiting' });
  }
  return places;
}

/**
 * Gives the places whose node has stayed silent to further healthy nodes. New places are added to the list: the
 * silent ones stay, because their nodes may answer late.
 */
export function refill(state: QuorumState, key: string, places: Place[]): Place[] {
  const owners = ownersOf(state, key);
  const filled: Place[] = [];
  for (const owner of owners) {
    const here = places.filter((place) => place.owner === owner);
    if (here.length === 0 || here.some((place) => place.state !== 'silent')) continue;
    const node = standIn(state, key, [...owners, ...nodesOf(places)]);
    if (node === null) continue;
    const place: Place = { owner, node, state: 'waiting' };
    places.push(place);
    filled.push(place);
  }
  return filled;
}

/**
 * How many copies are certain: answered places of different owners. Two stand-ins for the same owner will both
 * hand their copy to that owner, and then there is one; so they count once.
 */
export function copiesMade(places: readonly Place[]): number {
  const owners = places.filter((place) => place.state === 'answered').map((place) => place.owner);
  return new Set(owners).size;
}

/** How many nodes have answered. */
export function answers(places: readonly Place[]): number {
  return places.filter((place) => place.state === 'answered').length;
}

export function isWaiting(places: readonly Place[]): boolean {
  return places.some((place) => place.state === 'waiting');
}

/** The key's owners, down or not. */
export function ownersOf(state: QuorumState, key: string): NodeId[] {
  return placement(key, ringOf(state), state.knobs.n);
}

function standIn(state: QuorumState, key: string, taken: readonly NodeId[]): NodeId | null {
  if (!state.knobs.sloppy) return null;
  for (const node of walk(key, ringOf(state))) {
    if (!taken.includes(node) && isHealthy(state, node)) return node;
  }
  return null;
}

function isHealthy(state: QuorumState, node: NodeId): boolean {
  return node === state.self || !isDown(state, node);
}

function nodesOf(places: readonly Place[]): NodeId[] {
  return places.map((place) => place.node);
}
