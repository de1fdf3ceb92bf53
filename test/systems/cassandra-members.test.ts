import { describe, expect, test } from 'vitest';
import { statusOf } from '../../shared/protocols/quorum/cassandra/statuses.ts';
import type { CassandraState } from '../../shared/protocols/quorum/cassandra/types.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { RingCluster } from '../support/ring-cluster.ts';

const QUORUM = { options: { consistency: 'QUORUM' } };
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);
const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
const MINUTES = 400_000;

/** n1 to n5 are the ring, the others are spare machines. */
function started(spares = 1): RingCluster {
  const cluster = new RingCluster(cassandra, 5 + spares, {}, cassandra.protocol, spares);
  cluster.pass(3000);
  for (const key of KEYS)
    expect(cluster.ask('n1', 'write', key, { value: 'old', ...QUORUM }).class).toBe('ok');
  return cluster;
}

function change(cluster: RingCluster, kind: 'join' | 'leave', key: string, at = 'n1'): OperationRecord {
  return cluster.ask(at, kind, key, {}, MINUTES);
}

function statusAt(cluster: RingCluster, node: string, of: string): string | null {
  return statusOf(cluster.world.node(node).replica as CassandraState, of);
}

/** The keys that a node holds, as it shows them. */
function heldBy(cluster: RingCluster, node: string): string[] {
  return Object.keys(cluster.world.view(node).data).sort();
}

function ownedBy(node: string, ring: readonly string[]): string[] {
  return KEYS.filter((key) => placement(key, ring, 3).includes(node)).sort();
}

