import { describe, expect, test } from 'vitest';
import { revisionOf } from '../../shared/data/revision-tree.ts';
import { couchdb } from '../../shared/systems/couchdb.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { CouchCluster, NOTICED, REPLICATED } from '../support/couchdb-cluster.ts';
import { summary } from '../support/ring-cluster.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const CONFLICT = '409 {"error":"conflict","reason":"Document update conflict."}';
const TIMEOUT =
  '500 {"error":"timeout","reason":"The request could not be processed in a reasonable amount of time."}';

/** Peers that all have the order, and are then cut in two. */
function cutPeers(): CouchCluster {
  const peers = new CouchCluster(5);
  peers.write('n1', 'order', 'tea');
  peers.pass(1000);
  expect(peers.winners('order')).toEqual(['tea', 'tea', 'tea', 'tea', 'tea']);
  peers.cut(left, right);
  return peers;
}

function healed(peers: CouchCluster): CouchCluster {
  peers.heal();
  peers.pass(REPLICATED);
  return peers;
}

describe('conformance', () => {
  test('[CO1] the same edit on both sides is one revision and no conflict', () => {
    const peers = cutPeers();
    const near = peers.write('n1', 'order', 'milk').result;
    const far = peers.write('n5', 'order', 'milk').result;
    expect(near?.version).toBe(far?.version);
    healed(peers);
    expect(peers.read('n3', 'order').result).toEqual({ value: 'milk', version: near?.version, status: 200 });
  });

  test('[CO2] of a delete on one side and an edit on the other the edit wins everywhere', () => {
    const peers = cutPeers();
    expect(peers.ask('n1', 'delete', 'order').result?.status).toBe(200);
    peers.pass(1000);
    expect(peers.read('n2', 'order').result).toEqual({ value: null, status: 404 });
    peers.write('n5', 'order', 'milk');
    healed(peers);
    expect(peers.winners('order')).toEqual(['milk', 'milk', 'milk', 'milk', 'milk']);
    expect(peers.read('n1', 'order').result?.conflicts).toBeUndefined();
  });

  test('[CO3] three edits win over one that came later', () => {
    const peers = cutPeers();
    for (const value of ['one', 'two', 'three']) peers.write('n1', 'order', value);
    peers.pass(5000);
    const later = peers.write('n5', 'order', 'later');
    expect(later.result?.status).toBe(201);
    healed(peers);
    expect(new Set(peers.winners('order'))).toEqual(new Set(['three']));
    expect(peers.read('n4', 'order').result?.conflicts).toEqual([later.result?.version]);
  });

  test('[CO4] the side with one copy answers 202, and after the heal there is a conflict', () => {
    const cluster = new CouchCluster(3, { mode: 'cluster' });
    expect(cluster.write('n1', 'order', 'tea').result?.status).toBe(201);
    cluster.pass(10_000);
    cluster.cut(['n1', 'n2'], ['n3']);
    cluster.pass(NOTICED);
    expect(cluster.write('n1', 'order', 'majority').result?.status).toBe(201);
    expect(cluster.write('n3', 'order', 'minority').result?.status).toBe(202);
    cluster.heal();
    cluster.pass(REPLICATED);
    const reads = ['n1', 'n2', 'n3'].map((node) => cluster.read(node, 'order').result);
    expect(new Set(reads.map((result) => result?.version)).size).toBe(1);
    expect(reads.map((result) => result?.conflicts?.length)).toEqual([1, 1, 1]);
  });

  test('[CO5] whoever has the same branches picks the same winner, before and without a word', () => {
    const peers = cutPeers();
    peers.write('n1', 'order', 'one');
    peers.write('n5', 'order', 'other');
    peers.heal();
    while (peers.tree('n3', 'order').length < 2) peers.pass(100);
    const winner = peers.tree('n3', 'order')[0];
    const sent = peers.world.counts.sent;
    expect(peers.read('n3', 'order').result?.value).toBe(winner?.value);
    expect(peers.world.counts.sent).toBe(sent);
    peers.pass(REPLICATED);
    expect(new Set(peers.winners('order'))).toEqual(new Set([winner?.value]));
  });
});

