import { describe, expect, test } from 'vitest';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { RedisCluster } from '../support/redis-cluster.ts';

/** n1 to n6 are the cluster, three masters with a replica each; n7 is a spare machine. */
function withSpare(knobs: object = {}): RedisCluster {
  const cluster = new RedisCluster(knobs, 7, 7, ['n7']);
  cluster.pass(1000);
  return cluster;
}

function change(cluster: RedisCluster, kind: 'join' | 'leave', key: string, options = {}): OperationRecord {
  return cluster.ask('n3', { kind, key, options }, 400_000);
}

describe('a spare machine', () => {
  test('is in no cluster: it serves nobody, and nobody counts it', () => {
    const cluster = withSpare();
    cluster.pass(60_000);
    expect(cluster.world.view('n7')).toMatchObject({ role: 'spare', data: {} });
    expect(cluster.read('n7', 'b')).toMatchObject({
      class: 'fail',
      error: 'CLUSTERDOWN Hash slot not served',
    });
    expect(Object.keys(cluster.state('n1').durable.members)).toHaveLength(6);
    expect(cluster.judge(cluster.others('n7')).state).toBe('serving');
  });

  test('that is added is a master without slots, and sends clients on', () => {
    const cluster = withSpare();
    cluster.write('n1', 'b', 'red');
    expect(change(cluster, 'join', 'n7')).toMatchObject({ class: 'ok' });
    cluster.pass(30_000);
    for (const node of cluster.others()) {
      expect(Object.keys(cluster.state(node).durable.members), node).toHaveLength(7);
    }
    expect(cluster.world.view('n7')).toMatchObject({ role: 'master', data: {} });
    expect(cluster.read('n7', 'b').result).toEqual({ value: 'red' });
  });

  test('serves a slot that is moved to it, also after a restart', () => {
    const cluster = withSpare();
    cluster.write('n1', 'b', 'red');
    change(cluster, 'join', 'n7');
    cluster.pass(30_000);
    expect(cluster.ask('n1', { kind: 'reshard', key: 'b', to: 'n7' })).toMatchObject({ class: 'ok' });
    expect(cluster.read('n5', 'b').result).toEqual({ value: 'red' });
    expect(cluster.state('n7').durable.data).toHaveProperty('b');
    cluster.crash('n7');
    cluster.restart('n7');
    cluster.pass(10_000);
    expect(cluster.write('n5', 'b', 'blue').class).toBe('ok');
    expect(cluster.world.view('n7').facts).toContainEqual(['slots', '3300']);
  });

  test('may be added as a replica of the master that has fewest, and take over from it', () => {
    const cluster = withSpare({ nodeTimeout: 2000 });
    cluster.write('n1', cluster.key(0), 'red');
    cluster.crash('n4');
    cluster.pass(10_000);
    expect(change(cluster, 'join', 'n7', { as: 'replica' })).toMatchObject({ class: 'ok' });
    cluster.pass(10_000);
    const master = cluster.state('n7').durable.members['n7']?.master ?? '';
    expect(cluster.world.view('n7').role).toBe('replica');
    expect(cluster.state('n7').durable.data).toEqual(cluster.state(master).durable.data);
    cluster.crash(master);
    cluster.until(() => cluster.isMaster('n7') || cluster.world.view('n5').role === 'master');
  });

  test('is refused where the cluster does not agree or cannot be seen whole', () => {
    const cluster = withSpare();
    cluster.cut(['n3'], ['n2']);
    const record = change(cluster, 'join', 'n7');
    expect(record).toMatchObject({ class: 'fail', error: '[ERR] Not all 16384 slots are covered by nodes.' });
    // Linux tries for 127 seconds to connect.
    expect((record.returned ?? 0) - record.invoked).toBeGreaterThanOrEqual(127_000);
    expect(cluster.world.view('n7').role).toBe('spare');
  });

  test('is given up where it is cut off from the cluster, though the tool has said that it was added', () => {
    const cluster = withSpare({ nodeTimeout: 5000 });
    cluster.cut(['n7'], cluster.others('n7', 'n3'));
    expect(change(cluster, 'join', 'n7')).toMatchObject({ class: 'ok' });
    cluster.pass(60_000);
    expect(Object.keys(cluster.state('n1').durable.members)).not.toContain('n7');
    expect(cluster.world.view('n7').facts).toContainEqual(['cluster state', 'fail']);
  });

  test('is added once', () => {
    const cluster = withSpare();
    change(cluster, 'join', 'n7');
    cluster.pass(10_000);
    expect(change(cluster, 'join', 'n7')).toMatchObject({
      class: 'fail',
      error:
        '[ERR] Node n7:6379 is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.',
    });
  });
});

