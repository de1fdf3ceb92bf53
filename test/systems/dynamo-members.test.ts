import { describe, expect, test } from 'vitest';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import { QuorumCluster } from '../support/quorum-cluster.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SIX = [...FIVE, 'n6'];
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);

/** n1 to n5 are the ring, n6 is a spare machine. */
function started(): QuorumCluster {
  const cluster = new QuorumCluster(6, {}, dynamo.protocol, 1);
  cluster.pass(1000);
  for (const key of KEYS) expect(cluster.ask('n1', 'write', key, 'old').class).toBe('ok');
  return cluster;
}

function heldBy(cluster: QuorumCluster, node: string): string[] {
  return Object.keys(cluster.world.view(node).data).sort();
}

function ownedBy(node: string, ring: readonly string[]): string[] {
  return KEYS.filter((key) => placement(key, ring, 3).includes(node)).sort();
}

describe('a node joins', () => {
  test('by a word to any member: gossip tells the others, and who loses a key hands it over', () => {
    const cluster = started();
    expect(cluster.world.view('n6').role).toBe('spare');
    expect(cluster.ask('n6', 'read', 'k1')).toMatchObject({ class: 'fail', error: 'connection refused' });
    const record = cluster.ask('n3', 'join', 'n6');
    expect(record).toMatchObject({ class: 'ok', returned: record.invoked });
    cluster.pass(20_000);
    expect(ownedBy('n6', SIX).length).toBeGreaterThan(0);
    for (const node of SIX) {
      expect(cluster.world.view(node).members?.voters).toEqual(SIX);
      expect(heldBy(cluster, node)).toEqual(ownedBy(node, SIX));
      expect(cluster.world.view(node).facts).toEqual([]);
      for (const key of KEYS) expect(cluster.ask(node, 'read', key).result?.value).toBe('old');
    }
  });

  test('during a cut on one side: the other hears of it afterwards, and nothing is lost', () => {
    const cluster = started();
    cluster.cut(['n1', 'n2', 'n6'], ['n3', 'n4', 'n5']);
    expect(cluster.ask('n1', 'join', 'n6').class).toBe('ok');
    cluster.pass(20_000);
    expect(cluster.world.view('n3').members?.voters).toEqual(FIVE);
    for (const key of KEYS) expect(cluster.ask('n4', 'write', key, 'new').class).toBe('ok');
    cluster.heal();
    cluster.pass(60_000);
    for (const node of SIX) {
      expect(heldBy(cluster, node)).toEqual(ownedBy(node, SIX));
      for (const key of KEYS) expect(cluster.ask(node, 'read', key).result?.value).toBe('new');
    }
  });

  test('and leaves in the same millisecond, on two sides of a cut: all agree in the end that it has left', () => {
    const cluster = started();
    cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5', 'n6']);
    cluster.ask('n1', 'leave', 'n5');
    cluster.pass(5000);
    cluster.begin('n1', 'join', 'n5');
    cluster.begin('n3', 'leave', 'n5');
    cluster.heal();
    cluster.pass(20_000);
    for (const node of FIVE) {
      expect(cluster.world.view(node).members?.voters).toEqual(['n1', 'n2', 'n3', 'n4']);
    }
  });

  test('once, and is still a member after a restart', () => {
    const cluster = started();
    cluster.ask('n1', 'join', 'n6');
    expect(cluster.ask('n1', 'join', 'n6')).toMatchObject({ class: 'fail', error: 'n6 is a member already' });
    cluster.pass(20_000);
    cluster.world.apply({ kind: 'crash', node: 'n6', disk: 'kept' });
    cluster.world.apply({ kind: 'restart', node: 'n6' });
    cluster.pass(5000);
    expect(cluster.world.view('n6').members?.voters).toEqual(SIX);
  });
});

describe('a node leaves', () => {
  const FOUR = ['n1', 'n3', 'n4', 'n5'];

  test('and hands what it has to those that own it now', () => {
    const cluster = started();
    expect(cluster.ask('n4', 'leave', 'n2').class).toBe('ok');
    cluster.pass(30_000);
    expect(cluster.world.view('n2')).toMatchObject({ role: 'spare', data: {}, facts: [] });
    for (const node of FOUR) {
      expect(heldBy(cluster, node)).toEqual(ownedBy(node, FOUR));
      for (const key of KEYS) expect(cluster.ask(node, 'read', key).result?.value).toBe('old');
    }
    expect(cluster.ask('n1', 'leave', 'n2')).toMatchObject({ class: 'fail', error: 'n2 is no member' });
  });

  test('and comes back', () => {
    const cluster = started();
    cluster.ask('n4', 'leave', 'n2');
    cluster.pass(20_000);
    cluster.ask('n4', 'join', 'n2');
    cluster.pass(20_000);
    for (const node of FIVE) expect(heldBy(cluster, node)).toEqual(ownedBy(node, FIVE));
  });

  test('when it is dead: the copies of the others are enough', () => {
    const cluster = started();
    cluster.world.apply({ kind: 'crash', node: 'n2', disk: 'lost' });
    expect(cluster.ask('n4', 'leave', 'n2').class).toBe('ok');
    cluster.pass(90_000);
    for (const key of KEYS) expect(cluster.ask('n5', 'read', key).result?.value).toBe('old');
    expect(heldBy(cluster, 'n1')).toEqual(ownedBy('n1', FOUR));
  });

  test('not where fewer than N would be left', () => {
    const cluster = new QuorumCluster(3);
    cluster.pass(1000);
    expect(cluster.ask('n1', 'leave', 'n2')).toMatchObject({
      class: 'fail',
      error: 'N=3 copies need as many nodes',
    });
  });
});