describe('a node bootstraps', () => {
  test('and has its share of the rows before anybody asks it for one', () => {
    const cluster = started();
    expect(cluster.world.view('n6').role).toBe('spare');
    expect(cluster.ask('n6', 'read', 'k1')).toMatchObject({
      class: 'fail',
      error: 'All host(s) tried for query failed (no host was tried)',
    });
    const record = change(cluster, 'join', 'n6');
    expect(record).toMatchObject({ class: 'ok' });
    // Half a minute passes before rows move, so that everybody knows.
    expect((record.returned ?? 0) - record.invoked).toBeGreaterThanOrEqual(30_000);
    const ring = [...FIVE, 'n6'];
    expect(ownedBy('n6', ring).length).toBeGreaterThan(0);
    expect(heldBy(cluster, 'n6')).toEqual(ownedBy('n6', ring));
    cluster.pass(5000);
    for (const node of ring) {
      expect(heldBy(cluster, node)).toEqual(ownedBy(node, ring));
      for (const key of KEYS) expect(cluster.ask(node, 'read', key, QUORUM).result?.value).toBe('old');
    }
  });

  test('and is sent what is written meanwhile: a quorum and the new one have it', () => {
    const cluster = started();
    const join = cluster.begin('n1', 'join', 'n6');
    cluster.pass(20_000);
    const moving = ownedBy('n6', [...FIVE, 'n6']);
    const [key = ''] = moving;
    // Two old owners are a quorum of three, and not of three and one more.
    const [gone = ''] = placement(key, FIVE, 3);
    const here = FIVE.filter((node) => node !== gone);
    cluster.cut([gone, 'n6'], here);
    expect(cluster.ask(here[0] ?? '', 'write', key, { value: 'new', ...QUORUM })).toMatchObject({
      class: 'info',
      error:
        'Cassandra timeout during SIMPLE write query at consistency QUORUM (3 replica were required but only 2 acknowledged the write)',
    });
    cluster.heal();
    cluster.pass(3000);
    for (const moved of moving)
      expect(cluster.ask('n2', 'write', moved, { value: 'new', ...QUORUM }).class).toBe('ok');
    while (join.returned === null) cluster.pass(1000);
    expect(join.class).toBe('ok');
    for (const moved of moving) expect(cluster.ask('n6', 'read', moved, QUORUM).result?.value).toBe('new');
  });

  test('one at a time', () => {
    const cluster = started(2);
    cluster.begin('n1', 'join', 'n6');
    cluster.pass(5000);
    expect(change(cluster, 'join', 'n7')).toMatchObject({
      class: 'fail',
      error:
        'Other bootstrapping/leaving/moving nodes detected, cannot bootstrap while cassandra.consistent.rangemovement is true',
    });
    expect(change(cluster, 'join', 'n2')).toMatchObject({
      class: 'fail',
      error:
        'A node with address n2 already exists, cancelling join. Use cassandra.replace_address if you want to replace this node.',
    });
  });

  test('not without anybody to gossip with', () => {
    const cluster = started();
    cluster.cut(['n6'], FIVE);
    expect(change(cluster, 'join', 'n6', 'n6')).toMatchObject({
      class: 'fail',
      error: 'Unable to gossip with any peers',
    });
    expect(change(cluster, 'join', 'n6', 'n1')).toMatchObject({
      class: 'fail',
      error: 'ssh: connect to host n6 port 22: Connection timed out',
    });
  });

  test('not while a node is down that gives up rows; it can be asked again when that is back', () => {
    const cluster = started();
    cluster.crash('n3');
    cluster.pass(30_000);
    const record = change(cluster, 'join', 'n6');
    expect(record).toMatchObject({
      class: 'info',
      error: 'A node required to move the data consistently is down: [n3]',
    });
    cluster.restart('n3');
    cluster.pass(10_000);
    expect(change(cluster, 'join', 'n6')).toMatchObject({ class: 'ok' });
    for (const key of KEYS) expect(cluster.ask('n6', 'read', key, QUORUM).result?.value).toBe('old');
  });

  test('and is forgotten when it dies on the way in', () => {
    const cluster = started();
    cluster.begin('n1', 'join', 'n6');
    cluster.pass(10_000);
    cluster.crash('n6');
    cluster.pass(90_000);
    const [key = ''] = ownedBy('n6', [...FIVE, 'n6']);
    expect(cluster.ask('n1', 'write', key, { value: 'new', options: { consistency: 'ALL' } }).class).toBe(
      'ok',
    );
  });

  test('and says so again to those who have forgotten it while it was silent', () => {
    const cluster = started();
    const join = cluster.begin('n6', 'join', 'n6');
    cluster.pass(10_000);
    cluster.cut(['n6'], FIVE);
    cluster.pass(80_000);
    expect(join).toMatchObject({ class: 'info' });
    expect(FIVE.map((node) => statusAt(cluster, node, 'n6'))).toEqual(FIVE.map(() => 'LEFT'));
    cluster.heal();
    cluster.pass(20_000);
    expect(FIVE.map((node) => statusAt(cluster, node, 'n6'))).toEqual(FIVE.map(() => 'JOINING'));
  });

  test('and gives up when somebody who was to give it rows has left instead', () => {
    const cluster = started();
    const join = cluster.begin('n1', 'join', 'n6');
    cluster.pass(5000);
    const leave = cluster.begin('n1', 'leave', 'n5');
    cluster.pass(15_000);
    cluster.cut(['n5'], ['n6']);
    cluster.pass(25_000);
    expect(join).toMatchObject({
      class: 'info',
      error: 'Error while waiting on bootstrap to complete. Bootstrap will have to be restarted.',
    });
    cluster.pass(30_000);
    expect(leave.class).toBe('ok');
  });

  test('but who crashes on the way is not asked once more by the tool, whose connection is lost', () => {
    const cluster = started();
    const join = cluster.begin('n1', 'join', 'n6');
    cluster.pass(5000);
    cluster.crash('n6');
    cluster.restart('n6');
    cluster.pass(5000);
    expect(join).toMatchObject({ class: 'info', error: 'client_loop: send disconnect: Broken pipe' });
    expect(cluster.world.view('n6').role).toBe('spare');
  });

  test('and is still a member after a restart', () => {
    const cluster = started();
    change(cluster, 'join', 'n6');
    cluster.crash('n6');
    cluster.restart('n6');
    cluster.pass(20_000);
    for (const key of KEYS) expect(cluster.ask('n6', 'read', key, QUORUM).result?.value).toBe('old');
  });
});

