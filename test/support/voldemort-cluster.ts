import type { ClientState } from '../../shared/protocols/quorum/voldemort/client.ts';
import { preferenceList } from '../../shared/protocols/quorum/voldemort/cluster.ts';
import { clusterOf, foundersOf, isRebalancing } from '../../shared/protocols/quorum/voldemort/metadata.ts';
import type { VoldemortState } from '../../shared/protocols/quorum/voldemort/types.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { RingCluster } from './ring-cluster.ts';

export const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
export const SIX = [...FIVE, 'n6'];
export const KEYS = Array.from({ length: 20 }, (_, i) => `k${i}`);
export const QUICK = { options: { proxyPause: 5 } };
export const LIMIT = 600_000;
/** Keys of which n6 is an owner once it has joined: in the place of n5, and between n2 and n1, where n4 goes. */
export const MOVED = 'moved4';
export const SHIFTED = 'moved7';

/** n1 to n5 are the cluster, n6 is a spare machine. */
export function started(knobs: object = {}): RingCluster {
  const cluster = new RingCluster(voldemort, 6, knobs, voldemort.protocol, 1);
  for (const key of KEYS) cluster.ask('n1', 'write', key, { value: 'old' });
  cluster.pass(1000);
  return cluster;
}

export function stateOf(cluster: RingCluster, node: string): VoldemortState {
  return cluster.world.node(node).replica as VoldemortState;
}

/** The owners of a key, as a server has it. */
export function ownersAt(cluster: RingCluster, node: string, key: string): string[] {
  const state = stateOf(cluster, node);
  const known = clusterOf(state);
  return known === null ? [] : preferenceList(known, foundersOf(state), key, state.knobs.n);
}

/** Time passes until the servers have changed and the tool pauses. */
export function untilChanged(cluster: RingCluster): void {
  for (let i = 0; i < 1000 && !isRebalancing(stateOf(cluster, 'n6')); i++) cluster.pass(10);
  cluster.pass(100);
}

export function membersAt(cluster: RingCluster, node: string): readonly string[] | undefined {
  return cluster.world.view(node).members?.voters;
}

/** How many partitions a node has, as a server has it. */
export function partitionsAt(cluster: RingCluster, server: string, node: string): number {
  return clusterOf(stateOf(cluster, server))?.owners.filter((owner) => owner === node).length ?? 0;
}

/** The client library at a node. */
export function clientAt(cluster: RingCluster, node: string): ClientState {
  return cluster.world.node(node).driver as ClientState;
}
