import { describe, expect, test } from 'vitest';
import { keysOf } from '../../shared/base/table.ts';
import { mapOf } from '../../shared/protocols/exchange/membership.ts';
import { shardOf } from '../../shared/protocols/exchange/shards.ts';
import type { CouchKnobs, CouchState } from '../../shared/protocols/exchange/types.ts';
import { couchdb } from '../../shared/systems/couchdb.ts';
import { checkedProtocol } from '../support/contract.ts';
import { CouchCluster, NOTICED, REPLICATED } from '../support/couchdb-cluster.ts';

const THREE = ['n1', 'n2', 'n3'];
const FOUR = [...THREE, 'n4'];
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);
const CONFLICT = '409 {"error":"conflict","reason":"Document update conflict."}';

/** n1 to n3 are a cluster that has documents, n4 is a spare machine. */
function started(knobs: Partial<CouchKnobs> = {}, spares = 1): CouchCluster {
  const cluster = new CouchCluster(3 + spares, { mode: 'cluster', ...knobs }, couchdb.protocol, spares);
  cluster.pass(1000);
  for (const key of KEYS) expect(cluster.write('n1', key, 'old').result?.status).toBe(201);
  return cluster;
}

function stateOf(cluster: CouchCluster, node: string): CouchState {
  return cluster.world.node(node).replica as CouchState;
}

/** All members name the same copies, each has what it keeps and nothing else, and all copies agree. */
function expectInPlace(cluster: CouchCluster, members: readonly string[], copies: number): void {
  const map = mapOf(stateOf(cluster, members[0] ?? '')) ?? [];
  for (const ranges of map) {
    expect(ranges.length).toBe(copies);
    for (const node of ranges) expect(members).toContain(node);
  }
  for (const node of members) {
    const state = stateOf(cluster, node);
    expect(mapOf(state)).toEqual(map);
    expect(cluster.world.view(node)).toMatchObject({ role: 'replica', members: { voters: members } });
    expect(state.durable.cluster?.maintenance).toBe(false);
    const kept = KEYS.filter((key) => map[shardOf(key, state.knobs.q)]?.includes(node));
    expect(keysOf(state.durable.documents)).toEqual([...kept].sort());
  }
  for (const key of KEYS) {
    const [first = '', ...others] = map[shardOf(key, 2)] ?? [];
    for (const other of others) expect(cluster.tree(other, key)).toEqual(cluster.tree(first, key));
  }
}

function expectRead(cluster: CouchCluster, nodes: readonly string[], value: string): void {
  for (const node of nodes) for (const key of KEYS) expect(cluster.read(node, key).result?.value).toBe(value);
}

