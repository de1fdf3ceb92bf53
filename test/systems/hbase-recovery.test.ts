import { describe, expect, test } from 'vitest';
import type { Master } from '../../shared/protocols/ownership/hbase/master-types.ts';
import { REGIONS, regionOf } from '../../shared/protocols/ownership/hbase/regions.ts';
import type { HBaseMessage, HBaseState } from '../../shared/protocols/ownership/hbase/types.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { HBaseCluster } from '../support/hbase-cluster.ts';

/** Seven nodes: ZooKeeper and the masters on n1 to n3, the log of n5 on n5 to n7. */
function begin(): HBaseCluster {
  const cluster = new HBaseCluster(7, { sessionTimeout: 4000, selfAbortAfter: 4000 });
  cluster.open();
  cluster.pass(1000);
  return cluster;
}

function activeMaster(cluster: HBaseCluster): string {
  return cluster.nodes.find((node) => cluster.state(node).master?.active === true) ?? '';
}

/** Whose a region is, as the ensemble has it. */
function namedServer(cluster: HBaseCluster, region: string): unknown {
  const { ensemble } = cluster.state('n1') as HBaseState & {
    ensemble: { tree: { znodes: Record<string, { value: unknown }> } };
  };
  return ensemble.tree.znodes[`regions/${region}`]?.value;
}

describe('a server that was restarted', () => {
  test('takes no call that means the one before it, though it has the region open and nobody knows yet', () => {
    const cluster = begin();
    const region = regionOf('motto');
    expect([cluster.owner('motto'), namedServer(cluster, region)]).toEqual(['n5', 'n5:1:1']);
    expect(cluster.write('n4', 'motto', 'red').class).toBe('ok');
    cluster.world.apply({ kind: 'crash', node: 'n5', disk: 'kept' });
    cluster.world.apply({ kind: 'restart', node: 'n5' });
    while (!(cluster.state('n5').server.regions[region]?.open ?? false)) cluster.pass(1);
    // The master dies before it makes that known.
    cluster.world.apply({ kind: 'crash', node: activeMaster(cluster), disk: 'kept' });
    const write = cluster.begin('n4', { kind: 'write', key: 'motto', value: 'blue' });
    cluster.pass(500);
    expect([namedServer(cluster, region), write.returned]).toEqual(['n5:1:1', null]);
    cluster.pass(30_000);
    expect(write.class).toBe('ok');
    expect(cluster.read('n4', 'motto').result?.value).toBe('blue');
  });
});

describe("a dead server's log", () => {
  test('is kept as long as a region may be made known as that of the server', () => {
    const cluster = begin();
    const state = structuredClone(cluster.state(activeMaster(cluster)));
    const { openings, recoveries, servers, regions } = state.master as Master;
    const [region = ''] = REGIONS;
    const dead = 'n4:1:1';
    for (const name of REGIONS) regions[name] = { server: 'n5:1:1', version: 0 };
    const nothing = { from: null, version: 0, rows: { cells: {}, nonces: {} }, sequence: 0 };
    Object.assign(state.master ?? {}, { servers: servers?.filter((server) => server !== dead) });
    regions[region] = { server: null, version: 0 };
    openings[region] = { ...nothing, target: dead, opened: true };
    recoveries[dead] = { phase: 'replay', generation: 1, pipeline: [], older: {}, regions: {} };
    const look = () =>
      hbase.protocol.step(state, { kind: 'timer', timer: 'master' }, { now: cluster.world.now, random: 1 });
    look();
    expect(Object.keys(recoveries)).toContain(dead);
    openings[region] = { ...nothing, target: 'n5:1:1', opened: true };
    look();
    expect(Object.keys(recoveries)).not.toContain(dead);
  });
});

test('a region that the last server has closed waits for another to open it', () => {
  const cluster = begin();
  const state = structuredClone(cluster.state(activeMaster(cluster)));
  const { openings, regions } = state.master as Master;
  const [region = ''] = REGIONS;
  const server = regions[region]?.server ?? '';
  const closed = {
    kind: 'region-closed',
    region,
    server,
    rows: { cells: {}, nonces: {} },
    sequence: 1,
  } as const;
  const hear = () =>
    hbase.protocol.step(
      state,
      { kind: 'message', from: 'n4', message: closed },
      { now: cluster.world.now, random: 1 },
    );
  Object.assign(state.master ?? {}, { servers: [] });
  expect([hear(), openings]).toEqual([[], {}]);
  Object.assign(state.master ?? {}, { servers: ['n5:1:1'] });
  hear();
  expect(openings[region]?.target).toBe('n5:1:1');
});

test('a region that comes back to a server that has given it away is served only once that is made known', () => {
  const cluster = begin();
  const state = structuredClone(cluster.state('n5'));
  const { server } = state;
  const [region = ''] = Object.keys(server.regions);
  const take = (from: string, message: HBaseMessage) =>
    hbase.protocol.step(state, { kind: 'message', from, message }, { now: cluster.world.now, random: 1 });
  const ask = () => {
    const call = { kind: 'get', key: 'any', timeline: false } as const;
    const input = { kind: 'request', from: 'n4', id: 1, request: { kind: 'call', region, call } } as const;
    return hbase.protocol.step(state, input, { now: cluster.world.now, random: 1 });
  };
  take('n1', { kind: 'close-region', region, server: server.id });
  const nothing = { rows: { cells: {}, nonces: {} }, sequence: 9 };
  take('n1', { kind: 'open-region', region, server: server.id, ...nothing });
  const { generation, entries, pipeline } = server.wal;
  const acks = pipeline.flatMap((node) =>
    take(node, { kind: 'log-ack', log: server.id, generation, length: entries.length }),
  );
  expect(acks).toContainEqual({
    kind: 'send',
    to: 'n1',
    message: { kind: 'region-opened', region, server: server.id, again: true },
  });
  expect(ask()).toMatchObject([{ reply: { error: 'NotServingRegionException' } }]);
  take('n1', { kind: 'region-announced', region, server: server.id });
  expect(ask()).toMatchObject([{ reply: { kind: 'result' } }]);
});
