import { describe, expect, test } from 'vitest';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { RingCluster } from '../support/ring-cluster.ts';

const QUORUM = { options: { consistency: 'QUORUM' } };
const REMOVE = { options: { command: 'removenode' } };
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);
const FOUR = ['n1', 'n2', 'n3', 'n4'];
const MINUTES = 400_000;

/** n1 to n5 are the ring, n6 is a spare machine; n5 is down, and all have noticed. */
function started(): RingCluster {
  const cluster = new RingCluster(cassandra, 6, {}, cassandra.protocol, 1);
  cluster.pass(3000);
  for (const key of KEYS)
    expect(cluster.ask('n1', 'write', key, { value: 'old', ...QUORUM }).class).toBe('ok');
  cluster.crash('n5');
  cluster.pass(30_000);
  return cluster;
}

function remove(cluster: RingCluster, node: string, at = 'n1'): OperationRecord {
  return cluster.ask(at, 'leave', node, REMOVE, MINUTES);
}

describe('nodetool removenode', () => {
  test('has new owners fetch the rows of a dead node from the others', () => {
    const cluster = started();
    const record = remove(cluster, 'n5');
    expect(record).toMatchObject({ class: 'ok', node: 'n1' });
    // Half a minute passes in which the node may start again.
    expect((record.returned ?? 0) - record.invoked).toBeGreaterThanOrEqual(30_000);
    cluster.pass(5000);
    for (const node of FOUR) {
      expect(cluster.world.view(node).members?.voters).toEqual(FOUR);
      const owned = KEYS.filter((key) => placement(key, FOUR, 3).includes(node)).sort();
      expect(Object.keys(cluster.world.view(node).data).sort()).toEqual(owned);
      const all = { options: { consistency: 'ALL' } };
      for (const key of KEYS) expect(cluster.ask(node, 'read', key, all).result?.value).toBe('old');
    }
  });

  test('is refused for a node that is up, that is no member, that is this one, and at a spare machine', () => {
    const cluster = started();
    const errorOf = (node: string, at?: string) => remove(cluster, node, at).error;
    expect(errorOf('n2')).toBe(
      'error: Node n2 is alive and owns this ID. Use decommission command to remove it from the ring',
    );
    expect(errorOf('n6')).toBe('error: Host ID not found.');
    expect(errorOf('n1')).toBe('error: Cannot remove self');
    expect(errorOf('n5', 'n6')).toBe(
      "nodetool: Failed to connect to '127.0.0.1:7199' - ConnectException: 'Connection refused (Connection refused)'.",
    );
    cluster.begin('n1', 'leave', 'n5', REMOVE);
    cluster.pass(2000);
    expect(errorOf('n5')).toBe(
      "error: This node is already processing a removal. Wait for it to complete, or use 'removenode force' if this has failed.",
    );
  });

  test('ends when the node starts again before anybody was told', () => {
    const cluster = started();
    const removal = cluster.begin('n1', 'leave', 'n5', REMOVE);
    cluster.pass(10_000);
    cluster.restart('n5');
    cluster.pass(30_000);
    expect(removal).toMatchObject({
      class: 'fail',
      error: 'error: Endpoint n5 generation changed while trying to remove it',
    });
    expect(cluster.world.view('n1').members?.voters).toEqual([...FOUR, 'n5']);
  });

  test('of a node that was only cut off: it hears of it, and stops', () => {
    const cluster = started();
    cluster.restart('n5');
    cluster.pass(10_000);
    cluster.cut(['n5'], [...FOUR, 'n6']);
    cluster.pass(30_000);
    expect(remove(cluster, 'n5').class).toBe('ok');
    expect(cluster.world.view('n5').role).toBe('replica');
    cluster.heal();
    cluster.pass(10_000);
    expect(cluster.world.view('n5').role).toBe('spare');
    expect(cluster.ask('n5', 'join', 'n5', {}, MINUTES)).toMatchObject({ class: 'ok' });
  });

  test('ends everywhere when it was asked at several nodes at once', () => {
    const cluster = started();
    const removals = ['n1', 'n2', 'n3'].map((node) => cluster.begin(node, 'leave', 'n5', REMOVE));
    cluster.pass(60_000);
    expect(removals.map((removal) => removal.class)).toEqual(['ok', 'ok', 'ok']);
    for (const node of FOUR) expect(cluster.world.view(node).members?.voters).toEqual(FOUR);
  });

  test('ends where it was asked when that node is removed itself', () => {
    const cluster = started();
    const removal = cluster.begin('n4', 'leave', 'n5', REMOVE);
    cluster.pass(28_000);
    cluster.cut(['n4'], ['n1', 'n2', 'n3', 'n6']);
    cluster.pass(25_000);
    expect(remove(cluster, 'n4').class).toBe('ok');
    expect(removal.returned).toBe(null);
    cluster.heal();
    cluster.pass(10_000);
    expect(removal).toMatchObject({ class: 'info', error: 'client_loop: send disconnect: Broken pipe' });
  });

  test('may be asked at another node when the first has crashed over it', () => {
    const cluster = started();
    cluster.begin('n1', 'leave', 'n5', REMOVE);
    cluster.pass(30_500);
    cluster.cut(['n2'], ['n1', 'n3', 'n4']);
    cluster.pass(1000);
    cluster.crash('n1');
    cluster.heal();
    cluster.pass(30_000);
    expect(cluster.world.view('n2').members?.voters).toEqual([...FOUR, 'n5']);
    expect(remove(cluster, 'n5', 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(5000);
    expect(cluster.world.view('n4').members?.voters).toEqual(FOUR);
  });

  test('cannot bring what only the dead node had, and no repair can', () => {
    const cluster = started();
    cluster.restart('n5');
    cluster.pass(10_000);
    const key = cluster.keyOf(['n5'], ['n6']);
    const owners = placement(key, [...FOUR, 'n5'], 3).filter((node) => node !== 'n5');
    cluster.cut(['n5'], owners);
    const one = { options: { consistency: 'ONE' } };
    expect(cluster.ask('n5', 'write', key, { value: 'new', ...one }).class).toBe('ok');
    cluster.crash('n5', 'lost');
    cluster.heal();
    cluster.pass(30_000);
    expect(remove(cluster, 'n5').class).toBe('ok');
    cluster.pass(5000);
    for (const node of FOUR) expect(cluster.ask(node, 'sync', key).class).toBe('ok');
    expect(cluster.ask('n1', 'read', key, QUORUM).result?.value).not.toBe('new');
  });
});
