import type { Header } from '../../../shared/recording/header.ts';
import { resolveKnobs, type System } from '../../../shared/systems/system.ts';

/** Each system is a file of its own, and a student's phone loads the one that its class runs. */
export const LOADERS: Readonly<Record<string, (() => Promise<System>) | undefined>> = {
  etcd: async () => (await import('../../../shared/systems/etcd.ts')).etcd,
  hbase: async () => (await import('../../../shared/systems/hbase.ts')).hbase,
  zookeeper: async () => (await import('../../../shared/systems/zookeeper.ts')).zooKeeper,
  mongodb: async () => (await import('../../../shared/systems/mongodb.ts')).mongodb,
  cassandra: async () => (await import('../../../shared/systems/cassandra.ts')).cassandra,
  dynamodb: async () => (await import('../../../shared/systems/dynamodb.ts')).dynamodb,
  dynamo: async () => (await import('../../../shared/systems/dynamo.ts')).dynamo,
  riak: async () => (await import('../../../shared/systems/riak.ts')).riak,
  couchdb: async () => (await import('../../../shared/systems/couchdb.ts')).couchdb,
  'redis-cluster': async () => (await import('../../../shared/systems/redis-cluster.ts')).redisCluster,
  quorum: async () => (await import('../../../shared/systems/quorum.ts')).quorum,
  'last-write-wins': async () => (await import('../../../shared/systems/last-write-wins.ts')).lastWriteWins,
  'vector-clock': async () => (await import('../../../shared/systems/vector-clock.ts')).vectorClock,
  'primary-replica': async () => (await import('../../../shared/systems/primary-replica.ts')).primaryReplica,
  'single-copy': async () => (await import('../../../shared/systems/single-copy.ts')).singleCopy,
  'two-phase-commit': async () =>
    (await import('../../../shared/systems/two-phase-commit.ts')).twoPhaseCommitSystem,
  lease: async () => (await import('../../../shared/systems/lease.ts')).lease,
  outbox: async () => (await import('../../../shared/systems/outbox.ts')).outbox,
  voldemort: async () => (await import('../../../shared/systems/voldemort.ts')).voldemort,
};

/** What a class runs: a system, and perhaps further stores. */
type Choice = Pick<Header, 'system' | 'stores'>;

/** Throws when the page does not know the system, or cannot load it now. */
export async function loadSystem({ system, stores }: Choice, nodes: number): Promise<System> {
  const main = await load(system);
  return stores === undefined ? main : await loadStores(main, stores, nodes);
}

async function loadStores(
  main: System,
  choices: NonNullable<Header['stores']>,
  nodes: number,
): Promise<System> {
  const [{ withStores }, ...systems] = await Promise.all([
    import('../../../shared/systems/stores.ts'),
    ...Object.entries(choices).map(async ([name, { system, knobs }]) => {
      const found = await load(system);
      return [name, { system: found, knobs: resolveKnobs(found, knobs, nodes) }] as const;
    }),
  ]);
  return withStores(main, Object.fromEntries(systems));
}

async function load(id: string): Promise<System> {
  const loader = LOADERS[id];
  if (loader === undefined) throw new RangeError(`this page does not know the system ${id}`);
  return await loader();
}