describe('a node joins a cluster', () => {
  test('is given its share of the shards, and every key is served all the time', () => {
    const cluster = started();
    expect(cluster.world.view('n4').role).toBe('spare');
    expect(cluster.read('n4', 'k1')).toMatchObject({ class: 'fail', error: 'connect ECONNREFUSED' });
    const record = cluster.begin('n2', 'join', 'n4');
    while (record.returned === null) {
      cluster.pass(5);
      expect(cluster.read('n1', 'k1').result?.value).toBe('old');
      expect(cluster.read('n3', 'k2').result?.value).toBe('old');
    }
    expect(record).toMatchObject({ class: 'ok', result: { status: 201 } });
    cluster.pass(30_000);
    expectInPlace(cluster, FOUR, 3);
    expect(cluster.facts('n4').find(([label]) => label === 'copies of shards')?.[1]).not.toBe('none');
    expectRead(cluster, FOUR, 'old');
  });

  test('a node that is asked to join again is refused, and what is no member cannot leave', () => {
    const cluster = started({}, 2);
    expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
    const refusals = [
      cluster.change('n1', 'join', 'n4'),
      cluster.change('n3', 'join', 'n1'),
      cluster.change('n1', 'join', 'n5', { shards: 'left' }),
      cluster.change('n5', 'leave', 'n2'),
      cluster.change('n1', 'join', 'n5', { shards: 'left' }),
    ];
    expect(refusals.map(({ class: kind, error }) => [kind, error])).toEqual([
      ['fail', CONFLICT],
      ['fail', CONFLICT],
      ['ok', null],
      ['ok', null],
      ['fail', CONFLICT],
    ]);
  });

  test('without shards it only coordinates', () => {
    const cluster = started();
    expect(cluster.change('n1', 'join', 'n4', { shards: 'left' }).class).toBe('ok');
    cluster.pass(20_000);
    expectRead(cluster, FOUR, 'old');
    expect(cluster.write('n4', 'k1', 'new').result?.status).toBe(201);
    expect(keysOf(stateOf(cluster, 'n4').durable.documents)).toEqual([]);
    expect(cluster.facts('n4')).toContainEqual(['copies of shards', 'none']);
  });

  test('while a cut keeps it from the others it is not even started', () => {
    const cluster = started();
    cluster.cut(THREE, ['n4']);
    const record = cluster.change('n1', 'join', 'n4');
    expect(record).toMatchObject({
      class: 'fail',
      error: 'ssh: connect to host n4 port 22: Connection timed out',
    });
    expect(record.returned).toBe(record.invoked + 300_000);
    expect(cluster.world.view('n1').members?.voters).toEqual(THREE);
  });

  test('on one side of a cut its copy is filled from there, and the other side hears of it after the heal', () => {
    const cluster = started();
    cluster.cut(['n1', 'n2', 'n4'], ['n3']);
    cluster.pass(NOTICED);
    expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
    expect(cluster.write('n3', 'k1', 'far').result?.status).toBe(202);
    expect(cluster.write('n4', 'k2', 'near').result?.status).toBe(201);
    expect(cluster.world.view('n3').members?.voters).toEqual(THREE);
    cluster.heal();
    cluster.pass(REPLICATED);
    expectInPlace(cluster, FOUR, 3);
    for (const node of FOUR) {
      expect(cluster.read(node, 'k1').result?.value).toBe('far');
      expect(cluster.read(node, 'k2').result?.value).toBe('near');
    }
  });

  test('shards moved on both sides of a cut: one edit of the map wins, and no document is lost', () => {
    const cluster = started({}, 2);
    cluster.cut(['n1', 'n2', 'n4'], ['n3', 'n5']);
    cluster.pass(NOTICED);
    expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
    expect(cluster.change('n3', 'join', 'n5').class).toBe('ok');
    cluster.pass(NOTICED);
    for (const key of KEYS) {
      expect(cluster.write('n4', key, 'left').class).toBe('ok');
      expect(cluster.write('n5', key, 'right').class).toBe('ok');
    }
    cluster.heal();
    cluster.pass(2 * REPLICATED);
    expectInPlace(cluster, [...FOUR, 'n5'], 3);
    for (const key of KEYS) {
      const { value, conflicts } = cluster.read('n1', key).result ?? {};
      expect([['left', 'right'].includes(String(value)), conflicts?.length]).toEqual([true, 1]);
    }
  });

  test('and crashes half-way: whoever asks again goes on from there', () => {
    const cluster = started();
    cluster.begin('n2', 'join', 'n4');
    while (stateOf(cluster, 'n4').durable.cluster?.maintenance !== true) cluster.pass(5);
    cluster.crash('n2');
    cluster.pass(NOTICED);
    cluster.restart('n2');
    cluster.pass(NOTICED);
    expect(cluster.facts('n4')).toContainEqual(['maintenance mode', 'on']);
    expectRead(cluster, FOUR, 'old');
    expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
    cluster.pass(REPLICATED);
    expectInPlace(cluster, FOUR, 3);
  });
});

