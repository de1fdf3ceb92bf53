import { describe, expect, test } from 'vitest';
import type { OperationRequest, Value } from '../../shared/sim/operation.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { RedisCluster } from '../support/redis-cluster.ts';

const TIMEOUT = 15_000;
const DOWN = 'CLUSTERDOWN The cluster is down';

/** Writes new keys of n1's slots at a node every half second and returns those acknowledged. */
function writeOn(cluster: RedisCluster, node: string, keys: readonly string[], every = 500): string[] {
  const records = keys.map((key) => {
    const record = cluster.begin(node, { kind: 'write', key, value: 'in the cut' });
    cluster.pass(every);
    return record;
  });
  return records.filter(({ class: outcome }) => outcome === 'ok').map(({ key }) => key);
}

/** Which of these keys are gone for a client at that node. */
function lostOf(cluster: RedisCluster, node: string, keys: readonly string[]): string[] {
  return keys.filter((key) => cluster.read(node, key).result?.value !== 'in the cut');
}

describe('Redis Cluster as specified', () => {
  test('RC1 a master cut off alone acknowledges for about a node timeout, and all of that is lost', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.cut(['n1'], cluster.others('n1'));
    const acked = writeOn(cluster, 'n1', cluster.keys(0, 60));
    expect(acked.length).toBeGreaterThan((0.9 * TIMEOUT) / 500);
    expect(acked.length).toBeLessThan((1.6 * TIMEOUT) / 500);
    expect(cluster.write('n1', cluster.key(0), 'late')).toMatchObject({ class: 'fail', error: DOWN });
    expect(cluster.isMaster('n4')).toBe(true);
    cluster.heal();
    cluster.until(() => !cluster.isMaster('n1'));
    cluster.pass(2000);
    expect(lostOf(cluster, 'n1', acked)).toEqual(acked);
    expect(cluster.marks.filter(({ mark }) => mark.name === 'rollback').map(({ node }) => node)).toEqual([
      'n1',
    ]);
  });

  test('RC2 min-replicas-to-write ends the loss after the lag, with NOREPLICAS', () => {
    const cluster = new RedisCluster({ minReplicasToWrite: 1, minReplicasMaxLag: 10 });
    cluster.pass(1000);
    cluster.cut(['n1'], cluster.others('n1'));
    const acked = writeOn(cluster, 'n1', cluster.keys(0, 26));
    expect(acked.length).toBeGreaterThan(17);
    expect(acked.length).toBeLessThan(23);
    expect(cluster.world.operations.at(-1)).toMatchObject({
      class: 'fail',
      error: 'NOREPLICAS Not enough good replicas to write.',
    });
  });

  test('RC3 WAIT 1 100 tells that no replica has the write, which is there until it is lost', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    const options = { wait: { replicas: 1, timeout: 100 } };
    const key = cluster.key(0);
    const before = cluster.ask('n1', { kind: 'write', key, value: 'before', options });
    expect(before).toMatchObject({ class: 'ok', result: { replicas: 1 } });
    cluster.cut(['n1'], cluster.others('n1'));
    const during = cluster.ask('n1', { kind: 'write', key, value: 'during', options });
    expect(during).toMatchObject({ class: 'ok', result: { replicas: 0 } });
    expect((during.returned ?? 0) - during.invoked).toBe(100);
    expect(cluster.read('n1', key).result).toEqual({ value: 'during' });
    cluster.until(() => cluster.isMaster('n4'));
    cluster.heal();
    cluster.until(() => !cluster.isMaster('n1'));
    cluster.pass(2000);
    expect(cluster.read('n1', key).result).toEqual({ value: 'before' });
  });

  test('RC3 a write that WAIT counted at a replica is lost when another replica is promoted', () => {
    const cluster = new RedisCluster({}, 9);
    cluster.pass(1000);
    const key = cluster.key(0);
    cluster.cut(['n1'], ['n7']);
    const options = { wait: { replicas: 1, timeout: 1000 } };
    const write = cluster.ask('n1', { kind: 'write', key, value: 'counted', options });
    expect(write).toMatchObject({ class: 'ok', result: { replicas: 1 } });
    cluster.cut(['n4'], cluster.others('n4'));
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n7'));
    cluster.heal();
    cluster.restart('n1');
    cluster.pass(20_000);
    for (const node of cluster.others()) expect(cluster.read(node, key).result).toEqual({ value: null });
  });

  describe('RC4 a master with its replica on the wrong side: n1 n4 n5 | n2 n3 n6', () => {
    test('with full coverage the whole majority side is down', () => {
      const cluster = new RedisCluster();
      cluster.pass(1000);
      cluster.cut(['n1', 'n4', 'n5'], ['n2', 'n3', 'n6']);
      cluster.pass(40_000);
      for (const node of ['n2', 'n3', 'n6']) {
        for (const range of [1, 2]) {
          expect(cluster.write(node, cluster.key(range), 1)).toMatchObject({ class: 'fail', error: DOWN });
        }
        // The client goes to the master that it knows, which is on the other side.
        expect(cluster.write(node, cluster.key(0), 1).error).toBe('Cluster retry deadline exceeded.');
      }
      expect(cluster.write('n1', cluster.key(0), 1)).toMatchObject({ class: 'fail', error: DOWN });
      expect(cluster.judge(['n2', 'n3', 'n6']).state).toBe('down');
    });

    test('without it only the keys of the lost master fail: they are sent on to it, in vain', () => {
      const cluster = new RedisCluster({ requireFullCoverage: false });
      cluster.pass(1000);
      cluster.cut(['n1', 'n4', 'n5'], ['n2', 'n3', 'n6']);
      cluster.pass(40_000);
      expect(cluster.write('n2', cluster.key(1), 1).class).toBe('ok');
      expect(cluster.write('n2', cluster.key(2), 1).class).toBe('ok');
      expect(cluster.write('n2', cluster.key(0), 1)).toMatchObject({
        class: 'info',
        error: 'Cluster retry deadline exceeded.',
      });
      expect(cluster.judge(['n2', 'n3', 'n6'])).toMatchObject({ state: 'partly' });
      expect(cluster.service(cluster.key(0), ['n2', 'n3', 'n6'])).toBe('none');
      expect(cluster.service(cluster.key(1), ['n2', 'n3', 'n6'])).toBe('read-write');
    });
  });

  test('RC5 the old master never wins its slots back, however late and by whatever way it comes', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    const key = cluster.key(0);
    cluster.write('n2', key, 'old');
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.write('n2', key, 'new');
    // The new master cannot tell the old one; the others must.
    cluster.cut(['n1'], ['n4']);
    cluster.restart('n1');
    cluster.pass(30_000);
    expect(cluster.isMaster('n1')).toBe(false);
    expect(cluster.isMaster('n4')).toBe(true);
    for (const node of cluster.others('n1', 'n4')) {
      expect(cluster.state(node).durable.owners).toEqual(['n4', 'n2', 'n3']);
      expect(cluster.read(node, key).result).toEqual({ value: 'new' });
    }
    cluster.heal();
    cluster.pass(10_000);
    expect(cluster.read('n1', key).result).toEqual({ value: 'new' });
    expect(cluster.world.node('n1').replica).toMatchObject({
      replication: { id: cluster.state('n4').replication.id },
    });
  });

  test('RC6 healed before the node timeout nothing is lost', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.cut(['n1'], cluster.others('n1'));
    const acked = writeOn(cluster, 'n1', cluster.keys(0, 20));
    expect(acked).toHaveLength(20);
    cluster.heal();
    cluster.pass(20_000);
    expect(cluster.marks.filter(({ mark }) => mark.name === 'failover')).toEqual([]);
    expect(lostOf(cluster, 'n2', acked)).toEqual([]);
    expect(cluster.state('n4').durable.data).toEqual(cluster.state('n1').durable.data);
  });
});

