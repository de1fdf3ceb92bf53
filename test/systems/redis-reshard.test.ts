import { describe, expect, test } from 'vitest';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { RedisCluster } from '../support/redis-cluster.ts';

const OPEN =
  '[WARNING] Node n1:6379 has slots in migrating state 3300. [WARNING] Node n2:6379 has slots in importing state 3300. ' +
  '*** Please fix your cluster problems before resharding';

/** Moves the slot of `b`, 3300, which n1 is given when the cluster is made. */
function reshard(cluster: RedisCluster, to: string, options: object = {}, node = 'n3'): OperationRecord {
  return cluster.ask(node, { kind: 'reshard', key: 'b', to, options: { ...options } }, 130_000);
}

function started(knobs: object = {}, size = 6): RedisCluster {
  const cluster = new RedisCluster(knobs, size);
  cluster.pass(1000);
  return cluster;
}

describe('a slot moves', () => {
  test('with its keys, and the epoch of its new owner is greater than all', () => {
    const cluster = started();
    for (let i = 0; i < 25; i++) cluster.write('n1', `k${i}{b}`, i);
    cluster.write('n1', 'b', 'red');
    expect(reshard(cluster, 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(2000);
    for (const node of cluster.others()) {
      expect(cluster.state(node).durable.apart).toEqual({ '3300': 'n2' });
      expect(cluster.state(node).durable.members['n2']?.configEpoch).toBe(7);
      expect(cluster.read(node, 'k24{b}').result).toEqual({ value: 24 });
    }
    expect(Object.keys(cluster.state('n1').durable.data)).toEqual([]);
    expect(Object.keys(cluster.state('n4').durable.data)).toEqual([]);
    expect(Object.keys(cluster.state('n5').durable.data)).toHaveLength(26);
    expect(cluster.judge(cluster.others()).state).toBe('serving');
    expect(cluster.service('b', ['n2', 'n3', 'n5'])).toBe('read-write');
    expect(cluster.world.view('n1').facts).toContainEqual(['slots', '0-3299, 3301-5460']);
  });

  test('while clients write to it, and nothing of theirs is lost', () => {
    const cluster = started();
    const writes = Array.from({ length: 60 }, (_, i) => {
      if (i === 10) cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
      const record = cluster.begin(`n${(i % 6) + 1}`, { kind: 'write', key: `w${i}{b}`, value: i });
      cluster.pass(7);
      return record;
    });
    cluster.pass(5000);
    expect(cluster.world.operations.find(({ kind }) => kind === 'reshard')).toMatchObject({ class: 'ok' });
    expect(writes.filter(({ class: outcome }) => outcome !== 'ok')).toEqual([]);
    for (const { key, value } of writes) expect(cluster.read('n4', key).result).toEqual({ value });
  });

  test('and all slots of a master, which is a replica of the new owner then', () => {
    const cluster = started();
    const [key = ''] = cluster.keys(0);
    cluster.write('n2', key, 'red');
    cluster.write('n2', 'b', 'green');
    expect(reshard(cluster, 'n2', { slots: 'all' })).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    expect(cluster.isMaster('n1')).toBe(false);
    expect(cluster.state('n4').durable.members['n4']?.master).toBe('n2');
    for (const node of cluster.others()) expect(cluster.read(node, key).result).toEqual({ value: 'red' });
    expect(cluster.state('n1').durable.data).toEqual(cluster.state('n2').durable.data);
  });

  test('and a master without slots stays one where replicas may not move', () => {
    const cluster = started({ allowReplicaMigration: false });
    expect(reshard(cluster, 'n2', { slots: 'all' })).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    expect(cluster.isMaster('n1')).toBe(true);
    expect(cluster.state('n4').durable.members['n4']?.master).toBe('n1');
  });

  test.each([
    ['n4', '*** The specified node (n4) is not known or not a master, please retry.'],
    ['n9', '*** The specified node (n9) is not known or not a master, please retry.'],
    ['n1', '*** It is not possible to use the target node as source node.'],
  ])('not to %s', (to, error) => {
    expect(reshard(started(), to)).toMatchObject({ class: 'fail', error });
  });
});

describe('a reshard that is broken off', () => {
  /** The two owners are cut off from each other between SETSLOT and MIGRATE. */
  function broken(knobs: object = {}): RedisCluster {
    const cluster = started(knobs);
    cluster.write('n1', 'b', 'red');
    cluster.cut(['n1'], ['n2']);
    return cluster;
  }

  test('by a cut leaves the slot open; the next is refused, and a fix goes on with it', () => {
    const cluster = broken({ nodeTimeout: 100_000 });
    const record = reshard(cluster, 'n2');
    expect(record).toMatchObject({
      class: 'info',
      error: 'IOERR error or timeout reading to target instance',
    });
    expect((record.returned ?? 0) - record.invoked).toBeGreaterThanOrEqual(60_000);
    cluster.heal();
    cluster.pass(3000);
    expect(reshard(cluster, 'n2')).toMatchObject({ class: 'fail', error: OPEN });
    expect(cluster.read('n5', 'b').result).toEqual({ value: 'red' });
    expect(reshard(cluster, 'n2', { fix: true })).toMatchObject({ class: 'ok' });
    expect(reshard(cluster, 'n1')).toMatchObject({ class: 'ok' });
    expect(cluster.read('n5', 'b').result).toEqual({ value: 'red' });
  });

  test('costs the old owner its place when MIGRATE holds it up for longer than the node timeout', () => {
    const cluster = broken();
    cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    cluster.until(() => cluster.isMaster('n4'));
    expect(cluster.world.view('n1').facts).toContainEqual(['blocked', 'MIGRATE to n2']);
    cluster.heal();
    cluster.pass(70_000);
    expect(cluster.isMaster('n1')).toBe(false);
    // The new owner of the slot never knew that it was on its way.
    expect(cluster.state('n4').durable.migrating).toBeUndefined();
    expect(cluster.state('n2').durable.importing).toEqual({ '4300': 'n1' });
    expect(reshard(cluster, 'n2', { fix: true })).toMatchObject({ class: 'ok' });
    expect(cluster.read('n2', 'b').result).toEqual({ value: 'red' });
    expect(reshard(cluster, 'n2')).toMatchObject({ class: 'ok' });
    expect(cluster.read('n1', 'b').result).toEqual({ value: 'red' });
  });

  test('with the node at which the tool runs is unknown to the end', () => {
    const cluster = broken({ nodeTimeout: 100_000 });
    const record = cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    cluster.pass(500);
    cluster.crash('n3');
    expect(record).toMatchObject({ class: 'info', error: 'Unexpected end of stream.' });
  });

  test('while masters cannot be reached is refused before it begins', () => {
    const cluster = started();
    cluster.crash('n2');
    const record = reshard(cluster, 'n3');
    expect(record).toMatchObject({
      class: 'fail',
      error:
        '[ERR] Not all 16384 slots are covered by nodes. *** Please fix your cluster problems before resharding',
    });
    expect(cluster.state('n1').durable.apart).toBeUndefined();
  });

  test('by the old owner’s death hides the keys that were moved already, until it is fixed', () => {
    const cluster = started({ nodeTimeout: 2000 });
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}{b}`);
    for (const key of keys) cluster.write('n1', key, 'red');
    const record = cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    while (Object.keys(cluster.state('n2').durable.data).length === 0) cluster.pass(1);
    cluster.pass(25);
    cluster.crash('n1');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.pass(3000);
    expect(record).toMatchObject({ class: 'info', error: 'Error: Server closed the connection' });
    const hidden = keys.filter((key) => cluster.read('n3', key).result?.value === null);
    expect(hidden).toHaveLength(10);
    expect(reshard(cluster, 'n2', { fix: true })).toMatchObject({ class: 'ok' });
    for (const key of keys) expect(cluster.read('n3', key).result, key).toEqual({ value: 'red' });
    // Both had keys of it, so no owner is clear: who has most of them gets the slot.
    expect(Object.keys(cluster.state('n4').durable.data)).toEqual([]);
    expect(Object.keys(cluster.state('n2').durable.data)).toHaveLength(12);
  });
});

describe('after a slot has moved', () => {
  test('a node that was down learns of it, also where the former owner has the greater epoch by then', () => {
    const cluster = started({ nodeTimeout: 2000 });
    cluster.crash('n4');
    cluster.pass(10_000);
    expect(reshard(cluster, 'n3')).toMatchObject({ class: 'ok' });
    const another = cluster.ask('n3', { kind: 'reshard', key: cluster.key(1), to: 'n1' });
    expect(another).toMatchObject({ class: 'ok' });
    cluster.restart('n4');
    cluster.pass(20_000);
    const { apart, members } = cluster.state('n4').durable;
    expect(members['n1']?.configEpoch).toBeGreaterThan(members['n3']?.configEpoch ?? 0);
    expect(apart?.['3300']).toBe('n3');
  });

  test('only in part, since its target died, the target’s heir opens it when it starts, and a fix brings all together', () => {
    const cluster = started({ nodeTimeout: 2000 });
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}{b}`);
    for (const key of keys) cluster.write('n1', key, 'red');
    cluster.begin('n3', { kind: 'reshard', key: 'b', to: 'n2' });
    while (Object.keys(cluster.state('n5').durable.data).length < 10) cluster.pass(1);
    cluster.crash('n2');
    cluster.until(() => cluster.isMaster('n5'));
    // That the slot was on its way is not replicated, though the keys are.
    expect(cluster.state('n5').durable.importing).toBeUndefined();
    cluster.crash('n5');
    cluster.restart('n5');
    cluster.pass(5000);
    expect(cluster.state('n5').durable.importing).toEqual({ '4300': 'n1' });
    expect(reshard(cluster, 'n1', { fix: true })).toMatchObject({ class: 'ok' });
    for (const key of keys) expect(cluster.read('n3', key).result, key).toEqual({ value: 'red' });
  });
});

