import { describe, expect, test } from 'vitest';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { RingCluster } from '../support/ring-cluster.ts';
import {
  FIVE,
  KEYS,
  LIMIT,
  membersAt,
  MOVED,
  ownersAt,
  QUICK,
  SIX,
  started,
} from '../support/voldemort-cluster.ts';

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

test('who judges a side knows who has what now', () => {
  const cluster = started();
  cluster.ask('n3', 'join', 'n6', QUICK, LIMIT);
  const judge = (nodes: string[]) => {
    const members = nodes.map((node) => ({ node, view: cluster.world.view(node) }));
    return voldemort.judgeKey?.(MOVED, members, FIVE, resolveKnobs(voldemort, {}, 5));
  };
  expect(judge(['n6', 'n3'])).toBe('read-write');
  expect(judge(['n5', 'n3'])).toBe('none');
});
