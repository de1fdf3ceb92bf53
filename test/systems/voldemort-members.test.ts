import { describe, expect, test } from 'vitest';
import { preferenceList } from '../../shared/protocols/quorum/voldemort/cluster.ts';
import { clusterOf, foundersOf } from '../../shared/protocols/quorum/voldemort/metadata.ts';
import type { VoldemortState } from '../../shared/protocols/quorum/voldemort/types.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { RingCluster } from '../support/ring-cluster.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SIX = [...FIVE, 'n6'];
const KEYS = Array.from({ length: 20 }, (_, i) => `k${i}`);
const QUICK = { options: { proxyPause: 5 } };
const LIMIT = 600_000;

/** n1 to n5 are the cluster, n6 is a spare machine. */
function started(knobs: object = {}): RingCluster {
  const cluster = new RingCluster(voldemort, 6, knobs, voldemort.protocol, 1);
  for (const key of KEYS)
    expect(cluster.ask('n1', 'write', key, { value: 'old' }), key).toMatchObject({ class: 'ok' });
  cluster.pass(1000);
  return cluster;
}

function stateOf(cluster: RingCluster, node: string): VoldemortState {
  return cluster.world.node(node).replica as VoldemortState;
}

/** The owners of a key, as a server has it. */
function ownersAt(cluster: RingCluster, node: string, key: string): string[] {
  const state = stateOf(cluster, node);
  const known = clusterOf(state);
  return known === null ? [] : preferenceList(known, foundersOf(state), key, state.knobs.n);
}

function membersAt(cluster: RingCluster, node: string): readonly string[] | undefined {
  return cluster.world.view(node).members?.voters;
}

describe('a node joins', () => {
  test('it is given partitions, and fetches what is in them; the former owners keep it', () => {
    const cluster = started();
    const before = KEYS.filter((key) => cluster.world.view('n1').data[key] !== undefined);
    expect(cluster.world.view('n6').role).toBe('spare');
    const joined = cluster.ask('n3', 'join', 'n6', {}, LIMIT);
    expect(joined).toMatchObject({ class: 'ok' });
    expect((joined.returned ?? 0) - joined.invoked).toBeGreaterThan(300_000);
    for (const node of SIX) expect(membersAt(cluster, node)).toEqual(SIX);
    const owned = KEYS.filter((key) => ownersAt(cluster, 'n1', key).includes('n6'));
    expect(owned.length).toBeGreaterThan(3);
    expect(Object.keys(cluster.world.view('n6').data).sort()).toEqual([...owned].sort());
    expect(Object.keys(cluster.world.view('n1').data)).toEqual(expect.arrayContaining(before));
    for (const node of SIX)
      for (const key of KEYS) expect(cluster.ask(node, 'read', key).result?.value).toBe('old');
  });

  test('and with a repair job the former owners delete it', () => {
    const cluster = started();
    const options = { proxyPause: 5, repairJob: true };
    expect(cluster.ask('n3', 'join', 'n6', { options }, LIMIT).class).toBe('ok');
    for (const node of SIX) {
      const owned = KEYS.filter((key) => ownersAt(cluster, node, key).includes(node));
      expect(Object.keys(cluster.world.view(node).data).sort()).toEqual(owned.sort());
    }
  });

  test('once, and is still a member after a restart', () => {
    const cluster = started();
    cluster.ask('n3', 'join', 'n6', QUICK, LIMIT);
    expect(cluster.ask('n1', 'join', 'n6', QUICK, LIMIT)).toMatchObject({
      class: 'fail',
      error: 'n6 has partitions already',
    });
    cluster.crash('n6');
    cluster.restart('n6');
    expect(membersAt(cluster, 'n6')).toEqual(SIX);
    for (const key of KEYS) expect(cluster.ask('n6', 'read', key).result?.value).toBe('old');
  });
});

describe('a node leaves', () => {
  const FOUR = ['n1', 'n3', 'n4', 'n5'];

  test('its partitions are dealt to the others, and then it is taken out', () => {
    const cluster = started();
    expect(cluster.ask('n1', 'leave', 'n2', QUICK, LIMIT)).toMatchObject({ class: 'ok' });
    for (const node of FOUR) expect(membersAt(cluster, node)).toEqual(FOUR);
    expect(cluster.world.view('n2').role).toBe('spare');
    for (const key of KEYS) {
      expect(ownersAt(cluster, 'n1', key)).not.toContain('n2');
      expect(cluster.ask('n2', 'read', key).result?.value).toBe('old');
    }
    expect(cluster.ask('n1', 'leave', 'n2', QUICK, LIMIT)).toMatchObject({
      class: 'fail',
      error: 'n2 is not in cluster.xml',
    });
  });

  test('and comes back', () => {
    const cluster = started();
    cluster.ask('n1', 'leave', 'n2', QUICK, LIMIT);
    expect(cluster.ask('n1', 'join', 'n2', QUICK, LIMIT)).toMatchObject({ class: 'ok' });
    for (const node of FIVE) expect(membersAt(cluster, node)).toEqual(FIVE);
    for (const key of KEYS) expect(cluster.ask('n4', 'read', key).result?.value).toBe('old');
  });

  test('not where fewer than the copies would be left', () => {
    const cluster = new RingCluster(voldemort, 3);
    expect(cluster.ask('n1', 'leave', 'n2', QUICK, LIMIT)).toMatchObject({
      class: 'fail',
      error: 'Number of replicas returned (2) is less than the required replication factor (3)',
    });
  });
});
