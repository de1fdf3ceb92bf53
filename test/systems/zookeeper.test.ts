import { describe, expect, test } from 'vitest';
import { resolveKnobs, type SideStatus } from '../../shared/systems/system.ts';
import { zooKeeper } from '../../shared/systems/zookeeper.ts';
import { ZooKeeperCluster } from '../support/zookeeper-cluster.ts';

const LOST = 'KeeperErrorCode = ConnectionLoss for /colour';
const minority = ['n1', 'n2'];
const majority = ['n3', 'n4', 'n5'];

/** Five servers, led by n5 as the highest id, with a key that everybody has. */
function begin(knobs: object = {}): ZooKeeperCluster {
  const cluster = new ZooKeeperCluster(5, knobs);
  expect(cluster.elect()).toBe('n5');
  expect(cluster.write('n5', 'colour', 'red').class).toBe('ok');
  expect(cluster.read('n1', 'colour').class).toBe('ok');
  expect(cluster.read('n2', 'colour').class).toBe('ok');
  return cluster;
}

describe('conformance', () => {
  test('[ZK1] a read at another server may miss a write that was acknowledged; after a write or a sync there it may not', () => {
    const cluster = begin();
    // n1 hears of everything two seconds late, but it hears of it.
    cluster.world.apply({
      kind: 'link',
      from: { nodes: ['n5'] },
      to: { nodes: ['n1'] },
      oneWay: true,
      delay: 2000,
    });
    expect(cluster.write('n4', 'colour', 'blue').class).toBe('ok');
    expect(cluster.read('n1', 'colour').result?.value).toBe('red');
    expect(cluster.ask('n1', { kind: 'write', key: 'other', value: 'x' }).class).toBe('ok');
    expect(cluster.read('n1', 'colour').result?.value).toBe('blue');
    expect(cluster.write('n4', 'colour', 'green').class).toBe('ok');
    expect(cluster.ask('n1', { kind: 'sync', key: 'colour' }).class).toBe('ok');
    expect(cluster.read('n1', 'colour').result?.value).toBe('green');
  });

  test('[ZK2] the side of the old leader reads on for syncLimit ticks, stale; then it serves nobody', () => {
    const cluster = begin();
    const [far, near] = [
      ['n1', 'n2', 'n3'],
      ['n4', 'n5'],
    ];
    expect(cluster.read('n4', 'colour').class).toBe('ok');
    cluster.cut(far, near);
    const start = cluster.world.now;
    cluster.pass(3000);
    expect(cluster.read('n4', 'colour')).toMatchObject({ class: 'ok', result: { value: 'red' } });
    const write = cluster.begin('n5', { kind: 'write', key: 'colour', value: 'lost' });
    cluster.pass(start + 12_500 - cluster.world.now);
    expect(write).toMatchObject({ class: 'info', error: LOST });
    expect(cluster.write('n1', 'colour', 'new').class).toBe('ok');
    expect(cluster.read('n4', 'colour', 10_000)).toMatchObject({ class: 'fail', error: LOST });
  });

  test('[ZK3] a client that is cut off loses its lock without hearing of it; the token tells it from the next holder', () => {
    const cluster = begin();
    const first = cluster.ask('n1', { kind: 'lock', key: 'door' });
    const second = cluster.begin('n4', { kind: 'lock', key: 'door' });
    cluster.cut(minority, majority);
    cluster.pass(20_000);
    expect(second.returned).toBeNull();
    cluster.pass(25_000);
    // 30 seconds of session, rounded up to ticks. The first client still believes that it holds the lock.
    expect(second.class).toBe('ok');
    expect(second.result?.token ?? 0).toBeGreaterThan(first.result?.token ?? 0);
    expect(cluster.world.node('n1').driver).toMatchObject({ locks: { door: expect.any(String) as string } });
    cluster.heal();
    cluster.pass(60_000);
    expect(cluster.ask('n1', { kind: 'unlock', key: 'door' })).toMatchObject({
      class: 'fail',
      error: 'You do not own the lock: /door',
    });
    expect(cluster.ask('n4', { kind: 'unlock', key: 'door' }).class).toBe('ok');
  });

  test('[ZK3] the ephemeral znode of a client that is cut off goes with its session, on the side of the quorum', () => {
    const cluster = begin({ sessionTimeout: 8000 });
    const create = { kind: 'create', key: 'here', value: 'n1', options: { ephemeral: true } } as const;
    expect(cluster.ask('n1', create).class).toBe('ok');
    expect(cluster.ask('n2', create)).toMatchObject({ error: 'KeeperErrorCode = NodeExists for /here' });
    cluster.cut(minority, majority);
    cluster.pass(15_000);
    expect(cluster.held('n4', 'here')).toBeNull();
    expect(cluster.held('n1', 'here')).toBe('n1');
  });

  test('[ZK4] a proposal that the old leader alone has logged is cut off when it rejoins', () => {
    const cluster = begin();
    cluster.cut(['n5'], ['n1', 'n2', 'n3', 'n4']);
    const write = cluster.begin('n5', { kind: 'write', key: 'colour', value: 'alone' });
    cluster.pass(15_000);
    expect(cluster.held('n5', 'colour')).toBe('alone');
    expect(cluster.write('n1', 'colour', 'new').class).toBe('ok');
    cluster.heal();
    cluster.elect();
    expect(write.class).toBe('info');
    expect(cluster.nodes.map((node) => cluster.held(node, 'colour'))).toEqual(cluster.nodes.map(() => 'new'));
  });
});

