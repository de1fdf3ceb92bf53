import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runTrace, type TraceSubject } from '../support/trace.ts';
import { cassandraTraces } from './cassandra/subject.ts';
import { couchTraces } from './couchdb/subject.ts';
import { dynamoTraces } from './dynamo/subject.ts';
import { dynamoDbTraces } from './dynamodb/subject.ts';
import { etcdTraces } from './etcd/subject.ts';
import { textbookQuorumTraces } from './quorum/subject.ts';
import { hbaseTraces } from './hbase/subject.ts';
import { leaseTraces } from './lease/subject.ts';
import { outboxTraces } from './outbox/subject.ts';
import { riakTraces } from './riak/subject.ts';
import { mongoTraces } from './mongodb/subject.ts';
import { primaryReplicaTraces } from './primary-replica/subject.ts';
import { redisClusterTraces } from './redis-cluster/subject.ts';
import { twoPhaseCommitTraces } from './two-phase-commit/subject.ts';
import { vectorClockTraces } from './vector-clock/subject.ts';
import { voldemortTraces } from './voldemort/subject.ts';
import { zooKeeperTraces } from './zookeeper/subject.ts';

/** Folder by folder: what its traces are about. `npx vitest -u` writes the outcomes anew; commit only what you understand. */
const subjects: Readonly<Record<string, TraceSubject>> = {
  etcd: etcdTraces,
  zookeeper: zooKeeperTraces,
  mongodb: mongoTraces,
  couchdb: couchTraces,
  hbase: hbaseTraces,
  dynamo: dynamoTraces,
  dynamodb: dynamoDbTraces,
  riak: riakTraces,
  quorum: textbookQuorumTraces,
  'vector-clock': vectorClockTraces,
  'redis-cluster': redisClusterTraces,
  'primary-replica': primaryReplicaTraces,
  'two-phase-commit': twoPhaseCommitTraces,
  cassandra: cassandraTraces,
  voldemort: voldemortTraces,
  lease: leaseTraces,
  outbox: outboxTraces,
};

for (const [folder, subject] of Object.entries(subjects)) {
  describe(folder, () => {
    const directory = join(import.meta.dirname, folder);
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.trace'))) {
      test(file.replace('.trace', '').replaceAll('-', ' '), async () => {
        const path = join(directory, file);
        const text = readFileSync(path, 'utf8');
        expect(text.startsWith('# '), 'a trace begins with its claim').toBe(true);
        await expect(runTrace(text, subject)).toMatchFileSnapshot(path);
      });
    }
  });
}
