import { blockFor, CONSISTENCY_LEVELS } from '../protocols/quorum/cassandra/consistency.ts';
import { cassandraDriver } from '../protocols/quorum/cassandra/driver.ts';
import { cassandra as protocol } from '../protocols/quorum/cassandra/replica.ts';
import { placement, rangesOf } from '../protocols/quorum/ring.ts';
import { CASSANDRA_ERRORS } from './cassandra-errors.ts';
import { latestVoters, type System } from './system.ts';

const CONFIG = 'apache/cassandra config/Config.java';
const LEVELS = CONSISTENCY_LEVELS.filter((level) => level !== 'SERIAL' && level !== 'LOCAL_SERIAL');

/** Apache Cassandra 4, one data centre, a table with a row per key. */
export const cassandra: System = {
  id: 'cassandra',
  title: 'Cassandra',
  summary:
    'Every statement says how many replicas must answer it; of two writes to one cell the later clock wins, silently.',
  label: 'AP',
  pacelc: 'PA/EL; at QUORUM nearly PC/EC, key by key; lightweight transactions PC/EC',
  protocol,
  driver: cassandraDriver,
  knobs: [
    {
      name: 'replicationFactor',
      text: 'On how many nodes each key is kept.',
      source: 'CREATE KEYSPACE … WITH replication: has no default, 3 is the common one',
      kind: 'integer',
      default: 3,
      min: 1,
      max: 9,
      unit: 'replicas',
    },
    {
      name: 'consistency',
      text: 'The consistency level of operations that name none, and what the picture of each side is judged by.',
      source: 'Java driver, QueryOptions.DEFAULT_CONSISTENCY_LEVEL',
      kind: 'choice',
      default: 'LOCAL_ONE',
      choices: LEVELS,
    },
    {
      name: 'phiConvictThreshold',
      text: 'How suspicious a silence must be before a node takes another to be down: 8 is about 18 times the usual gap.',
      source: `${CONFIG}: phi_convict_threshold, 5 to 16`,
      kind: 'integer',
      default: 8,
      min: 5,
      max: 16,
      unit: 'φ',
    },
    {
      name: 'maxHintWindow',
      text: 'For how long writes are kept for a node that is down; after that only a repair brings them to it. 0: never.',
      source: `${CONFIG}: max_hint_window, 3 hours`,
      kind: 'integer',
      default: 10_800_000,
      min: 0,
      max: 86_400_000,
      unit: 'ms',
    },
    {
      name: 'readRepair',
      text: 'Whether a read that finds replicas apart brings them together before it answers.',
      source: 'apache/cassandra doc operating/read_repair.adoc: BLOCKING since 4.0',
      kind: 'choice',
      default: 'BLOCKING',
      choices: ['BLOCKING', 'NONE'],
    },
    {
      name: 'speculativeRetry',
      text: 'After how long a read asks one replica more than it needs; 0: never.',
      source: 'CREATE TABLE … speculative_retry: 99p of recent reads; here a fixed time, as in `50ms`',
      kind: 'integer',
      default: 50,
      min: 0,
      max: 5000,
      unit: 'ms',
    },
    {
      name: 'gcGrace',
      text: 'For how long a delete is remembered: a replica that has not heard of it by then brings the value back.',
      source: 'CREATE TABLE … gc_grace_seconds: 10 days',
      kind: 'integer',
      default: 864_000,
      min: 0,
      max: 864_000,
      unit: 's',
    },
    {
      name: 'writeTimeout',
      text: 'How long a coordinator waits for replicas to take a write.',
      source: `${CONFIG}: write_request_timeout`,
      ...timeout(2000),
    },
    {
      name: 'readTimeout',
      text: 'How long a coordinator waits for replicas to answer a read.',
      source: `${CONFIG}: read_request_timeout`,
      ...timeout(5000),
    },
    {
      name: 'counterTimeout',
      text: 'How long a coordinator waits for an increment.',
      source: `${CONFIG}: counter_write_request_timeout`,
      ...timeout(5000),
    },
    {
      name: 'casContentionTimeout',
      text: 'For how long a lightweight transaction begins again when others get in its way.',
      source: `${CONFIG}: cas_contention_timeout`,
      ...timeout(1800),
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append', 'sync', 'join', 'leave'],
  options: [
    {
      name: 'command',
      kinds: ['leave'],
      text: 'decommission: the node hands over its rows and goes; removenode: it is dead, and the others see to them.',
      kind: 'choice',
      choices: ['decommission', 'removenode'],
      default: 'decommission',
    },
    {
      name: 'consistency',
      kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append'],
      text: 'How many replicas must answer; SERIAL reads take part in the order of lightweight transactions.',
      kind: 'choice',
      choices: CONSISTENCY_LEVELS,
      default: null,
    },
    {
      name: 'if',
      kinds: ['write', 'delete', 'add', 'remove', 'append'],
      text: 'A lightweight transaction: only if the value is this; or EXISTS, or NOT EXISTS.',
      kind: 'value',
      default: null,
    },
    {
      name: 'column',
      kinds: ['read', 'write', 'cas'],
      text: 'A column of the row instead of its value: columns have timestamps of their own.',
      kind: 'value',
      default: null,
    },
    {
      name: 'timestamp',
      kinds: ['write', 'delete', 'add', 'remove', 'append'],
      text: 'USING TIMESTAMP: microseconds, in place of the coordinator’s clock.',
      kind: 'integer',
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      unit: 'µs',
      default: null,
    },
  ],
  errors: CASSANDRA_ERRORS,
  hasLeader: false,
  refuseKnobs({ replicationFactor, consistency }, nodes) {
    const factor = Number(replicationFactor);
    if (factor > nodes) return `replicationFactor: ${factor} is more than the number of nodes, ${nodes}`;
    const required = requiredBy(consistency, factor);
    return required > factor
      ? `consistency: ${String(consistency)} needs ${required} replicas, replicationFactor is ${factor}`
      : null;
  },
  /** Counted in key ranges: each has replicas of its own, and a level that enough of them here can fulfil. */
  judge(members, nodes, knobs) {
    const here = new Set(members.map(({ node }) => node));
    const factor = Number(knobs['replicationFactor']);
    const ranges = rangesOf(latestVoters(members, nodes), factor).map(
      (owners) => owners.filter((owner) => here.has(owner)).length,
    );
    const able = (level: unknown): number =>
      ranges.filter((owners) => owners >= requiredBy(level, factor)).length;
    const byDefault = able(knobs['consistency']);
    const text = `can serve ${able('QUORUM')} of ${ranges.length} key ranges at QUORUM, ${able('ONE')} at ONE`;
    const state = byDefault === ranges.length ? 'serving' : byDefault > 0 ? 'partly' : 'down';
    return { state, leader: null, text };
  },
  placement: (key, nodes, knobs) => placement(key, nodes, Number(knobs['replicationFactor'])),
  judgeKey(key, members, nodes, knobs) {
    const factor = Number(knobs['replicationFactor']);
    const owners = placement(key, latestVoters(members, nodes), factor);
    const here = members.filter(({ node }) => owners.includes(node)).length;
    if (here >= requiredBy(knobs['consistency'], factor)) return 'read-write';
    // A hint is enough for ANY, and cannot be read.
    return knobs['consistency'] === 'ANY' && members.length > 0 ? 'write' : 'none';
  },
};

function timeout(milliseconds: number) {
  return { kind: 'integer', default: milliseconds, min: 10, max: 60_000, unit: 'ms' } as const;
}

function requiredBy(level: unknown, factor: number): number {
  return blockFor(CONSISTENCY_LEVELS.find((known) => known === level) ?? 'ONE', factor);
}
