import { cassandra } from './cassandra.ts';
import { couchdb } from './couchdb.ts';
import { dynamo } from './dynamo.ts';
import { dynamodb } from './dynamodb.ts';
import { etcd } from './etcd.ts';
import { mongodb } from './mongodb.ts';
import { riak } from './riak.ts';
import { redisCluster } from './redis-cluster.ts';
import { zooKeeper } from './zookeeper.ts';
import { lastWriteWins } from './last-write-wins.ts';
import { quorum } from './quorum.ts';
import { lease } from './lease.ts';
import { outbox } from './outbox.ts';
import { vectorClock } from './vector-clock.ts';
import { primaryReplica } from './primary-replica.ts';
import { singleCopy } from './single-copy.ts';
import { hbase } from './hbase.ts';
import type { System } from './system.ts';
import { twoPhaseCommitSystem } from './two-phase-commit.ts';
import { voldemort } from './voldemort.ts';

/** Every system a class can choose, in the order in which they are offered. */
export const SYSTEMS: readonly System[] = [
  etcd,
  zooKeeper,
  mongodb,
  dynamo,
  dynamodb,
  cassandra,
  riak,
  redisCluster,
  hbase,
  couchdb,
  quorum,
  lastWriteWins,
  vectorClock,
  primaryReplica,
  singleCopy,
  twoPhaseCommitSystem,
  voldemort,
  lease,
  outbox,
];

export function findSystem(id: string): System | undefined {
  return SYSTEMS.find((system) => system.id === id);
}
