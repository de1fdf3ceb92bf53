import { describe, expect, test } from 'vitest';
import { regionOf, REGIONS } from '../../shared/protocols/ownership/hbase/regions.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { HBaseCluster } from '../support/hbase-cluster.ts';

const KEYS = ['apple', 'date', 'grape', 'jar', 'motto', 'pear', 'salt', 'vine'];
const PERIOD = 300_000;

/** n1 to n4 have two regions each; n5 is a spare machine. ZooKeeper and the masters are on n1 to n3. */
function started(): HBaseCluster {
  const cluster = new HBaseCluster(5, {}, ['n5']);
  cluster.open();
  for (const key of KEYS) expect(cluster.write('n1', key, 'red').class).toBe('ok');
  return cluster;
}

function change(cluster: HBaseCluster, kind: 'join' | 'leave', key: string, at = 'n1'): OperationRecord {
  return cluster.ask(at, { kind, key }, 2_000_000);
}

function regionsAt(cluster: HBaseCluster, node: string): number {
  return REGIONS.filter((region) => cluster.holders(region).includes(node)).length;
}

function expectAll(cluster: HBaseCluster, value: string): void {
  for (const region of REGIONS) expect(cluster.holders(region)).toHaveLength(1);
  for (const node of ['n1', 'n4']) {
    for (const key of KEYS) expect(cluster.read(node, key, 60_000).result?.value, key).toBe(value);
  }
}

describe('a region server is started', () => {
  test('and has no regions before the balancer runs; then one is closed elsewhere and opened there', () => {
    const cluster = started();
    expect(cluster.world.view('n5').role).toBe('spare');
    expect(cluster.state('n5').client.link).toBeNull();
    expect(change(cluster, 'join', 'n5')).toMatchObject({ class: 'ok' });
    cluster.pass(60_000);
    expect(cluster.world.view('n5').role).toBe('follower');
    expect(cluster.state('n5').server.phase).toBe('running');
    expect(regionsAt(cluster, 'n5')).toBe(0);
    cluster.pass(PERIOD);
    expect(regionsAt(cluster, 'n5')).toBe(1);
    expectAll(cluster, 'red');
    for (const key of KEYS) expect(cluster.write('n4', key, 'blue', 60_000).class).toBe('ok');
    expectAll(cluster, 'blue');
  });

  test('once', () => {
    expect(change(started(), 'join', 'n2')).toMatchObject({
      class: 'fail',
      error: 'regionserver running as process 1. Stop it first.',
    });
  });

  test('and is one after a restart', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    cluster.world.apply({ kind: 'crash', node: 'n5', disk: 'kept' });
    cluster.world.apply({ kind: 'restart', node: 'n5' });
    cluster.pass(2 * PERIOD);
    expect(regionsAt(cluster, 'n5')).toBe(1);
  });

  test('during a cut: it comes up without ZooKeeper, and has regions after the cut', () => {
    const cluster = started();
    cluster.cut(['n1', 'n2', 'n3', 'n4'], ['n5']);
    expect(change(cluster, 'join', 'n5')).toMatchObject({
      class: 'info',
      error: 'ssh: connect to host n5 port 22: Connection timed out',
    });
    expect(change(cluster, 'join', 'n5', 'n5')).toMatchObject({ class: 'ok' });
    cluster.pass(PERIOD);
    expect(regionsAt(cluster, 'n5')).toBe(0);
    cluster.heal();
    cluster.pass(2 * PERIOD);
    expect(regionsAt(cluster, 'n5')).toBe(1);
    expectAll(cluster, 'red');
  });

  test('and dies while a region is on its way to it: another opens that, with all in it', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    const isOpening = () =>
      cluster.nodes.some((node) => Object.keys(cluster.state(node).master?.openings ?? {}).length > 0);
    while (!isOpening()) cluster.pass(1);
    cluster.world.apply({ kind: 'crash', node: 'n5', disk: 'kept' });
    cluster.pass(120_000);
    expectAll(cluster, 'red');
  });

  test('and the master dies while a region is closed: the next one has it opened', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    const master = cluster.nodes.find((node) => cluster.state(node).master?.active === true) ?? '';
    const isClosed = () => cluster.nodes.some((node) => node !== master && closing(cluster, node));
    while (!isClosed()) cluster.pass(1);
    cluster.world.apply({ kind: 'isolate', node: master });
    cluster.pass(200_000);
    cluster.heal();
    cluster.pass(60_000);
    expectAll(cluster, 'red');
  });
});

function closing(cluster: HBaseCluster, node: string): boolean {
  return Object.values(cluster.state(node).server.regions).some(
    (region) => region.closing !== undefined && region.moved === undefined,
  );
}