describe('faults', () => {
  test('S1: the majority goes on; the minority reads stale values, then refuses', () => {
    const cluster = begin();
    cluster.cut(minority, majority);
    expect(cluster.write('n3', 'colour', 'blue').class).toBe('ok');
    const hanging = cluster.begin('n2', { kind: 'write', key: 'colour', value: 'green' });
    expect(cluster.read('n1', 'colour').result?.value).toBe('red');
    cluster.pass(12_000);
    expect(hanging).toMatchObject({ class: 'info', error: LOST });
    expect((hanging.returned ?? 0) - hanging.invoked).toBeLessThan(12_000);
    expect(cluster.read('n1', 'colour', 10_000)).toMatchObject({ class: 'fail', error: LOST });
    cluster.heal();
    cluster.elect();
    cluster.pass(5000);
    expect(cluster.read('n1', 'colour', 10_000).result?.value).toBe('blue');
  });

  test('S2: with the leader in the minority the others elect one after ten seconds or so', () => {
    const cluster = begin();
    cluster.cut(['n1', 'n2', 'n3'], ['n4', 'n5']);
    cluster.pass(9000);
    expect(cluster.leader()).toBe('n5');
    cluster.pass(4000);
    expect(cluster.leader()).toBe('n3');
  });

  test('S3: of an even split neither half goes on', () => {
    const cluster = new ZooKeeperCluster(4);
    cluster.elect();
    cluster.cut(['n1', 'n2'], ['n3', 'n4']);
    cluster.pass(20_000);
    for (const node of cluster.nodes) {
      expect(cluster.state(node).role.kind === 'looking' || !cluster.serves(node)).toBe(true);
    }
  });

  test.each([true, false])('S5: one dead direction is a lost connection (leader cannot send: %s)', (deaf) => {
    const cluster = begin();
    const others = cluster.others('n5');
    if (deaf) cluster.cut(['n5'], others, true);
    else cluster.cut(others, ['n5'], true);
    cluster.pass(40_000);
    expect(cluster.leader()).not.toBe('n5');
    expect(cluster.leader()).not.toBeNull();
    expect(cluster.write('n1', 'colour', 'blue').class).toBe('ok');
  });

  test('S6: who hears a follower and not the leader has no service, and disturbs nobody', () => {
    const cluster = new ZooKeeperCluster(3);
    expect(cluster.elect()).toBe('n3');
    const epoch = cluster.state('n3').currentEpoch;
    cluster.cut(['n1'], ['n3']);
    cluster.pass(60_000);
    expect(cluster.serves('n1')).toBe(false);
    expect(cluster.leader()).toBe('n3');
    expect(cluster.state('n3').currentEpoch).toBe(epoch);
    expect(cluster.write('n2', 'colour', 'blue').class).toBe('ok');
  });

  test('S7: a crash of the leader is noticed at once, and another leads within a second', () => {
    const cluster = begin();
    cluster.world.apply({ kind: 'crash', node: 'n5', disk: 'kept' });
    cluster.pass(1000);
    expect(cluster.leader()).toBe('n4');
    expect(cluster.write('n4', 'colour', 'blue').class).toBe('ok');
  });

  test('S9: clocks play no part', () => {
    const cluster = begin();
    cluster.world.apply({ kind: 'skew', node: 'n5', offset: 3_600_000 });
    cluster.pass(30_000);
    expect(cluster.leader()).toBe('n5');
    expect(cluster.write('n1', 'colour', 'blue').class).toBe('ok');
  });

  test('read-only mode: without a leader reads go on, and writes say why not', () => {
    const cluster = begin({ readOnlyMode: true });
    cluster.cut(minority, majority);
    // The client tries all servers in turn before it comes to its own again.
    cluster.pass(40_000);
    expect(cluster.read('n1', 'colour', 10_000)).toMatchObject({ class: 'ok', result: { value: 'red' } });
    expect(cluster.write('n1', 'colour', 'blue')).toMatchObject({
      class: 'fail',
      error: 'KeeperErrorCode = Not a read-only call for /colour',
    });
  });
});