describe('a node leaves a cluster', () => {
  test('once its shards are with others, and the machine has nothing left', () => {
    const cluster = started();
    cluster.change('n1', 'join', 'n4');
    cluster.pass(20_000);
    for (const key of KEYS) expect(cluster.write('n2', key, 'new').result?.status).toBe(201);
    expect(cluster.change('n3', 'leave', 'n1')).toMatchObject({ class: 'ok', result: { status: 200 } });
    cluster.pass(20_000);
    const left = ['n2', 'n3', 'n4'];
    expectInPlace(cluster, left, 3);
    expectRead(cluster, left, 'new');
    expect(cluster.world.view('n1')).toMatchObject({ role: 'spare', data: {}, facts: [] });
    expect(cluster.read('n1', 'k1').error).toBe('connect ECONNREFUSED');
    expect(cluster.change('n3', 'leave', 'n1').error).toBe('404 {"error":"not_found","reason":"deleted"}');
    expect(cluster.facts('n2').map(([label]) => label)).not.toContain('not connected to');
  });

  test('without maintenance mode the empty copy of its successor is counted, and reads miss what is there', () => {
    const missed = [true, false].map((maintenance) => {
      const cluster = started({ q: 1, n: 1 });
      const reads = [];
      const record = cluster.begin('n2', 'leave', 'n1', { options: { maintenance } });
      while (record.returned === null) {
        reads.push(cluster.begin('n3', 'read', 'k1', { options: { r: 1 } }));
        cluster.pass(4);
      }
      cluster.pass(1000);
      return reads.filter(({ result }) => result?.status === 404).length > 0;
    });
    expect(missed).toEqual([false, true]);
  });

  test('and comes back', () => {
    const cluster = started();
    cluster.change('n1', 'join', 'n4');
    expect(cluster.change('n3', 'leave', 'n1').class).toBe('ok');
    cluster.pass(20_000);
    expect(cluster.change('n3', 'join', 'n1').class).toBe('ok');
    cluster.pass(REPLICATED);
    expectInPlace(cluster, FOUR, 3);
    expectRead(cluster, FOUR, 'old');
  });

  test('where nobody can take its copies, there are fewer of them; the last copy stays', () => {
    const cluster = started({}, 0);
    expect(cluster.change('n1', 'leave', 'n3').class).toBe('ok');
    cluster.pass(20_000);
    expectInPlace(cluster, ['n1', 'n2'], 2);
    expectRead(cluster, ['n1', 'n2'], 'old');
    expect(cluster.change('n1', 'leave', 'n2').class).toBe('ok');
    expect(cluster.change('n1', 'leave', 'n1')).toMatchObject({
      class: 'fail',
      error: 'no other node could keep the shards',
    });
    expectRead(cluster, ['n1'], 'old');
  });

  test('at which the administrator sits', () => {
    const cluster = started();
    cluster.change('n1', 'join', 'n4');
    expect(cluster.change('n1', 'leave', 'n1').class).toBe('ok');
    cluster.pass(20_000);
    expectInPlace(cluster, ['n2', 'n3', 'n4'], 3);
  });

  test('that is dead cannot be asked whether all is moved', () => {
    const cluster = started();
    cluster.change('n1', 'join', 'n4');
    cluster.pass(20_000);
    cluster.crash('n4');
    expect(cluster.change('n1', 'leave', 'n4')).toMatchObject({ class: 'info', error: 'connect ETIMEDOUT' });
    expect(cluster.world.view('n1').members?.voters).toEqual(FOUR);
    expectRead(cluster, THREE, 'old');
  });

  test('in haste: its shards lack a copy, writes reach fewer than they want, and a new node makes up for it', () => {
    const cluster = started({ n: 2, q: 3 });
    cluster.pass(10_000);
    expect(cluster.change('n1', 'leave', 'n2', { shards: 'left' }).class).toBe('ok');
    cluster.pass(100);
    expect(cluster.world.view('n2').role).toBe('spare');
    expect(cluster.world.view('n3').members?.voters).toEqual(['n1', 'n3']);
    const statuses = KEYS.map((key) => cluster.write('n3', key, 'new').result?.status);
    expect(new Set(statuses)).toEqual(new Set([201, 202]));
    expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
    cluster.pass(REPLICATED);
    for (const key of KEYS) expect(cluster.write('n3', key, 'newer').result?.status).toBe(201);
    expectRead(cluster, ['n1', 'n3', 'n4'], 'newer');
  });

  test('in haste: what only it had is gone, until it comes back with its disk', () => {
    const cluster = started({ n: 1, q: 3 });
    const lost = KEYS.filter((key) => cluster.copies(key)[0] === 'n2');
    expect(lost.length).toBeGreaterThan(0);
    expect(cluster.change('n1', 'leave', 'n2', { shards: 'left' }).class).toBe('ok');
    cluster.pass(100);
    for (const key of lost) {
      expect(cluster.read('n1', key).error).toBe('500 {"error":"error","reason":"read_failure"}');
    }
    expect(cluster.change('n1', 'join', 'n2').class).toBe('ok');
    cluster.pass(REPLICATED);
    expectRead(cluster, ['n1', 'n2', 'n3'], 'old');
  });
});