describe('a region server is stopped gracefully', () => {
  test('its regions have moved before, one after the other: nobody waits for a session to end', () => {
    const cluster = started();
    const leave = change(cluster, 'leave', 'n4');
    expect(leave).toMatchObject({ class: 'ok' });
    expect((leave.returned ?? 0) - leave.invoked).toBeLessThan(2000);
    expect(cluster.world.view('n4')).toMatchObject({ role: 'spare', data: {} });
    expectAll(cluster, 'red');
    cluster.pass(100_000);
    expectAll(cluster, 'red');
    const dead = cluster.nodes.flatMap((node) => Object.keys(cluster.state(node).master?.recoveries ?? {}));
    expect(dead).toEqual([]);
  });

  test('also where ZooKeeper and a master run on: only its region server is gone; and comes back', () => {
    const cluster = started();
    expect(change(cluster, 'leave', 'n2')).toMatchObject({ class: 'ok' });
    expect(regionsAt(cluster, 'n2')).toBe(0);
    expect(cluster.world.view('n2').role).not.toBe('spare');
    expect(cluster.state('n2').server.phase).toBe('stopped');
    expectAll(cluster, 'red');
    expect(change(cluster, 'join', 'n2', 'n3')).toMatchObject({ class: 'ok' });
    cluster.pass(PERIOD + 10_000);
    expect(regionsAt(cluster, 'n2')).toBe(2);
    expectAll(cluster, 'red');
  });

  test('while others write: every acknowledged write is there', () => {
    const cluster = started();
    const leave = cluster.begin('n1', { kind: 'leave', key: 'n4' });
    const writes: OperationRecord[] = [];
    for (let i = 0; leave.returned === null; i++) {
      writes.push(cluster.begin('n3', { kind: 'write', key: `j${i}`, value: `${i}` }));
      cluster.pass(2);
    }
    cluster.pass(30_000);
    expect(leave.class).toBe('ok');
    for (const { class: outcome, key, value } of writes) {
      expect(outcome).toBe('ok');
      expect(cluster.read('n2', key, 60_000).result?.value).toBe(value);
    }
  });

  test('not when there is none', () => {
    expect(change(started(), 'leave', 'n5')).toMatchObject({
      class: 'fail',
      error: "Could not find server 'n5:16020' in the set of region servers. giving up.",
    });
  });

  test('not the last one', () => {
    const cluster = started();
    for (const node of ['n4', 'n3', 'n2']) expect(change(cluster, 'leave', node).class).toBe('ok');
    expect(change(cluster, 'leave', 'n1')).toMatchObject({
      class: 'fail',
      error: 'No Regions were moved - no servers available',
    });
    expect(regionsAt(cluster, 'n1')).toBe(8);
  });

  test('not by a side that has no master: the tool tries until it gives up', () => {
    const cluster = started();
    cluster.cut(['n1', 'n2', 'n3'], ['n4', 'n5']);
    const leave = change(cluster, 'leave', 'n5', 'n4');
    expect(leave).toMatchObject({
      class: 'fail',
      error: 'RetriesExhaustedException: Failed after attempts=16, exceptions:',
    });
  });
});

describe('between masters', () => {
  test('a call that means a server which is gone is not served by the one that runs there now', () => {
    const cluster = started();
    const node = cluster.owner('pear');
    const { id } = cluster.state(node).server;
    const ask = (server: string): unknown => {
      const call = { kind: 'get', key: 'pear', timeline: false } as const;
      const request = { kind: 'call', region: regionOf('pear'), call, server } as const;
      const input = { kind: 'request', from: 'n1', id: 1, request } as const;
      const state = structuredClone(cluster.state(node));
      return hbase.protocol.step(state, input, { now: cluster.world.now, random: 1 });
    };
    expect(ask(id)).toMatchObject([{ reply: { kind: 'result', cell: { value: 'red' } } }]);
    expect(ask(`${id}0`)).toMatchObject([{ reply: { error: 'NotServingRegionException' } }]);
  });

  test('who has become the master and did not hear of it finds out when it connects again', () => {
    const cluster = started();
    const activeAt = (node: string) => cluster.state(node).master?.active === true;
    const node = cluster.nodes.find(activeAt) ?? '';
    // As if its connection had broken before the answer came that its znode is there.
    Object.assign(cluster.state(node).master ?? {}, { active: false });
    cluster.cut(
      [node],
      cluster.nodes.filter((other) => other !== node),
    );
    cluster.pass(30_000);
    cluster.heal();
    cluster.pass(20_000);
    expect(activeAt(node)).toBe(true);
  });
});