describe('clients', () => {
  test('a cart is a conditional write, a cas says what it found, and a watch tells of the next change', () => {
    const cluster = begin();
    const watch = cluster.begin('n2', { kind: 'watch', key: 'colour' });
    for (const node of cluster.nodes) cluster.begin(node, { kind: 'add', key: 'cart', value: node });
    cluster.pass(1000);
    expect([...((cluster.held('n3', 'cart') as string[] | null) ?? [])].sort()).toEqual(cluster.nodes);
    const wrong = cluster.ask('n4', { kind: 'cas', key: 'colour', expected: 'blue', value: 'pink' });
    expect(wrong.result).toMatchObject({ applied: false, value: 'red' });
    const right = cluster.ask('n4', { kind: 'cas', key: 'colour', expected: 'red', value: 'pink' });
    expect(right.result).toMatchObject({ applied: true, version: 'version 1' });
    cluster.pass(100);
    expect(watch).toMatchObject({ class: 'ok', result: { value: 'pink' } });
  });

  test('a client that has moved never goes back: a server behind what it has seen does not take it', () => {
    const cluster = begin();
    cluster.cut(['n1'], cluster.others('n1'));
    expect(cluster.write('n2', 'colour', 'blue').class).toBe('ok');
    const client = (cluster.world.node('n2').driver as { client: { zxid: number } }).client;
    expect(client.zxid).toBeGreaterThan(cluster.state('n1').log.at(-1)?.zxid ?? 0);
  });

  test('each error that an operation ended with is in the table, with its class', () => {
    const cluster = begin();
    cluster.cut(minority, majority);
    cluster.begin('n1', { kind: 'write', key: 'p', value: 'x' });
    cluster.begin('n2', { kind: 'unlock', key: 'p' });
    cluster.ask('n3', { kind: 'create', key: 'p', value: 1 });
    cluster.begin('n4', { kind: 'create', key: 'p', value: 1 });
    cluster.pass(60_000);
    const failed = cluster.world.operations.filter(({ error }) => error !== null);
    expect(failed.length).toBe(3);
    for (const { error, class: outcome } of failed) {
      expect(zooKeeper.errors.find((entry) => entry.error === error)).toMatchObject({ class: outcome });
    }
  });
});

describe('settings', () => {
  test('the defaults are those of the sample configuration and of zkCli', () => {
    expect(resolveKnobs(zooKeeper, {}, 5)).toEqual({
      tickTime: 2000,
      initLimit: 10,
      syncLimit: 5,
      sessionTimeout: 30_000,
      readOnlyMode: false,
      reconfigEnabled: false,
    });
  });

  test('what a side is told', () => {
    const cluster = new ZooKeeperCluster(5);
    const judge = (nodes: readonly string[]): SideStatus =>
      zooKeeper.judge(
        nodes.map((node) => ({ node, view: cluster.world.view(node) })),
        cluster.nodes,
        resolveKnobs(zooKeeper, {}, 5),
      );
    expect(judge(cluster.nodes).state).toBe('electing');
    cluster.elect();
    expect(judge(majority)).toMatchObject({ state: 'quorum', leader: 'n5' });
    expect(judge(minority).text).toBe(
      '2 of 5 servers: no quorum, which takes 3. Writes wait and fail; reads are answered, maybe stale, for about 10 s, then refused.',
    );
    expect(judge([]).state).toBe('down');
  });
});
