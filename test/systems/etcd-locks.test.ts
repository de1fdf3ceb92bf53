import { describe, expect, test } from 'vitest';
import { etcd } from '../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { EtcdCluster } from '../support/etcd-cluster.ts';

const TTL = 10_000;

/** A cluster with a leader, and two nodes that do not lead. */
function withLocks(seed: number, knobs: object = {}) {
  const cluster = new EtcdCluster(5, seed, { lockTtlMs: TTL, deadlineMs: 30_000, ...knobs });
  const leader = cluster.elect();
  const [a = '', b = ''] = cluster.others(leader);
  return { cluster, leader, a, b };
}

describe('locks', () => {
  test('one holds, the next waits in line; tokens grow', () => {
    const { cluster, a, b } = withLocks(1);
    const first = cluster.ask(a, { kind: 'lock', key: 'door' });
    cluster.wait(500);
    const second = cluster.ask(b, { kind: 'lock', key: 'door' });
    cluster.wait(12_000);
    expect(first.class).toBe('ok');
    expect(second.returned).toBeNull();
    const unlocked = cluster.ask(a, { kind: 'unlock', key: 'door' });
    cluster.wait(500);
    expect(unlocked.class).toBe('ok');
    expect(second.class).toBe('ok');
    expect(Number(second.result?.token)).toBeGreaterThan(Number(first.result?.token));
  });

  test('a lease outlives its cut-off holder by its time, and no longer', () => {
    const { cluster, a, b } = withLocks(2);
    cluster.ask(a, { kind: 'lock', key: 'door' });
    cluster.wait(500);
    cluster.cut([a], cluster.others(a));
    const next = cluster.ask(b, { kind: 'lock', key: 'door' });
    cluster.wait(TTL - 1500);
    expect(next.returned).toBeNull();
    cluster.wait(4500);
    expect(next.class).toBe('ok');
    // By then the holder's own clock has told it the same.
    const late = cluster.ask(a, { kind: 'unlock', key: 'door' });
    expect(late).toMatchObject({ class: 'fail', error: 'mutex: lock has already been released' });
  });

  test('a leader whose clock jumps ends leases early: two believe that they hold the lock', () => {
    const { cluster, leader, a, b } = withLocks(3);
    const first = cluster.ask(a, { kind: 'lock', key: 'door' });
    cluster.wait(500);
    cluster.world.apply({ kind: 'skew', node: leader, offset: 60_000 });
    const second = cluster.ask(b, { kind: 'lock', key: 'door' });
    cluster.wait(1000);
    expect(second.class).toBe('ok');
    // The first has heard nothing of it yet, and takes the lock for its own; only the token tells.
    const again = cluster.ask(a, { kind: 'lock', key: 'door' });
    expect(again).toMatchObject({ class: 'ok', result: { token: first.result?.token } });
    expect(Number(second.result?.token)).toBeGreaterThan(Number(again.result?.token));
  });

  test('a new leader gives leases their whole time again', () => {
    const { cluster, leader, a, b } = withLocks(4);
    cluster.ask(a, { kind: 'lock', key: 'door' });
    cluster.wait(500);
    cluster.cut([a], cluster.others(a));
    cluster.wait(5000);
    cluster.world.apply({ kind: 'crash', node: leader, disk: 'kept' });
    cluster.wait(3000);
    const next = cluster.ask(b, { kind: 'lock', key: 'door' });
    // The lease has been under way for eight and a half seconds.
    cluster.wait(5000);
    expect(next.returned).toBeNull();
    cluster.wait(5000);
    expect(next.class).toBe('ok');
  });

  test('who gives up waiting leaves the line', () => {
    const { cluster, a, b } = withLocks(5, { deadlineMs: 3000 });
    cluster.ask(a, { kind: 'lock', key: 'door' });
    cluster.wait(500);
    const tired = cluster.ask(b, { kind: 'lock', key: 'door' });
    cluster.wait(4000);
    expect(tired).toMatchObject({ class: 'info', error: 'context deadline exceeded' });
    expect(Object.keys(cluster.state(b).store.keys)).toHaveLength(1);
  });
});

describe('transactions on a value', () => {
  test('a compare-and-set takes place, or tells what it found', () => {
    const { cluster, a } = withLocks(6);
    const ask = (expected: string | null, value: string) => {
      const record = cluster.ask(a, { kind: 'cas', key: 'x', expected, value });
      cluster.wait(500);
      return record.result;
    };
    expect(ask(null, 'red')).toMatchObject({ applied: true });
    expect(ask(null, 'blue')).toMatchObject({ applied: false, value: 'red' });
    expect(ask('red', 'green')).toMatchObject({ applied: true });
    expect(cluster.held(a, 'x')).toBe('green');
  });
});

describe('watches', () => {
  test('a watch tells what comes next, by the member that was asked, and from a revision on all in order', () => {
    const { cluster, leader, a } = withLocks(7);
    cluster.write(leader, 'x', 'one');
    cluster.wait(500);
    const next = cluster.ask(a, { kind: 'watch', key: 'x' });
    cluster.wait(1000);
    expect(next.returned).toBeNull();
    cluster.write(leader, 'y', 'other');
    cluster.write(leader, 'x', 'two');
    cluster.wait(500);
    expect(next).toMatchObject({ class: 'ok', result: { value: 'two', values: ['two'], revision: 4 } });
    cluster.ask(leader, { kind: 'delete', key: 'x' });
    cluster.wait(500);
    const all = cluster.ask(a, { kind: 'watch', key: 'x', options: { startRevision: 1 } });
    expect(all.result).toMatchObject({ values: ['one', 'two', null], revision: 5 });
  });

  test('a cut-off member’s watch sees nothing, and misses nothing after the heal', () => {
    const { cluster, leader, a } = withLocks(8);
    const watch = cluster.ask(a, { kind: 'watch', key: 'x' });
    cluster.cut([a], cluster.others(a));
    for (const value of ['one', 'two']) {
      cluster.write(leader, 'x', value);
      cluster.wait(500);
    }
    expect(watch.returned).toBeNull();
    cluster.heal();
    cluster.wait(2000);
    expect(watch.result?.values).toEqual(['one', 'two']);
  });
});

describe('learners', () => {
  test('they receive the log and neither vote nor count', () => {
    const cluster = new EtcdCluster(5, 9, { learners: 2 });
    const leader = cluster.elect();
    expect(['n1', 'n2', 'n3']).toContain(leader);
    expect(cluster.world.view('n5').role).toBe('learner');
    const written = cluster.write(leader, 'x', 'red');
    cluster.wait(500);
    expect(written.class).toBe('ok');
    expect(cluster.held('n5', 'x')).toBe('red');
    const stale = cluster.read('n5', 'x', 'serializable');
    const refused = cluster.read('n5', 'x');
    expect(stale).toMatchObject({ class: 'ok', result: { value: 'red' } });
    expect(refused).toMatchObject({ class: 'fail', error: 'etcdserver: rpc not supported for learner' });
    // Three of five nodes are left, but only one of three voters.
    const gone = ['n1', 'n2', 'n3'].filter((node) => node !== leader);
    for (const node of gone) cluster.world.apply({ kind: 'crash', node, disk: 'kept' });
    cluster.wait(3000);
    expect(cluster.state(leader).role).not.toBe('leader');
    const members = [leader, 'n4', 'n5'].map((node) => ({ node, view: cluster.world.view(node) }));
    expect(etcd.judge(members, cluster.nodes, resolveKnobs(etcd, { learners: 2 }, 5))).toMatchObject({
      state: 'no-quorum',
      text: expect.stringContaining('1 of 3 voters') as string,
    });
  });
});