describe('among peers', () => {
  /** n1 to n3 replicate to each other, n4 is a spare machine. */
  function peers(knobs: Partial<CouchKnobs> = {}, spares = 1): CouchCluster {
    const cluster = new CouchCluster(3 + spares, knobs, couchdb.protocol, spares);
    cluster.write('n1', 'order', 'tea');
    cluster.ask('n1', 'sync', 'order');
    cluster.pass(5000);
    return cluster;
  }

  test('a server that joins replicates with all of them, both ways', () => {
    const cluster = peers();
    expect(cluster.world.view('n4').role).toBe('spare');
    expect(cluster.read('n4', 'order').error).toBe('connect ECONNREFUSED');
    expect(cluster.change('n2', 'join', 'n4')).toMatchObject({ class: 'ok', result: { status: 201 } });
    cluster.pass(5000);
    expect(cluster.read('n4', 'order').result?.value).toBe('tea');
    cluster.write('n4', 'order', 'milk');
    cluster.write('n3', 'title', 'hello');
    cluster.pass(5000);
    expect(cluster.winners('order')).toEqual(['milk', 'milk', 'milk', 'milk']);
    expect(cluster.winners('title')).toEqual(['hello', 'hello', 'hello', 'hello']);
    expect(cluster.facts('n4')).toContainEqual(['replicates to', 'n1, n2, n3']);
    expect(cluster.facts('n3')).toContainEqual(['replicates to', 'n1, n2, n4']);
    expect(cluster.change('n2', 'join', 'n4')).toMatchObject({ class: 'fail', error: CONFLICT });
  });

  test.each(['continuous', 'one-shot'] as const)('who leaves sends what it has first (%s)', (replication) => {
    const cluster = peers({ replication });
    cluster.write('n3', 'title', 'hello');
    expect(cluster.change('n1', 'leave', 'n3')).toMatchObject({ class: 'ok', result: { status: 200 } });
    expect(cluster.read('n1', 'title').result?.value).toBe('hello');
    expect(cluster.world.view('n3').role).toBe('spare');
    expect(cluster.facts('n2')).toContainEqual(['replicates to', 'n1']);
    expect(cluster.change('n1', 'leave', 'n3').error).toBe('404 {"error":"not_found","reason":"missing"}');
  });

  test('who is cut off cannot leave; in haste it is left alone, and what it has comes when it is back', () => {
    const cluster = peers();
    cluster.cut(['n1', 'n2', 'n4'], ['n3']);
    cluster.write('n3', 'title', 'hello');
    expect(cluster.change('n1', 'leave', 'n3')).toMatchObject({ class: 'fail', error: 'connect ETIMEDOUT' });
    expect(cluster.change('n1', 'leave', 'n3', { shards: 'left' }).class).toBe('ok');
    expect(cluster.facts('n2')).toContainEqual(['replicates to', 'n1']);
    cluster.write('n1', 'order', 'milk');
    cluster.heal();
    cluster.pass(REPLICATED);
    expect(cluster.winners('title')).toEqual(['hello', 'hello', 'hello', null]);
    expect(cluster.winners('order')).toEqual(['milk', 'milk', 'tea', null]);
  });

  test('in haste what it has not sent is away until it is back', () => {
    const cluster = peers({ replication: 'one-shot' });
    cluster.write('n3', 'title', 'hello');
    expect(cluster.change('n1', 'leave', 'n3', { shards: 'left' }).class).toBe('ok');
    cluster.pass(5000);
    expect(cluster.world.view('n3').role).toBe('spare');
    expect(cluster.read('n1', 'title').result?.status).toBe(404);
    expect(cluster.change('n1', 'join', 'n3').class).toBe('ok');
    expect(cluster.ask('n3', 'sync', 'title').class).toBe('ok');
    expect(cluster.winners('title')).toEqual(['hello', 'hello', 'hello', null]);
  });

  test('in a row of servers whoever replicated to the one that leaves goes on with the next', () => {
    const cluster = new CouchCluster(6, { neighbours: 1 }, couchdb.protocol, 1);
    expect(cluster.facts('n5')).toEqual([['update sequence', '0']]);
    for (const node of ['n3', 'n1']) expect(cluster.change('n2', 'leave', node).class).toBe('ok');
    expect(cluster.change('n4', 'join', 'n6').class).toBe('ok');
    for (const node of ['n2', 'n4', 'n5', 'n6']) cluster.write(node, node, node);
    cluster.pass(20_000);
    for (const key of ['n2', 'n4', 'n5']) {
      for (const node of ['n2', 'n4', 'n5', 'n6']) expect(cluster.read(node, key).result?.value).toBe(key);
    }
  });
});

test('every step keeps the contract of a replica', () => {
  const counts = { steps: 0, durableChanges: 0, driverSteps: 0 };
  const cluster = new CouchCluster(
    4,
    { mode: 'cluster', q: 1 },
    checkedProtocol(couchdb.protocol, counts),
    1,
  );
  cluster.write('n1', 'k1', 'old');
  expect(cluster.change('n1', 'join', 'n4').class).toBe('ok');
  expect(cluster.change('n2', 'leave', 'n1').class).toBe('ok');
  expect(cluster.change('n2', 'leave', 'n4', { shards: 'left' }).class).toBe('ok');
  cluster.pass(20_000);
  expect(cluster.read('n3', 'k1').result?.value).toBe('old');
  expect(counts.durableChanges).toBeGreaterThan(20);
});