describe('peers', () => {
  test('S1 to S4, S6, S8: every server takes every read and write at once, on whatever side', () => {
    for (const isolated of [false, true]) {
      const peers = new CouchCluster(5);
      if (isolated) for (const node of peers.world.setup.nodes) peers.world.apply({ kind: 'isolate', node });
      else peers.cut(left, right);
      for (const node of peers.world.setup.nodes) {
        expect(summary(peers.write(node, 'order', node))).toEqual(['ok', null, 0]);
        expect(summary(peers.read(node, 'order'))).toEqual(['ok', node, 0]);
      }
    }
  });

  test('a conflict is seen by whoever asks, and ends when the merge is written and the loser is deleted', () => {
    const peers = cutPeers();
    peers.ask('n1', 'add', 'cart', { value: 'eggs' });
    peers.ask('n5', 'add', 'cart', { value: 'milk' });
    healed(peers);
    const { value, conflicts = [] } = peers.read('n2', 'cart').result ?? {};
    const [loser = ''] = conflicts;
    const other = peers.read('n2', 'cart', { rev: loser }).result?.value;
    expect([value, other].flat().sort()).toEqual(['eggs', 'milk']);
    for (const item of [other].flat()) peers.ask('n2', 'add', 'cart', { value: item as string });
    expect(peers.ask('n2', 'delete', 'cart', { options: { rev: loser } }).result?.status).toBe(200);
    peers.pass(2000);
    const merged = peers.read('n4', 'cart').result;
    expect([[...(merged?.value as string[])].sort(), merged?.conflicts]).toEqual([
      ['eggs', 'milk'],
      undefined,
    ]);
  });

  test('to delete the winner of a conflict brings the loser to light', () => {
    const peers = cutPeers();
    peers.write('n1', 'order', 'one');
    peers.write('n5', 'order', 'other');
    healed(peers);
    const before = peers.read('n1', 'order').result?.value;
    peers.ask('n1', 'delete', 'order');
    const after = peers.read('n1', 'order').result?.value;
    expect([before, after].sort()).toEqual(['one', 'other']);
  });

  test('409 only for what is known here: an old revision is refused where a newer one has arrived', () => {
    const peers = new CouchCluster(5);
    const first = peers.write('n1', 'order', 'tea').result?.version ?? '';
    peers.pass(1000);
    peers.cut(left, right);
    peers.write('n1', 'order', 'milk');
    peers.pass(1000);
    expect(summary(peers.write('n2', 'order', 'late', { rev: first }))).toEqual(['fail', CONFLICT, 0]);
    expect(peers.write('n5', 'order', 'late', { rev: first }).result?.status).toBe(201);
    expect(peers.write('n2', 'order', 'new', { rev: null }).error).toBe(CONFLICT);
    expect(peers.write('n2', 'order', 'x', { rev: 'one' }).error).toBe(
      '400 {"error":"bad_request","reason":"Invalid rev format"}',
    );
  });

  test('cas compares what is there; a list is changed over the revision that was read', () => {
    const peers = new CouchCluster(2);
    peers.write('n1', 'stock', 3);
    expect(peers.ask('n1', 'cas', 'stock', { value: 2, expected: 3 }).result).toMatchObject({
      applied: true,
      status: 201,
    });
    expect(peers.ask('n1', 'cas', 'stock', { value: 1, expected: 3 }).result).toEqual({
      applied: false,
      value: 2,
    });
    expect(peers.ask('n1', 'add', 'stock', { value: 'x' }).error).toBe('the document holds no list');
    expect(peers.ask('n1', 'delete', 'nothing').error).toBe('404 {"error":"not_found","reason":"missing"}');
  });

  test('a replicator tries again, gives up for ever longer, and goes on where it was', () => {
    const peers = cutPeers();
    peers.write('n1', 'order', 'milk');
    peers.pass(600_000);
    expect(peers.facts('n1')).toContainEqual(['cannot replicate to', 'n4, n5']);
    peers.heal();
    peers.pass(REPLICATED);
    expect(peers.winners('order')).toEqual(['milk', 'milk', 'milk', 'milk', 'milk']);
    expect(peers.facts('n1').map(([label]) => label)).toEqual(['update sequence']);
  });

  test('S7: what a crash has lost comes back from the others, also when the disk is lost', () => {
    const peers = new CouchCluster(3);
    peers.write('n1', 'order', 'tea');
    peers.pass(60_000);
    peers.crash('n2', 'lost');
    peers.write('n1', 'drink', 'milk');
    peers.pass(1000);
    peers.restart('n2');
    peers.pass(REPLICATED);
    expect(Object.keys(peers.world.view('n2').data)).toEqual(['drink', 'order']);
  });

  test('one-shot replication happens when somebody asks, and says when it cannot', () => {
    const peers = new CouchCluster(3, { replication: 'one-shot' });
    peers.write('n1', 'order', 'tea');
    peers.pass(60_000);
    expect(peers.winners('order')).toEqual(['tea', null, null]);
    expect(peers.ask('n1', 'sync', 'order').result).toEqual({ status: 200 });
    expect(peers.winners('order')).toEqual(['tea', 'tea', 'tea']);
    peers.world.apply({ kind: 'isolate', node: 'n1' });
    peers.write('n1', 'order', 'milk');
    const failed = peers.begin('n1', 'sync', 'order');
    peers.pass(200_000);
    expect([failed.class, failed.error]).toEqual(['info', TIMEOUT]);
  });

  test('S9: clocks mean nothing', () => {
    const outcomes = [0, 3_600_000].map((skew) => {
      const peers = cutPeers();
      peers.skew('n5', skew);
      peers.write('n1', 'order', 'one');
      peers.write('n5', 'order', 'other');
      return healed(peers).read('n2', 'order').result;
    });
    expect(outcomes[0]).toEqual(outcomes[1]);
  });
});

