import { cassandraFuzz } from '../support/cassandra-fuzz.ts';
import { cassandraMembersFuzz, cassandraRemovalsFuzz } from '../support/cassandra-members-fuzz.ts';
import { everyFourth, longFuzz } from '../support/long-fuzz.ts';

/** Every settings' claims in turn, the defaults most often. */
const settings = [
  cassandraFuzz(),
  cassandraFuzz(),
  cassandraFuzz({ speculativeRetry: 0, phiConvictThreshold: 5 }),
  cassandraFuzz({ gcGrace: 5, maxHintWindow: 1000 }),
  cassandraFuzz({ replicationFactor: 2 }),
];

/** Runs with nodes that come and go. */
const members = [
  cassandraMembersFuzz(),
  cassandraMembersFuzz({ replicationFactor: 1 }),
  cassandraRemovalsFuzz(),
];

longFuzz('Cassandra keeps what it promises under faults', everyFourth(members, settings));
