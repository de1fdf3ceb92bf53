import { describe, expect, test } from 'vitest';
import { etcd } from '../../shared/systems/etcd.ts';
import { resolveKnobs, type SideStatus } from '../../shared/systems/system.ts';
import { EtcdCluster } from '../support/etcd-cluster.ts';

describe('settings', () => {
  test('the defaults are etcd’s', () => {
    expect(resolveKnobs(etcd, {}, 5)).toMatchObject({
      heartbeatMs: 100,
      electionMs: 1000,
      preVote: true,
      checkQuorum: true,
    });
  });

  test('an election timeout below five heartbeats is refused by name', () => {
    expect(() => resolveKnobs(etcd, { heartbeatMs: 300 }, 5)).toThrow(
      'knobs.electionMs: 1000 is less than 5 times heartbeatMs, which etcd refuses; use at least 1500',
    );
  });
});

describe('what a side is told', () => {
  function judge(cluster: EtcdCluster, nodes: readonly string[]): SideStatus {
    const members = nodes.map((node) => ({ node, view: cluster.world.view(node) }));
    return etcd.judge(members, cluster.nodes, {});
  }

  test('a majority with a leader, one without, a minority, and nobody', () => {
    const cluster = new EtcdCluster(5, 1);
    expect(judge(cluster, cluster.nodes)).toEqual({
      state: 'electing',
      leader: null,
      text: '5 of 5 nodes: a majority, but no leader yet. Writes wait until one is elected.',
    });
    const leader = cluster.elect();
    const majority = [leader, ...cluster.others(leader).slice(0, 2)];
    expect(judge(cluster, majority)).toEqual({
      state: 'quorum',
      leader,
      text: `3 of 5 nodes: a majority. Writes are accepted; ${leader} leads.`,
    });
    expect(judge(cluster, cluster.others(...majority))).toEqual({
      state: 'no-quorum',
      leader: null,
      text:
        '2 of 5 nodes: no majority, which takes 3. Writes wait and fail; only serializable reads answer, ' +
        'maybe stale.',
    });
    expect(judge(cluster, []).state).toBe('down');
  });

  test('a replaced leader does not count', () => {
    const cluster = new EtcdCluster(5, 1, { checkQuorum: false });
    const old = cluster.elect();
    cluster.cut([old], cluster.others(old));
    cluster.wait(5000);
    expect(cluster.state(old).role).toBe('leader');
    expect(judge(cluster, cluster.nodes).leader).toBe(cluster.world.leaders.at(-1)?.node);
    expect(judge(cluster, cluster.nodes).leader).not.toBe(old);
  });
});

describe('literal errors', () => {
  test('each that an operation ended with is in the table, with its class', () => {
    const cluster = new EtcdCluster(3, 2, { checkQuorum: false });
    const leader = cluster.elect();
    cluster.cut([leader], cluster.others(leader));
    cluster.write(leader, 'x', 1);
    cluster.wait(2000);
    cluster.world.apply({ kind: 'crash', node: cluster.others(leader)[0] ?? '', disk: 'kept' });
    for (const node of cluster.nodes) {
      cluster.write(node, 'x', 1);
      cluster.read(node, 'x');
    }
    cluster.wait(15_000);
    const failed = cluster.world.operations.filter(({ error }) => error !== null);
    expect(failed.length).toBeGreaterThan(4);
    for (const { kind, error, class: outcome } of failed) {
      const entry = etcd.errors.find((candidate) => candidate.error === error);
      expect(entry, error ?? '').toBeDefined();
      // A read changes nothing, so what is unknown of a write is a failure of a read.
      if (kind === 'write') expect(outcome).toBe(entry?.class);
      else expect(outcome).toBe('fail');
    }
    expect(failed.map(({ error }) => error)).toContain(
      'etcdserver: request timed out, possibly due to connection lost',
    );
  });
});
