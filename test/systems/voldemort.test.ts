import { describe, expect, test } from 'vitest';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { RingCluster, summary } from '../support/ring-cluster.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const INTERVAL = 300_000;

/** A key with owners n1, n2 left and n4 right, after the two sides were cut apart. */
function split(knobs: object = {}) {
  const cluster = new RingCluster(voldemort, 5, knobs);
  const key = cluster.keyOf(['n1', 'n2', 'n4']);
  cluster.ask('n1', 'write', key, { value: 'before' });
  cluster.pass(1000);
  cluster.cut(left, right);
  return { cluster, key };
}

describe('conformance', () => {
  test('[VO1] one owner reachable: a put fails half done and is found later; once the detector has tripped nothing is sent', () => {
    const { cluster, key } = split({ requiredReads: 1, preferredReads: 3 });
    const half = cluster.ask('n4', 'write', key, { value: 'half' });
    expect(summary(half).slice(0, 2)).toEqual(['info', '2 puts required, but only 1 succeeded']);
    expect(half.returned ?? 0).toBeGreaterThan(half.invoked + 5000);
    // The client goes on asking until ten connections to each of the others could not be opened.
    const owners = placement(key, cluster.world.setup.nodes, 3);
    const down = owners.filter((node) => node !== 'n4').join(', ');
    const refusal = `Only 1 nodes up in preference list, but 2 required. Replication set: [${owners.join(', ')}]Nodes down: [${down}]`;
    let last = half;
    for (let i = 0; i < 20 && last.error !== refusal; i++)
      last = cluster.ask('n4', 'write', key, { value: `more ${i}` });
    const refused = cluster.ask('n4', 'write', key, { value: 'never sent' });
    expect(summary(refused)).toEqual(['fail', refusal, 0]);
    cluster.heal();
    cluster.pass(15_000);
    expect(cluster.ask('n4', 'read', key).result?.value).toMatch(/^more /);
    cluster.pass(1000);
    for (const node of owners) expect(cluster.world.view(node).data[key]?.values).not.toContain('never sent');
  });

  test('[VO1] with R = 2 the put does not even begin: it reads the versions first', () => {
    const { cluster, key } = split();
    expect(summary(cluster.ask('n4', 'write', key, { value: 'x' })).slice(0, 2)).toEqual([
      'fail',
      '2 gets required, but only 1 succeeded',
    ]);
    expect(cluster.world.view('n4').data[key]?.values).toEqual(['before']);
  });

  test('[VO1b] W = 1 and an owner down: ok, and its slop arrives within five minutes of its return', () => {
    const cluster = new RingCluster(voldemort, 5, { requiredReads: 1, requiredWrites: 1 });
    const key = cluster.keyOf(['n1', 'n2', 'n4']);
    cluster.crash('n2');
    const write = cluster.ask('n1', 'write', key, { value: 'tea' });
    expect(write.class).toBe('ok');
    cluster.pass(6000);
    const holder = cluster.world.setup.nodes.find((node) => cluster.facts(node).length > 0) ?? '';
    expect(cluster.facts(holder)).toEqual([['slops for n2', key]]);
    expect(['n3', 'n5']).toContain(holder);
    cluster.restart('n2');
    cluster.pass(1000);
    expect(cluster.world.view('n2').data).toEqual({});
    cluster.pass(INTERVAL);
    expect(cluster.world.view('n2').data[key]?.values).toEqual(['tea']);
    expect(cluster.facts(holder)).toEqual([]);
  });

  test('[VO2] writes on both sides: two versions on the servers; the default client shows one, a merging resolver both', () => {
    const both = (resolver: string) => {
      const { cluster, key } = split({ requiredReads: 1, requiredWrites: 1, resolver, preferredReads: 3 });
      expect(cluster.ask('n1', 'add', key, { value: 'tea' }).class).toBe('ok');
      expect(cluster.ask('n4', 'add', key, { value: 'jam' }).class).toBe('ok');
      cluster.heal();
      cluster.pass(20_000);
      const read = cluster.ask('n3', 'read', key);
      cluster.pass(1000);
      const known = cluster.world.setup.nodes.map(
        (node) => cluster.world.view(node).data[key]?.values.length ?? 0,
      );
      return [read.result?.value ?? read.error, Math.max(...known)];
    };
    expect(both('time-based')).toEqual([['before', 'jam'], 2]);
    expect(both('union')).toEqual([['before', 'jam', 'tea'], 2]);
    expect(both('siblings')[0]).toMatch(/^Unresolved versions returned from get\(k\d+\) = \[/);
  });

  test('[VO3] a put over a version that has been overwritten is refused', () => {
    const cluster = new RingCluster(voldemort, 3);
    cluster.ask('n1', 'write', 'order', { value: 'tea' });
    cluster.ask('n2', 'read', 'order');
    cluster.ask('n1', 'write', 'order', { value: 'milk' });
    const [master = ''] = placement('order', cluster.world.setup.nodes, 3);
    const stale = cluster.ask('n2', 'write', 'order', { value: 'jam', options: { versioned: true } });
    expect([stale.class, stale.error]).toEqual([
      'fail',
      `Key order version(${master}:2) is obsolete, it is no greater than the current version of version(${master}:2).`,
    ]);
    cluster.ask('n2', 'read', 'order');
    expect(cluster.ask('n2', 'write', 'order', { value: 'jam', options: { versioned: true } }).class).toBe(
      'ok',
    );
    expect(cluster.ask('n3', 'read', 'order').result?.value).toBe('jam');
  });
});

describe('the table of scenarios', () => {
  test('S1 the side with two owners goes on, after a timeout if the missing one is asked first', () => {
    const { cluster, key } = split();
    let last = cluster.ask('n3', 'write', key, { value: 'x0' });
    for (let i = 1; i < 15; i++) last = cluster.ask('n3', 'write', key, { value: `x${i}` });
    expect(last.class).toBe('ok');
    expect((last.returned ?? 0) - last.invoked).toBeLessThan(700);
    expect(cluster.ask('n1', 'read', key).result?.value).toBe('x14');
  });

  test('S1 time-based resolution drops an acknowledged write, and the clock ahead wins', () => {
    const { cluster, key } = split({ requiredReads: 1, requiredWrites: 1, preferredReads: 3 });
    cluster.skew('n4', 60_000);
    expect(cluster.ask('n4', 'write', key, { value: 'clock ahead' }).class).toBe('ok');
    cluster.pass(5000);
    expect(cluster.ask('n1', 'write', key, { value: 'later' }).class).toBe('ok');
    cluster.heal();
    cluster.pass(INTERVAL + 20_000);
    expect(cluster.ask('n2', 'read', key).result?.value).toBe('clock ahead');
  });

  test('S7 a crashed owner is noticed at once: its connection is refused', () => {
    const cluster = new RingCluster(voldemort, 5);
    const key = cluster.keyOf(['n1', 'n2', 'n4']);
    cluster.crash('n2');
    const write = cluster.ask('n1', 'write', key, { value: 'tea' });
    expect(write.class).toBe('ok');
    expect((write.returned ?? 0) - write.invoked).toBeLessThan(1200);
  });

  test('a deleted value comes back from an owner that missed the delete: there are no tombstones', () => {
    const cluster = new RingCluster(voldemort, 3, { hintedHandoff: false, preferredReads: 3 });
    cluster.ask('n1', 'write', 'order', { value: 'tea' });
    cluster.pass(1000);
    cluster.crash('n3');
    expect(cluster.ask('n1', 'delete', 'order').class).toBe('ok');
    cluster.restart('n3');
    cluster.pass(1000);
    expect(cluster.ask('n1', 'read', 'order').result?.value).toBe('tea');
    cluster.pass(1000);
    expect(cluster.world.view('n1').data['order']?.values).toEqual(['tea']);
  });
});

describe('the system', () => {
  test('compare and set: of two at the same version the master refuses the second, which then finds the first', () => {
    const cluster = new RingCluster(voldemort, 5);
    const [one, two] = ['n1', 'n4'].map((node) =>
      cluster.begin(node, 'cas', 'seat', { expected: null, value: node }),
    );
    cluster.pass(1000);
    expect([one?.result?.applied, two?.result?.applied].sort()).toEqual([false, true]);
  });

  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(voldemort, {}, 2)).toThrow('knobs.n: 3 is more than the number of nodes, 2');
    expect(() => resolveKnobs(voldemort, { requiredWrites: 4 }, 5)).toThrow(
      'knobs.requiredWrites: 4 is more than n, 3',
    );
  });

  test('says what a side can do, by key', () => {
    const { world } = new RingCluster(voldemort, 5);
    const cluster = new RingCluster(voldemort, 5);
    const members = right.map((node) => ({ node, view: world.view(node) }));
    const judge = (knobs: object) => {
      const all = resolveKnobs(voldemort, knobs, 5);
      return [cluster.keyOf(right), cluster.keyOf(['n1', 'n2', 'n4'])].map((key) =>
        voldemort.judgeKey?.(key, members, world.setup.nodes, all),
      );
    };
    expect(judge({})).toEqual(['read-write', 'none']);
    expect(judge({ requiredReads: 1 })).toEqual(['read-write', 'read']);
    expect(voldemort.judge(members, world.setup.nodes, resolveKnobs(voldemort, {}, 5))).toMatchObject({
      state: 'partly',
      text: expect.stringMatching(/^clients here can write \d+ and read \d+ of 40 key ranges$/) as string,
    });
  });

  test('300 nodes that are asked nothing do nothing', () => {
    const { world } = new RingCluster(voldemort, 300);
    world.advance(20_000);
    expect(world.counts.sent).toBe(0);
  });
});