describe('a node leaves', () => {
  test('not while it has slots', () => {
    const error = '[ERR] Node n2:6379 is not empty! Reshard data away and try again.';
    expect(change(withSpare(), 'leave', 'n2')).toMatchObject({ class: 'fail', error });
  });

  test('when its slots are another’s; its replica has followed them', () => {
    const cluster = withSpare();
    cluster.write('n1', 'b', 'red');
    expect(
      cluster.ask('n3', { kind: 'reshard', key: 'b', to: 'n2', options: { slots: 'all' } }),
    ).toMatchObject({ class: 'ok' });
    cluster.pass(3000);
    // Who asks the old owner now is told of the new one, and remembers.
    for (const node of ['n2', 'n3', 'n4', 'n5']) cluster.read(node, 'b');
    expect(change(cluster, 'leave', 'n1')).toMatchObject({ class: 'ok' });
    cluster.pass(30_000);
    const unassigned = { class: 'fail', error: 'CLUSTERDOWN Hash slot not served' };
    expect(cluster.read('n6', 'b')).toMatchObject(unassigned);
    for (const node of ['n2', 'n3', 'n4', 'n5']) {
      expect(Object.keys(cluster.state(node).durable.members), node).not.toContain('n1');
      expect(cluster.read(node, 'b').result).toEqual({ value: 'red' });
    }
    expect(cluster.world.view('n1')).toMatchObject({ role: 'spare', data: {} });
    expect(cluster.judge(cluster.others('n1')).state).toBe('serving');
  });

  test('when it is a replica, at once, and may come back after a minute', () => {
    const cluster = withSpare();
    expect(change(cluster, 'leave', 'n4')).toMatchObject({ class: 'ok' });
    cluster.pass(70_000);
    expect(cluster.world.view('n4').role).toBe('spare');
    expect(change(cluster, 'join', 'n4', { as: 'replica' })).toMatchObject({ class: 'ok' });
    cluster.pass(10_000);
    expect(cluster.world.view('n4').role).toBe('replica');
  });

  test('not when it is down: the tool does not see it', () => {
    const cluster = withSpare();
    cluster.crash('n4');
    expect(change(cluster, 'leave', 'n4')).toMatchObject({
      class: 'fail',
      error: '[ERR] No such node ID n4',
    });
  });
});

describe('what nodes know of each other', () => {
  test('a node that was told of another by gossip keeps it, also where it cannot reach it', () => {
    const cluster = withSpare({ nodeTimeout: 1000 });
    cluster.cut(['n7'], ['n5']);
    expect(change(cluster, 'join', 'n7')).toMatchObject({ class: 'ok' });
    cluster.pass(10_000);
    expect(Object.keys(cluster.state('n5').durable.members)).toContain('n7');
  });

  test('who comes back within a minute is forgotten again, and as a replica goes on having its master’s data', () => {
    const cluster = withSpare();
    change(cluster, 'leave', 'n4');
    expect(change(cluster, 'join', 'n4', { as: 'replica' })).toMatchObject({ class: 'ok' });
    cluster.pass(20_000);
    const master = cluster.state('n4').durable.members['n4']?.master ?? '';
    expect(Object.keys(cluster.state(master).durable.members)).not.toContain('n4');
    for (const range of [0, 1, 2]) cluster.write('n2', cluster.key(range), 'red');
    cluster.pass(3000);
    expect(Object.keys(cluster.state(master).durable.data)).toHaveLength(1);
    expect(cluster.state('n4').durable.data).toEqual(cluster.state(master).durable.data);
  });

  test('who was down for a minute while a node left brings it back; that one answers and knows nobody', () => {
    const cluster = withSpare({ nodeTimeout: 2000 });
    cluster.crash('n5');
    cluster.pass(10_000);
    change(cluster, 'leave', 'n4');
    cluster.pass(61_000);
    cluster.restart('n5');
    cluster.pass(30_000);
    expect(cluster.state('n1').durable.members['n4']).toMatchObject({ failed: false });
    expect(cluster.world.view('n4').role).toBe('spare');
  });

  test('a slot on its way to a node that leaves is closed again', () => {
    const cluster = withSpare({ nodeTimeout: 100_000 });
    cluster.write('n1', 'b', 'red');
    change(cluster, 'join', 'n7');
    cluster.pass(30_000);
    cluster.cut(['n1'], ['n7']);
    expect(cluster.ask('n3', { kind: 'reshard', key: 'b', to: 'n7' }, 100_000)).toMatchObject({
      class: 'info',
    });
    cluster.heal();
    cluster.pass(5000);
    expect(cluster.state('n1').durable.migrating).toEqual({ '4300': 'n7' });
    expect(change(cluster, 'leave', 'n7')).toMatchObject({ class: 'ok' });
    expect(cluster.state('n1').durable.migrating).toBeUndefined();
    expect(cluster.read('n5', 'b').result).toEqual({ value: 'red' });
  });

  test('keys that had come from a node that leaves are hidden, also from a fix, until the node with them starts again', () => {
    const cluster = new RedisCluster({ nodeTimeout: 2000 });
    cluster.pass(1000);
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}{b}`);
    for (const key of keys) cluster.write('n1', key, 'red');
    cluster.pass(1000);
    cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    // n1’s replica learns that ten keys are gone; the other two are still to come.
    while (Object.keys(cluster.state('n4').durable.data).length > 2) cluster.pass(1);
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.restart('n1');
    cluster.until(() => !cluster.isMaster('n1'));
    cluster.pass(5000);
    // Who asks the old owner now is told of the new one, and remembers.
    cluster.read('n3', 'b');
    expect(change(cluster, 'leave', 'n1')).toMatchObject({ class: 'ok' });
    expect(cluster.state('n2').durable.importing).toBeUndefined();
    const fix = { kind: 'reshard', key: 'b', to: 'n2', options: { fix: true } } as const;
    expect(cluster.ask('n3', fix)).toMatchObject({ class: 'ok' });
    const hidden = keys.filter((key) => cluster.read('n3', key).result?.value === null);
    expect(hidden).toHaveLength(10);
    cluster.crash('n2');
    cluster.restart('n2');
    cluster.pass(5000);
    expect(cluster.ask('n3', fix)).toMatchObject({ class: 'ok' });
    for (const key of keys) expect(cluster.read('n3', key).result, key).toEqual({ value: 'red' });
  });
});