describe('a cluster', () => {
  test('S1: until a cut is noticed writes on the side with one copy wait and reads time out; then 202 and 200', () => {
    const cluster = new CouchCluster(3, { mode: 'cluster' });
    cluster.write('n1', 'order', 'tea');
    cluster.cut(['n1', 'n2'], ['n3']);
    const [read, write] = [
      cluster.begin('n3', 'read', 'order'),
      cluster.begin('n3', 'write', 'x', { value: 1 }),
    ];
    expect(cluster.write('n1', 'order', 'milk').result?.status).toBe(201);
    cluster.pass(2 * NOTICED);
    expect(read.class === 'ok' || read.error === TIMEOUT).toBe(true);
    expect(write.returned).not.toBeNull();
    expect((write.returned ?? 0) - write.invoked).toBeGreaterThan(40_000);
    expect(cluster.read('n3', 'order').result).toMatchObject({ value: 'tea', status: 200 });
    expect(summary(cluster.read('n3', 'order'))).toEqual(['ok', 'tea', 0]);
    expect(cluster.write('n3', 'order', 'far').result?.status).toBe(202);
    expect(cluster.read('n1', 'order').result).toMatchObject({ value: 'milk', status: 200 });
  });

  test('without any copy of a document here it is neither read nor written; other documents are', () => {
    const cluster = new CouchCluster(5, { mode: 'cluster', n: 2 });
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
    const near = keys.find((key) => cluster.copies(key).includes('n1')) ?? '';
    const far = keys.find((key) => !cluster.copies(key).includes('n1')) ?? '';
    cluster.world.apply({ kind: 'isolate', node: 'n1' });
    cluster.world.apply({ kind: 'isolate', node: 'n5' });
    cluster.pass(NOTICED);
    expect(cluster.write('n1', near, 'x').result?.status).toBe(202);
    expect(summary(cluster.write('n1', far, 'x', { rev: null }))).toEqual([
      'fail',
      '500 {"error":"error","reason":"internal_server_error"}',
      0,
    ]);
    expect(cluster.read('n1', far).error).toBe('500 {"error":"error","reason":"read_failure"}');
    expect(cluster.read('n5', near).error).toBe(
      '500 {"error":"internal_server_error","reason":"No DB shards could be opened."}',
    );
  });

  test('S7: a crash is noticed at once; what was missed comes by internal replication', () => {
    const cluster = new CouchCluster(3, { mode: 'cluster' });
    cluster.crash('n3');
    cluster.pass(20_000);
    expect(cluster.write('n1', 'order', 'tea').result?.status).toBe(201);
    expect(cluster.write('n1', 'order', 'milk', { w: 3 }).result?.status).toBe(202);
    cluster.restart('n3');
    cluster.pass(REPLICATED);
    expect(cluster.winners('order')).toEqual(['milk', 'milk', 'milk']);
  });

  test('even a healthy cluster has conflicts: two clients race through different copies', () => {
    const cluster = new CouchCluster(3, { mode: 'cluster' });
    const statuses = new Set<unknown>();
    const conflicts: number[] = [];
    for (let round = 1; round <= 30; round++) {
      const key = `key${round}`;
      const records = ['n1', 'n2', 'n3'].map((node) => cluster.begin(node, 'write', key, { value: node }));
      cluster.pass(20_000);
      for (const { result, error } of records) statuses.add(error ?? result?.status);
      conflicts.push(cluster.read('n1', key).result?.conflicts?.length ?? 0);
    }
    expect(statuses).toContain(202);
    expect(conflicts.some((count) => count > 0)).toBe(true);
  });

  test('a read repairs the copies that answered and lacked what others had', () => {
    const cluster = new CouchCluster(3, { mode: 'cluster' });
    cluster.cut(['n1', 'n2'], ['n3']);
    cluster.pass(NOTICED);
    cluster.write('n1', 'order', 'tea');
    cluster.pass(60_000);
    cluster.heal();
    while (cluster.facts('n3').some(([label]) => label === 'not connected to')) cluster.pass(10);
    expect(cluster.read('n3', 'order', { r: 3 }).result?.value).toBe('tea');
    cluster.pass(100);
    expect(cluster.winners('order')).toEqual(['tea', 'tea', 'tea']);
  });
});

