import { describe, expect, test } from 'vitest';
import type { System } from '../../shared/systems/system.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { lastWriteWins } from '../../shared/systems/last-write-wins.ts';
import { quorum } from '../../shared/systems/quorum.ts';
import { vectorClock } from '../../shared/systems/vector-clock.ts';
import { RingCluster, summary } from '../support/ring-cluster.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const ERROR = 'Cannot guarantee consistency';

const write = (cluster: RingCluster, node: string, key: string, value: string) =>
  cluster.ask(node, 'write', key, { value });
const values = (cluster: RingCluster, node: string, key: string) =>
  [...(cluster.ask(node, 'read', key).result?.values ?? [])].sort();

describe('majority quorum', () => {
  test('S1, S2: the side with a majority of the three nodes works; the other is refused after a second for each lost node', () => {
    const cluster = new RingCluster(quorum, 5);
    write(cluster, 'n4', 'x', 'before');
    cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5']);
    // One of the three is across the cut: a pass takes a second, and a write makes two.
    expect(summary(write(cluster, 'n1', 'x', 'after'))).toEqual(['ok', null, 2.1]);
    expect(summary(cluster.ask('n2', 'read', 'x'))).toEqual(['ok', 'after', 1]);
    // Three nodes against two, and the data is with the two.
    expect(summary(write(cluster, 'n5', 'x', 'lost'))).toEqual(['fail', ERROR, 2]);
    expect(summary(cluster.ask('n4', 'read', 'x'))).toEqual(['fail', ERROR, 2]);
    cluster.heal();
    expect(cluster.ask('n4', 'read', 'x').result?.value).toBe('after');
  });

  test('a write that ends in an error is not undone: here it is read later', () => {
    const cluster = new RingCluster(quorum, 3, { versions: 'node' });
    cluster.cut(['n1'], ['n2', 'n3']);
    const doubtful = write(cluster, 'n1', 'x', 'refused');
    expect([doubtful.class, doubtful.error]).toEqual(['info', ERROR]);
    cluster.heal();
    expect(cluster.ask('n3', 'read', 'x').result?.value).toBe('refused');
  });

  test('[QW1] without repair a partial write is read, and then not read any more', () => {
    const cluster = new RingCluster(quorum, 3, { versions: 'node' });
    write(cluster, 'n1', 'x', 'old');
    cluster.cut(['n1'], ['n2', 'n3']);
    write(cluster, 'n1', 'x', 'new');
    cluster.heal();
    expect(cluster.ask('n2', 'read', 'x').result?.value).toBe('new');
    cluster.crash('n1');
    expect(cluster.ask('n2', 'read', 'x').result?.value).toBe('old');
  });

  test('nodes that number versions themselves lose an acknowledged write; numbered by the writer it stays', () => {
    const read = ['node', 'writer'].map((versions) => {
      const cluster = new RingCluster(quorum, 3, { versions });
      cluster.cut(['n3'], ['n1', 'n2']);
      write(cluster, 'n1', 'x', 'first');
      cluster.heal();
      cluster.cut(['n1'], ['n2', 'n3']);
      expect(write(cluster, 'n2', 'x', 'second').class).toBe('ok');
      cluster.heal();
      cluster.crash('n2');
      return cluster.ask('n3', 'read', 'x').result?.value;
    });
    expect(read).toEqual(['first', 'second']);
  });

  test('read, change, write is no transaction: two increments at once count as one', () => {
    const cluster = new RingCluster(quorum, 3);
    cluster.begin('n1', 'increment', 'likes');
    cluster.begin('n2', 'increment', 'likes');
    cluster.pass(1000);
    expect(cluster.ask('n3', 'read', 'likes').result?.value).toBe(1);
  });

  test('judges a side by the nodes that keep the data, and refuses more copies than nodes', () => {
    const cluster = new RingCluster(quorum, 5);
    const judge = (side: readonly string[]) => {
      const members = side.map((node) => ({ node, view: cluster.world.view(node) }));
      return quorum.judge(members, cluster.world.setup.nodes, resolveKnobs(quorum, {}, 5)).state;
    };
    expect([judge(left), judge(['n2', 'n3']), judge([...right, 'n3']), judge([])]).toEqual([
      'quorum',
      'quorum',
      'no-quorum',
      'down',
    ]);
    expect(() => resolveKnobs(quorum, {}, 2)).toThrow('knobs.replicationFactor: 3 is more than');
  });
});