describe('scenarios', () => {
  test('S1 n1 alone: on the other side its keys time out for 15 to 22 s, then all keys are down, then n4 serves', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.cut(['n1'], cluster.others('n1'));
    const early = cluster.write('n2', cluster.key(0), 1);
    expect(early).toMatchObject({ class: 'info' });
    expect(cluster.write('n2', cluster.key(1), 1).class).toBe('ok');
    const begun = early.invoked;
    cluster.until(() => !cluster.state('n2').isClusterOk);
    const downAt = cluster.world.now - begun;
    expect(downAt).toBeGreaterThan(TIMEOUT - 100);
    expect(downAt).toBeLessThan(1.5 * TIMEOUT + 1000);
    expect(cluster.write('n2', cluster.key(1), 2)).toMatchObject({ class: 'fail', error: DOWN });
    const gap = cluster.until(() => cluster.state('n2').isClusterOk);
    expect(gap).toBeGreaterThan(400);
    expect(gap).toBeLessThan(2500);
    expect(cluster.write('n2', cluster.key(0), 2).class).toBe('ok');
  });

  test('S3 four masters cut two and two: both sides are down after the node timeout', () => {
    const cluster = new RedisCluster({ masters: 4 }, 8);
    cluster.pass(1000);
    cluster.cut(['n1', 'n2', 'n5', 'n6'], ['n3', 'n4', 'n7', 'n8']);
    cluster.pass(1.6 * TIMEOUT);
    for (const node of cluster.others()) {
      const range = ['n1', 'n2', 'n5', 'n6'].includes(node) ? 0 : 2;
      expect(cluster.write(node, cluster.key(range), 1)).toMatchObject({ class: 'fail', error: DOWN });
    }
    cluster.heal();
    cluster.pass(20_000);
    for (const node of cluster.others()) expect(cluster.write(node, cluster.key(0), 1).class).toBe('ok');
  });

  test('S5a n1 hears and is not heard: n4 takes over, and n1 gives in as soon as it hears of it', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.cut(['n1'], cluster.others('n1'), true);
    const took = cluster.until(() => cluster.isMaster('n4'));
    expect(took).toBeGreaterThan(TIMEOUT - 500);
    expect(took).toBeLessThan(1.6 * TIMEOUT + 2000);
    cluster.pass(500);
    expect(cluster.isMaster('n1')).toBe(false);
  });

  test('S5b n1 is heard and does not hear: its pings prove life, so nobody replaces it while it serves nobody', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.cut(cluster.others('n1'), ['n1'], true);
    cluster.pass(90_000);
    expect(cluster.isMaster('n4')).toBe(false);
    expect(cluster.state('n2').isClusterOk).toBe(true);
    expect(cluster.write('n1', cluster.key(0), 1)).toMatchObject({ class: 'fail', error: DOWN });
    expect(cluster.write('n2', cluster.key(0), 1)).toMatchObject({ class: 'info' });
  });

  test('S6 a client that reaches n1 while the other masters do not loses what n1 acknowledged to it', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    // n5, a replica of n2, reaches both sides: it sees the cluster whole.
    cluster.cut(['n1'], cluster.others('n1', 'n5'));
    const acked = writeOn(cluster, 'n5', cluster.keys(0, 20));
    expect(acked.length).toBeGreaterThan(15);
    cluster.until(() => cluster.isMaster('n4'));
    cluster.heal();
    cluster.pass(15_000);
    expect(lostOf(cluster, 'n5', acked)).toEqual(acked);
  });

  test('S7 n1 crashes before it has streamed: n4 takes over without the last write', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    const [kept = '', lost = ''] = cluster.keys(0, 2);
    cluster.write('n1', kept, 'in the cut');
    cluster.pass(500);
    cluster.cut(['n1'], ['n4']);
    expect(cluster.write('n1', lost, 'in the cut').class).toBe('ok');
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.heal();
    cluster.pass(3000);
    expect(lostOf(cluster, 'n2', [kept, lost])).toEqual([lost]);
    cluster.restart('n1');
    cluster.pass(10_000);
    expect(cluster.state('n1').durable.data).toEqual(cluster.state('n4').durable.data);
  });

  test('S8 a slow replica does not slow acknowledgements', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.world.apply({
      kind: 'link',
      from: { nodes: ['n1'] },
      to: { nodes: ['n4'] },
      oneWay: false,
      delay: 3000,
    });
    const record = cluster.begin('n1', { kind: 'write', key: cluster.key(0), value: 1 });
    expect(record).toMatchObject({ class: 'ok', returned: record.invoked });
    expect(cluster.state('n4').replication.offset).toBe(0);
    cluster.pass(10_000);
    expect(cluster.state('n4').replication.offset).toBe(1);
  });

  test('S9 clocks that differ by an hour do not make anybody fail', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    for (const node of ['n1', 'n5']) cluster.world.apply({ kind: 'skew', node, offset: 3_600_000 });
    cluster.pass(120_000);
    expect(cluster.marks.filter(({ mark }) => mark.name === 'failover')).toEqual([]);
    for (const node of cluster.others()) expect(cluster.write(node, cluster.key(0), 1).class).toBe('ok');
  });

  test('S6′ masters that hear only one replica lose nothing: healed, replicas catch up before they stand', () => {
    // The seed is chosen: with it the master's ping comes to its replica before what the replica has missed.
    const cluster = new RedisCluster({}, 6, 8);
    cluster.pass(1000);
    // All hear n5, a replica of n2, and nobody else.
    const others = cluster.others('n5');
    for (const node of others)
      cluster.cut(
        [node],
        others.filter((other) => other !== node),
      );
    cluster.pass(1000);
    const keys = cluster.keys(0, 5);
    for (const key of keys) expect(cluster.write('n1', key, 'in the cut').class).toBe('ok');
    cluster.pass(120_000);
    expect(cluster.write('n1', cluster.key(0), 'late')).toMatchObject({ class: 'fail', error: DOWN });
    cluster.heal();
    cluster.pass(60_000);
    expect(lostOf(cluster, 'n5', keys)).toEqual([]);
  });
});

