import type { System } from '../../../shared/systems/system.ts';

/** Each system is a file of its own, and a student's phone loads the one that its class runs. */
export const LOADERS: Readonly<Record<string, (() => Promise<System>) | undefined>> = {
  etcd: async () => (await import('../../../shared/systems/etcd.ts')).etcd,
  zookeeper: async () => (await import('../../../shared/systems/zookeeper.ts')).zooKeeper,
  mongodb: async () => (await import('../../../shared/systems/mongodb.ts')).mongodb,
  cassandra: async () => (await import('../../../shared/systems/cassandra.ts')).cassandra,
  dynamo: async () => (await import('../../../shared/systems/dynamo.ts')).dynamo,
  riak: async () => (await import('../../../shared/systems/riak.ts')).riak,
  'redis-cluster': async () => (await import('../../../shared/systems/redis-cluster.ts')).redisCluster,
};

const loaded = new Map<string, System>();

/** A system that is here already; undefined when it has to be loaded first, or is none. */
export function loadedSystem(id: string): System | undefined {
  return loaded.get(id);
}

/** Throws when the page does not know the system, or cannot load it now. */
export async function loadSystem(id: string): Promise<System> {
  const loader = LOADERS[id];
  if (loader === undefined) throw new RangeError(`this page does not know the system ${id}`);
  const system = await loader();
  loaded.set(id, system);
  return system;
}