describe.each([
  ['last write wins', lastWriteWins],
  ['vector clocks', vectorClock],
] as const)('both AP stores answer everything at once: %s', (_, system: System) => {
  test('on every side, and afterwards all nodes agree', () => {
    const cluster = new RingCluster(system, 5);
    cluster.cut(left, right);
    for (const node of [...left, ...right]) {
      expect(summary(write(cluster, node, 'x', node))).toEqual(['ok', null, 0]);
      expect(cluster.ask(node, 'read', 'x').class).toBe('ok');
    }
    cluster.heal();
    cluster.pass(3000);
    const views = [...left, ...right].map((node) => cluster.world.view(node));
    expect(new Set(views.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    for (const { facts } of views) expect(facts).toEqual([]);
  });

  test('a node that crashes before it has told anybody tells them when it is back', () => {
    const cluster = new RingCluster(system, 3);
    cluster.cut(['n1'], ['n2', 'n3']);
    write(cluster, 'n1', 'x', 'kept');
    cluster.crash('n1');
    cluster.heal();
    cluster.restart('n1');
    cluster.pass(3000);
    expect(values(cluster, 'n3', 'x')).toEqual(['kept']);
  });
});

describe('last write wins', () => {
  test("a cart loses one side's items, a counter one side's likes, and nobody is told", () => {
    const cluster = new RingCluster(lastWriteWins, 5);
    cluster.cut(left, right);
    for (const [node, item] of [
      ['n1', 'tea'],
      ['n5', 'jam'],
    ] as const) {
      expect(cluster.ask(node, 'add', 'cart', { value: item }).class).toBe('ok');
      expect(cluster.ask(node, 'increment', 'likes').class).toBe('ok');
      cluster.pass(10);
    }
    cluster.heal();
    cluster.pass(3000);
    expect(cluster.ask('n2', 'read', 'cart').result?.value).toEqual(['jam']);
    expect(cluster.ask('n2', 'read', 'likes').result?.value).toBe(1);
  });

  test('[LW2] while a clock is 30 s ahead, what others write is acknowledged and not there', () => {
    const cluster = new RingCluster(lastWriteWins, 3);
    cluster.skew('n1', 30_000);
    write(cluster, 'n1', 'x', 'ahead');
    cluster.pass(1000);
    for (let second = 1; second < 29; second += 7) {
      expect(write(cluster, 'n2', 'x', `second ${second}`).class).toBe('ok');
      cluster.pass(7000);
      expect(values(cluster, 'n3', 'x')).toEqual(['ahead']);
    }
    cluster.pass(3000);
    write(cluster, 'n2', 'x', 'at last');
    cluster.pass(100);
    expect(values(cluster, 'n3', 'x')).toEqual(['at last']);
  });
});

describe('vector clocks', () => {
  test('concurrent writes are siblings until somebody writes who has received both', () => {
    const cluster = new RingCluster(vectorClock, 5);
    cluster.cut(left, right);
    write(cluster, 'n1', 'x', 'one');
    write(cluster, 'n5', 'x', 'five');
    cluster.heal();
    cluster.pass(3000);
    expect(values(cluster, 'n3', 'x')).toEqual(['five', 'one']);
    write(cluster, 'n3', 'x', 'both seen');
    cluster.pass(100);
    expect(values(cluster, 'n1', 'x')).toEqual(['both seen']);
  });

  test('the union of two carts has both items, and what was removed on one side comes back', () => {
    const cluster = new RingCluster(vectorClock, 5);
    cluster.ask('n1', 'add', 'cart', { value: 'eggs' });
    cluster.pass(1000);
    cluster.cut(left, right);
    cluster.ask('n1', 'remove', 'cart', { value: 'eggs' });
    cluster.ask('n5', 'add', 'cart', { value: 'jam' });
    cluster.heal();
    cluster.pass(3000);
    const merged = cluster.ask('n2', 'add', 'cart', { value: 'tea' });
    expect(merged.result?.value).toEqual(['eggs', 'jam', 'tea']);
  });

  test('a write supersedes what its node has received, whether its writer has seen it or not', () => {
    const cluster = new RingCluster(vectorClock, 2);
    write(cluster, 'n1', 'x', 'never read');
    cluster.pass(100);
    write(cluster, 'n2', 'x', 'blind');
    cluster.pass(100);
    expect(values(cluster, 'n1', 'x')).toEqual(['blind']);
  });
});