describe('settings', () => {
  test('the defaults are those of redis.conf', () => {
    expect(resolveKnobs(redisCluster, {}, 6)).toMatchObject({
      masters: 3,
      nodeTimeout: 15_000,
      minReplicasToWrite: 0,
      minReplicasMaxLag: 10,
      requireFullCoverage: true,
      allowReadsWhenDown: false,
      replicaValidityFactor: 10,
    });
  });

  test('any number of nodes makes a cluster that serves', () => {
    for (const size of [1, 2, 3, 5, 12, 40]) {
      const cluster = new RedisCluster({}, size);
      cluster.pass(500);
      expect(cluster.judge(cluster.others()).state, `${size} nodes`).toBe('serving');
      expect(cluster.write(`n${size}`, 'colour', 'red').class, `${size} nodes`).toBe('ok');
    }
  });

  test('nodes beyond the replicas asked for have no part in the data and send clients on', () => {
    const cluster = new RedisCluster({ replicasPerMaster: 1 }, 7);
    cluster.pass(500);
    expect(cluster.write('n7', cluster.key(0), 'red').class).toBe('ok');
    cluster.pass(1000);
    expect(cluster.world.view('n7')).toMatchObject({ role: 'master', data: {} });
  });

  test('more replicas demanded than a master can have are refused by name', () => {
    expect(() => resolveKnobs(redisCluster, { replicasPerMaster: 1, minReplicasToWrite: 2 }, 6)).toThrow(
      'knobs.minReplicasToWrite: no master of 3 has 2 replicas, as replicasPerMaster is 1',
    );
  });

  test('reads are allowed when down where that is wanted', () => {
    const cluster = new RedisCluster({ allowReadsWhenDown: true });
    cluster.pass(1000);
    const key = cluster.key(0);
    cluster.write('n1', key, 'red');
    cluster.cut(['n1'], cluster.others('n1'));
    cluster.pass(30_000);
    expect(cluster.read('n1', key)).toMatchObject({ class: 'ok', result: { value: 'red' } });
    expect(cluster.write('n1', key, 'blue')).toMatchObject({
      class: 'fail',
      error: 'CLUSTERDOWN The cluster is down and only accepts read commands',
    });
    expect(cluster.service(key, ['n1'])).toBe('read');
  });

  test('a replica cut off from its master for too long does not stand, unless it always may', () => {
    for (const [replicaValidityFactor, stands] of [
      [1, false],
      [0, true],
    ] as const) {
      const cluster = new RedisCluster({ replicaValidityFactor });
      cluster.pass(1000);
      cluster.cut(['n1'], ['n4']);
      cluster.pass(45_000);
      cluster.crash('n1');
      cluster.pass(60_000);
      expect(cluster.isMaster('n4')).toBe(stands);
    }
  });

  test('READONLY reads come from a replica and may be old', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    const key = cluster.key(0);
    cluster.write('n1', key, 'old');
    cluster.pass(1000);
    cluster.cut(['n1'], ['n4']);
    cluster.write('n1', key, 'new');
    const read = { kind: 'read', key, options: { readonly: true } } as const;
    expect(cluster.ask('n4', read)).toMatchObject({ class: 'ok', result: { value: 'old' } });
    expect(cluster.read('n2', key)).toMatchObject({ class: 'ok', result: { value: 'new' } });
  });
});

