import { describe, expect, test } from 'vitest';
import { EtcdCluster } from '../support/etcd-cluster.ts';
import { etcdFuzz } from '../support/etcd-fuzz.ts';
import { fuzzSeeds } from '../support/fuzz.ts';

/** How etcd behaves in the partitions that every class tries, over several seeds each. */
const seeds = [1, 2, 3, 4, 5];

describe.each(seeds)('etcd, seed %i', (seed) => {
  test('[ET1] every acknowledged write of a partition with the leader in the minority is there after the heal', () => {
    const cluster = new EtcdCluster(5, seed);
    const { world, nodes } = cluster;
    const leader = cluster.elect();
    const minority = [leader, ...cluster.others(leader).slice(0, 1)];
    cluster.cut(minority, cluster.others(...minority));
    for (let i = 0; i < 60; i++) {
      cluster.write(nodes[i % nodes.length] ?? leader, `k${i}`, i);
      cluster.wait(100);
    }
    cluster.heal();
    cluster.wait(15_000);
    const acknowledged = world.operations.filter((operation) => operation.class === 'ok');
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(world.operations.filter(({ class: outcome }) => outcome === 'info').length).toBeGreaterThan(0);
    for (const { key, value } of acknowledged) {
      for (const node of nodes) expect(cluster.held(node, key), `${key} at ${node}`).toBe(value);
    }
  });

  test('[ET2] a write to the old leader right after the cut ends as info, and is gone after the heal', () => {
    const cluster = new EtcdCluster(5, seed);
    const leader = cluster.elect();
    cluster.cut([leader], cluster.others(leader));
    cluster.wait(500);
    const write = cluster.write(leader, 'x', 'lost');
    cluster.wait(10_000);
    expect(write.class).toBe('info');
    expect(write.error).toMatch(/^etcdserver: request timed out/);
    cluster.heal();
    cluster.wait(5000);
    for (const node of cluster.nodes) expect(cluster.held(node, 'x')).toBeNull();
  });

  test('[ET3] a leader that cannot hear blocks the cluster, unless it checks its quorum', () => {
    const without = new EtcdCluster(5, seed, { checkQuorum: false });
    const deaf = without.elect();
    without.cut(without.others(deaf), [deaf], true);
    without.write(deaf, 'x', 1);
    const blocked = without.write(without.others(deaf)[0] ?? deaf, 'x', 2);
    without.wait(60_000);
    expect(without.world.leaders).toHaveLength(1);
    expect(blocked.class).toBe('info');

    const cluster = new EtcdCluster(5, seed);
    const leader = cluster.elect();
    cluster.cut(cluster.others(leader), [leader], true);
    const cutAt = cluster.world.now;
    cluster.wait(2000);
    expect(cluster.state(leader).role, 'it gives up within two election timeouts').not.toBe('leader');
    cluster.wait(4000);
    // Followers then wait one to two election timeouts of their own.
    expect((cluster.world.leaders.at(-1)?.at ?? 0) - cutAt).toBeLessThan(2000 + 2 * 1000 + 1000);
    const write = cluster.write(cluster.world.leader ?? leader, 'x', 1);
    cluster.wait(500);
    expect(write.class).toBe('ok');
  });

  test('[ET4] in a chain, without PreVote the term of the far node grows without bound', () => {
    const terms = (preVote: boolean) => {
      const cluster = new EtcdCluster(3, seed, { preVote });
      const leader = cluster.elect();
      const [middle = '', far = ''] = cluster.others(leader);
      cluster.cut([leader], [far]);
      const start = cluster.state(far).term;
      const grown = [10_000, 20_000, 20_000].map((ms) => {
        cluster.wait(ms);
        return cluster.state(far).term - start;
      });
      // The middle node is in touch with the leader and ignores the far one: the cluster is not disturbed.
      expect(cluster.state(middle).leader).toBe(leader);
      return grown;
    };
    const [a = 0, b = 0, c = 0] = terms(false);
    expect(a).toBeGreaterThan(2);
    expect(b).toBeGreaterThan(a + 5);
    expect(c).toBeGreaterThan(b + 5);
    expect(terms(true)).toEqual([0, 0, 0]);
  });

  test('[ET4] in a chain, without PreVote and CheckQuorum the far node unseats the leader', () => {
    const leaders = (knobs: object) => {
      const cluster = new EtcdCluster(3, seed, knobs);
      const leader = cluster.elect();
      cluster.cut([leader], [cluster.others(leader)[1] ?? '']);
      cluster.wait(30_000);
      return new Set(cluster.world.leaders.map(({ term }) => term)).size;
    };
    expect(leaders({ preVote: false, checkQuorum: false })).toBeGreaterThan(1);
    expect(leaders({})).toBe(1);
  });

  test('[ET5] at an isolated node a serializable read is stale and a linearizable one fails', () => {
    const cluster = new EtcdCluster(5, seed);
    const leader = cluster.elect();
    const [alone = '', other = ''] = cluster.others(leader);
    cluster.write(leader, 'x', 'before');
    cluster.wait(1000);
    cluster.cut([alone], cluster.others(alone));
    const write = cluster.write(other, 'x', 'after');
    cluster.wait(1000);
    expect(write.class).toBe('ok');
    const stale = cluster.read(alone, 'x', 'serializable');
    const failing = cluster.read(alone, 'x');
    cluster.wait(15_000);
    expect(stale.result?.value).toBe('before');
    expect(failing.class).toBe('fail');
    expect(cluster.read(other, 'x', 'serializable').result?.value).toBe('after');
  });

  test('an even split leaves both halves without a majority', () => {
    const cluster = new EtcdCluster(4, seed);
    cluster.elect();
    cluster.cut(['n1', 'n2'], ['n3', 'n4']);
    cluster.wait(5000);
    expect(cluster.world.leader).toBeNull();
    const writes = cluster.nodes.map((node) => cluster.write(node, 'x', node));
    cluster.wait(8000);
    expect(writes.map((write) => write.error)).toEqual(Array(4).fill('context deadline exceeded'));
  });

  test('a cart keeps what everybody adds at the same time', () => {
    const cluster = new EtcdCluster(5, seed);
    cluster.elect();
    const adds = cluster.nodes.map((node) => cluster.ask(node, { kind: 'add', key: 'cart', value: node }));
    cluster.wait(1000);
    expect(adds.map((add) => add.class)).toEqual(Array(5).fill('ok'));
    const cart = cluster.read('n1', 'cart');
    cluster.wait(100);
    expect([...(cart.result?.value as string[])].sort()).toEqual(cluster.nodes);
  });
});

test('[ET6] every history of reads, writes and carts under faults is linearizable', () => {
  // The claims "real-time order" and "reads return what was written", with revisions as witnesses.
  fuzzSeeds(etcdFuzz, 1001, 50);
}, 60_000);