describe('the system', () => {
  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(couchdb, { mode: 'cluster' }, 2)).toThrow(
      'knobs.n: 3 is more than the number of nodes, 2',
    );
    expect(resolveKnobs(couchdb, {}, 1)['mode']).toBe('peers');
  });

  test('says what a side can do, and with which keys', () => {
    const cluster = new CouchCluster(5, { mode: 'cluster', q: 5, n: 2 });
    const knobs = resolveKnobs(couchdb, { mode: 'cluster', q: 5, n: 2 }, 5);
    const members = (side: readonly string[]) =>
      side.map((node) => ({ node, view: cluster.world.view(node) }));
    const { nodes } = cluster.world.setup;
    expect(couchdb.judge(members(nodes), nodes, knobs).state).toBe('serving');
    expect(couchdb.judge(members(right), nodes, knobs).state).toBe('partly');
    expect(couchdb.judge([], nodes, knobs).state).toBe('down');
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const hasCopy = cluster.copies(key).some((node) => right.includes(node));
      expect(couchdb.judgeKey?.(key, members(right), nodes, knobs)).toBe(hasCopy ? 'read-write' : 'none');
    }
  });

  test.each([1, 2, 100])('works with %i peers', (size) => {
    const peers = new CouchCluster(size);
    peers.pass(1000);
    const sent = peers.world.counts.sent;
    peers.write('n1', 'order', 'tea');
    peers.pass(10_000);
    expect(new Set(peers.winners('order'))).toEqual(new Set(['tea']));
    expect(peers.world.counts.sent - sent).toBeLessThan(40 * size);
  });

  test('works as a cluster of a hundred, of which six keep copies', () => {
    const cluster = new CouchCluster(100, { mode: 'cluster' });
    cluster.pass(NOTICED);
    expect(cluster.world.counts.sent).toBeLessThan(100 * 12 * 8);
    const stored = cluster.write('n77', 'order', 'tea').result;
    expect([stored?.status, cluster.read('n50', 'order').result?.value]).toEqual([201, 'tea']);
    const [copy = ''] = cluster.copies('order');
    expect(cluster.tree(copy, 'order').map(revisionOf)).toEqual([stored?.version]);
  });
});
