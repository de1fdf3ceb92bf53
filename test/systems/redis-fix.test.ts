import { describe, expect, test } from 'vitest';
import type { Head } from '../../shared/protocols/ownership/redis/types.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { RedisCluster } from '../support/redis-cluster.ts';

describe('redis-cli --cluster fix', () => {
  test('takes a slot in one transaction: no claim of the owner it had comes in between', () => {
    const cluster = new RedisCluster({ nodeTimeout: 5000 });
    cluster.pass(1000);
    for (let i = 0; i < 12; i++) cluster.write('n1', `k${i}{b}`, 'red');
    cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    while (Object.keys(cluster.state('n2').durable.data).length === 0) cluster.pass(1);
    cluster.pass(25);
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.pass(3000);
    // The tool needs two seconds from one command to the next; n4 tells n2 of its slots more often.
    const slow = { from: { nodes: ['n3'] }, to: { nodes: ['n2'] }, oneWay: false, delay: 1000 };
    cluster.world.apply({ kind: 'link', ...slow });
    const fix = cluster.ask('n3', { kind: 'reshard', key: 'b', to: 'n2', options: { fix: true } }, 60_000);
    expect(fix).toMatchObject({ class: 'ok' });
    cluster.heal();
    cluster.pass(5000);
    for (const node of cluster.others('n1')) {
      expect(cluster.state(node).durable.apart, node).toEqual({ '3300': 'n2' });
    }
  });

  test('may give slots to what is a replica by then: it owns them, and refuses to write', () => {
    const cluster = new RedisCluster({ nodeTimeout: 2000 });
    cluster.pass(1000);
    cluster.cut(['n3'], cluster.others('n3'));
    const fix = cluster.begin('n6', { kind: 'reshard', key: 'b', to: 'n1', options: { fix: true } });
    cluster.until(() => cluster.isMaster('n6'));
    cluster.heal();
    cluster.cut(['n3'], ['n6']);
    // When the tool asks n3 again it is n6's replica; and n6, which it asked first, was n3's.
    cluster.until(() => !cluster.isMaster('n3'));
    cluster.pass(1000);
    const away = { kind: 'reshard', key: cluster.key(1), to: 'n1', options: { slots: 'all' } } as const;
    expect(cluster.ask('n1', away)).toMatchObject({ class: 'ok' });
    expect(cluster.isMaster('n2')).toBe(false);
    cluster.heal();
    cluster.until(() => fix.returned !== null);
    expect(fix).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    expect(cluster.isMaster('n2')).toBe(false);
    for (const node of cluster.others()) {
      expect(cluster.state(node).durable.owners, node).toEqual(['n1', 'n1', 'n2']);
    }
    const refused = { class: 'fail', error: "READONLY You can't write against a read only replica." };
    expect(cluster.write('n5', cluster.key(2), 'red')).toMatchObject(refused);
    expect(cluster.state('n1').durable.data).toEqual(cluster.state('n2').durable.data);
  });
});

test('whatever else a master had that follows this one now is its owner’s, though that one’s epoch is smaller', () => {
  const cluster = new RedisCluster();
  cluster.pass(1000);
  const state = structuredClone(cluster.state('n1'));
  Object.assign(state.durable.members['n1'] ?? {}, { configEpoch: 12 });
  const hear = (from: string, head: Omit<Head, 'currentEpoch' | 'offset'>) => {
    const body = { kind: 'pong', gossip: [] } as const;
    const message = { kind: 'bus', head: { ...head, currentEpoch: 12, offset: 0 }, body } as const;
    redisCluster.protocol.step(
      state,
      { kind: 'message', from, message },
      { now: cluster.world.now, random: 1 },
    );
    return state.durable.owners;
  };
  expect(hear('n2', { claim: { configEpoch: 12, ranges: [0] }, master: 'n1' })).toEqual(['n1', null, 'n3']);
  expect(hear('n3', { claim: { configEpoch: 11, ranges: [1, 2] }, master: null })).toEqual([
    'n1',
    'n3',
    'n3',
  ]);
});