describe('commands', () => {
  test('increment, append, add, remove and compare-and-set are the store’s own', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    const ask = (kind: OperationRequest['kind'], key: string, value?: Value, expected?: Value) =>
      cluster.ask('n5', {
        kind,
        key,
        ...(value === undefined ? {} : { value }),
        ...(expected === undefined ? {} : { expected }),
      });
    expect(ask('increment', 'likes')).toMatchObject({ class: 'ok', result: { value: 1 } });
    expect(ask('increment', 'likes', 4)).toMatchObject({ class: 'ok', result: { value: 5 } });
    ask('append', 'list', 'a');
    ask('append', 'list', 'a');
    ask('add', 'cart', 'tea');
    ask('add', 'cart', 'tea');
    ask('add', 'cart', 'milk');
    ask('remove', 'cart', 'tea');
    expect(cluster.read('n5', 'list').result).toEqual({ value: ['a', 'a'] });
    expect(cluster.read('n6', 'cart').result).toEqual({ value: ['milk'] });
    expect(ask('cas', 'seat', 'ann', null).result).toEqual({ applied: true });
    expect(ask('cas', 'seat', 'bob', null).result).toEqual({ applied: false, value: 'ann' });
    expect(ask('increment', 'cart')).toMatchObject({
      class: 'fail',
      error: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    });
    expect(ask('increment', 'seat')).toMatchObject({
      class: 'fail',
      error: 'ERR value is not an integer or out of range',
    });
  });

  test('a node that lost its disk is a stranger; its replica takes over', () => {
    const cluster = new RedisCluster();
    cluster.pass(1000);
    cluster.write('n1', cluster.key(0), 'red');
    cluster.pass(1000);
    cluster.crash('n1', 'lost');
    cluster.restart('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.pass(1000);
    // Clients that knew it ask the stranger at its address, and only a broken connection makes them ask anew.
    const stranger = { class: 'fail', error: 'CLUSTERDOWN Hash slot not served' };
    expect(cluster.read('n1', cluster.key(0))).toMatchObject(stranger);
    expect(cluster.read('n2', cluster.key(0))).toMatchObject(stranger);
    cluster.cut(['n1'], cluster.others('n1'));
    expect(cluster.read('n2', cluster.key(0)).result).toEqual({ value: 'red' });
  });
});