describe('a node is decommissioned', () => {
  test('and hands its rows to those that are to have them', () => {
    const cluster = started();
    expect(change(cluster, 'leave', 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    const ring = ['n1', 'n3', 'n4', 'n5'];
    expect(cluster.world.view('n2').role).toBe('spare');
    for (const node of ring) {
      expect(heldBy(cluster, node)).toEqual(ownedBy(node, ring));
      const all = { options: { consistency: 'ALL' } };
      for (const key of KEYS) expect(cluster.ask(node, 'read', key, all).result?.value).toBe('old');
    }
    expect(change(cluster, 'leave', 'n2')).toMatchObject({
      class: 'fail',
      error:
        'nodetool: Unsupported operation: Node in DECOMMISSIONED state; wait for status to become normal or restart',
    });
  });

  test('and says so for half a minute, so that all hear of it', () => {
    const cluster = started();
    const leave = cluster.begin('n1', 'leave', 'n2');
    while (statusAt(cluster, 'n2', 'n2') !== 'LEFT') cluster.pass(1);
    cluster.cut(['n2'], ['n1', 'n3', 'n4', 'n5']);
    cluster.pass(12_000);
    expect(FIVE.map((node) => statusAt(cluster, node, 'n2'))).toContain('LEAVING');
    cluster.heal();
    cluster.pass(30_000);
    expect(FIVE.map((node) => statusAt(cluster, node, 'n2'))).toEqual(FIVE.map(() => 'LEFT'));
    expect(leave.class).toBe('ok');
  });

  test('and comes back as a new one', () => {
    const cluster = started();
    change(cluster, 'leave', 'n2');
    cluster.pass(40_000);
    expect(change(cluster, 'join', 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    for (const key of KEYS) expect(cluster.ask('n2', 'read', key, QUORUM).result?.value).toBe('old');
  });

  test('and comes back with a count of its own: what it had counted before is not counted twice or lost', () => {
    const cluster = started();
    const likes = ['likes1', 'likes2', 'likes3'].find((key) => placement(key, FIVE, 3).includes('n2')) ?? '';
    const like = (at: string): void => void cluster.ask(at, 'increment', likes, QUORUM);
    like('n2');
    like('n2');
    change(cluster, 'leave', 'n2');
    cluster.pass(5000);
    change(cluster, 'join', 'n2');
    cluster.pass(5000);
    like('n2');
    expect(cluster.ask('n4', 'read', likes, QUORUM).result?.value).toBe(3);
    const { rows } = (cluster.world.node('n2').replica as CassandraState).durable;
    expect(Object.keys(rows[likes] ?? {}).sort()).toEqual(['/count/n2', '/count/n2#1.3']);
  });

  test('not where two at once would leave fewer nodes than replicas', () => {
    const cluster = new RingCluster(cassandra, 4);
    cluster.pass(3000);
    const first = cluster.begin('n1', 'leave', 'n2');
    cluster.pass(5000);
    expect(change(cluster, 'leave', 'n3')).toMatchObject({
      class: 'fail',
      error:
        'nodetool: Unsupported operation: Not enough live nodes to maintain replication factor in keyspace quorum_call (RF = 3, N = 3). Perform a forceful decommission to ignore.',
    });
    cluster.pass(60_000);
    expect(first.class).toBe('ok');
  });

  test('not where fewer nodes than replicas would be left', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    expect(change(cluster, 'leave', 'n2')).toMatchObject({
      class: 'fail',
      error:
        'nodetool: Unsupported operation: Not enough live nodes to maintain replication factor in keyspace quorum_call (RF = 3, N = 3). Perform a forceful decommission to ignore.',
    });
  });

  test('during a cut: the streams fail, it stays on its way out, and can be asked again', () => {
    const cluster = started();
    const leave = cluster.begin('n1', 'leave', 'n2');
    cluster.pass(20_000);
    cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5']);
    while (leave.returned === null) cluster.pass(1000);
    expect(leave).toMatchObject({ class: 'info', error: 'nodetool: Stream failed' });
    expect(cluster.facts('n2')).toContainEqual(['status', 'LEAVING']);
    cluster.heal();
    cluster.pass(30_000);
    expect(change(cluster, 'leave', 'n2')).toMatchObject({ class: 'ok' });
    for (const key of KEYS) expect(cluster.ask('n1', 'read', key, QUORUM).result?.value).toBe('old');
  });
});