describe('replicas migrate', () => {
  const knobs = { nodeTimeout: 2000 };

  test('from the master that has most to one that has lost all of its own', () => {
    const cluster = started(knobs, 7);
    // n4 and n7 replicate n1.
    cluster.crash('n5');
    // Of the two the one with the smaller name goes.
    cluster.until(() => masterOf(cluster, 'n4') === 'n2');
    expect(masterOf(cluster, 'n7')).toBe('n1');
    cluster.pass(2000);
    cluster.crash('n2');
    cluster.until(() => cluster.isMaster('n4'));
    cluster.pass(5000);
    expect(cluster.write('n3', cluster.key(1), 'red').class).toBe('ok');
  });

  test('not where that is not allowed, nor below the barrier', () => {
    for (const changed of [{ allowReplicaMigration: false }, { migrationBarrier: 2 }]) {
      const cluster = started({ ...knobs, ...changed }, 7);
      cluster.crash('n5');
      cluster.pass(60_000);
      expect(masterOf(cluster, 'n4')).toBe('n1');
      expect(masterOf(cluster, 'n7')).toBe('n1');
    }
  });

  test('not to a master that never had one', () => {
    const cluster = started({ ...knobs, replicasPerMaster: 2, masters: 2 }, 5);
    const spare = started({ ...knobs, masters: 3 }, 5);
    cluster.pass(30_000);
    spare.pass(30_000);
    expect(masterOf(spare, 'n4')).toBe('n1');
    expect(masterOf(cluster, 'n3')).toBe('n1');
  });
});

function masterOf(cluster: RedisCluster, node: string): string | null {
  return cluster.state(node).durable.members[node]?.master ?? null;
}
