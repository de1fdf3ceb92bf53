import { describe, expect, test } from 'vitest';
import { describeVersions } from '../../shared/data/versions.ts';
import type { Copies } from '../../shared/protocols/quorum/types.ts';
import { rangesOf } from '../../shared/protocols/quorum/ring.ts';
import { World } from '../../shared/sim/world.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { QuorumCluster } from '../support/quorum-cluster.ts';
import { earlyAck } from '../support/wrong/quorum-early-ack.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const someKeys = Array.from({ length: 12 }, (_, i) => `key${i}`);

describe('conformance', () => {
  test('[DY1] both sides of a split add to the cart; a read then has two versions, their union both items', () => {
    const cluster = new QuorumCluster(5);
    expect(cluster.ask('n1', 'add', 'cart', 'milk').class).toBe('ok');
    expect(cluster.ask('n2', 'add', 'cart', 'eggs').class).toBe('ok');
    cluster.pass(1000);
    cluster.cut(left, right);
    expect(cluster.ask('n1', 'remove', 'cart', 'eggs').result?.value).toEqual(['milk']);
    expect(cluster.ask('n1', 'add', 'cart', 'tea').class).toBe('ok');
    expect(cluster.ask('n5', 'add', 'cart', 'jam').class).toBe('ok');
    cluster.heal();
    cluster.pass(60_000);

    expect(cluster.ask('n3', 'read', 'cart').result?.values).toEqual([
      ['eggs', 'jam', 'milk'],
      ['milk', 'tea'],
    ]);
    // The eggs were taken out on one side only: the union brings them back.
    const merged = cluster.ask('n3', 'add', 'cart', 'bread');
    expect(merged.result?.value).toEqual(['bread', 'eggs', 'jam', 'milk', 'tea']);
    cluster.pass(1000);
    expect(cluster.ask('n4', 'read', 'cart').result?.values).toEqual([merged.result?.value]);
  });

  test('[DY1] a deleted value comes back when the other side has written it meanwhile', () => {
    const cluster = new QuorumCluster(5);
    cluster.ask('n1', 'write', 'title', 'draft');
    cluster.pass(1000);
    cluster.cut(left, right);
    expect(cluster.ask('n1', 'delete', 'title').class).toBe('ok');
    expect(cluster.ask('n1', 'read', 'title').result).toMatchObject({ values: [], value: null });
    expect(cluster.ask('n5', 'write', 'title', 'final').class).toBe('ok');
    cluster.heal();
    cluster.pass(60_000);
    expect(cluster.ask('n1', 'read', 'title').result?.values).toEqual(['final']);
  });

  test('[DY2] without stand-ins a key works exactly where W of its owners are', () => {
    const cluster = new QuorumCluster(5, { sloppy: false });
    cluster.cut(left, right);
    const counts = { ok: 0, refused: 0 };
    for (const key of someKeys) {
      for (const side of [left, right]) {
        const here = cluster.owners(key).filter((owner) => side.includes(owner)).length;
        const write = cluster.ask(side[0] ?? '', 'write', key, 'x');
        const read = cluster.ask(side[1] ?? '', 'read', key);
        if (here >= 2) {
          expect([key, write.class, read.class]).toEqual([key, 'ok', 'ok']);
          counts.ok++;
        } else {
          expect([key, read.class]).toEqual([key, 'fail']);
          expect(write.class).not.toBe('ok');
          expect(write.error).toMatch(
            /^quorum not reached: W=2, (acks|healthy)=[01]$|^no answer from the coordinator$/,
          );
          counts.refused++;
        }
      }
    }
    expect(counts).toEqual({ ok: someKeys.length, refused: someKeys.length });
  });

  test('[DY3] when the hints are lost, comparing Merkle trees brings the owners together', () => {
    const cluster = new QuorumCluster(5, { r: 1 });
    // `order` belongs to n1, n2 and n5; n3 stands in for n5.
    expect(cluster.owners('order')).toEqual(['n1', 'n2', 'n5']);
    cluster.cut(left, right);
    expect(cluster.ask('n1', 'write', 'order', 'tea').class).toBe('ok');
    cluster.pass(2000);
    expect(Object.keys(cluster.disk('n3').hints)).toEqual(['n5']);
    cluster.crash('n3', 'lost');
    cluster.heal();
    cluster.restart('n3');
    expect(cluster.disk('n5').data).toEqual({});
    cluster.pass(60_000);
    expect(cluster.disk('n5').data).toEqual(cluster.disk('n1').data);
  });
});

describe('faults', () => {
  test('in a split each side with W nodes takes writes and reads of every key', () => {
    const cluster = new QuorumCluster(5);
    cluster.cut(left, right);
    for (const key of someKeys) {
      for (const node of ['n2', 'n5']) {
        expect([key, cluster.ask(node, 'write', key, node).class]).toEqual([key, 'ok']);
        expect(cluster.ask(node, 'read', key).result?.value).toBe(node);
      }
    }
  });

  test('one node alone is refused: W counts nodes, not copies', () => {
    const cluster = new QuorumCluster(5);
    cluster.ask('n1', 'write', 'order', 'tea');
    cluster.world.apply({ kind: 'isolate', node: 'n1' });
    const first = cluster.ask('n1', 'write', 'order', 'jam');
    expect([first.class, first.error]).toEqual(['info', 'quorum not reached: W=2, acks=1']);
    const second = cluster.ask('n1', 'write', 'order', 'figs');
    expect([second.class, second.error]).toEqual(['fail', 'quorum not reached: W=2, healthy=1']);
    expect(cluster.ask('n1', 'read', 'order').error).toBe('quorum not reached: R=2, healthy=1');
    // Of the two only the first was begun. Nobody takes it back: after the heal it is there.
    cluster.heal();
    cluster.pass(30_000);
    expect(cluster.ask('n3', 'read', 'order').result?.values).toEqual(['jam']);
  });

  test('a crashed owner costs nobody an error; it gets its copy when it is back', () => {
    const cluster = new QuorumCluster(5);
    cluster.crash('n2');
    const outcomes = someKeys.map((key) => cluster.ask('n4', 'write', key, 'x').class);
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    cluster.restart('n2');
    cluster.pass(10_000);
    const mine = someKeys.filter((key) => cluster.owners(key).includes('n2'));
    expect(mine.length).toBeGreaterThan(2);
    expect(Object.keys(cluster.disk('n2').data).sort()).toEqual(mine.sort());
  });

  test('a stand-in that crashes keeps its hints on disk', () => {
    const cluster = new QuorumCluster(4);
    cluster.crash('n3');
    cluster.ask('n1', 'write', 'order', 'tea');
    cluster.pass(2000);
    cluster.crash('n4');
    cluster.pass(1000);
    cluster.restart('n4');
    expect(cluster.world.view('n4').facts).toContainEqual(['kept for n3', 'order']);
    cluster.restart('n3');
    cluster.pass(4000);
    expect(cluster.world.view('n4').facts).toEqual([]);
    expect(cluster.world.view('n3').data['order']?.values).toEqual(['tea']);
  });

  test('a bridge shows both sides siblings before any heal', () => {
    // S6: n1 and n2 do not reach each other; n3 reaches both. All three own everything.
    const cluster = new QuorumCluster(3);
    cluster.cut(['n1'], ['n2']);
    expect(cluster.ask('n1', 'write', 'order', 'one').class).toBe('ok');
    // n2 has read `one` from n3 before it wrote; n1 has not read `two`.
    expect(cluster.ask('n2', 'write', 'order', 'two').class).toBe('ok');
    expect(cluster.ask('n1', 'write', 'order', 'one again').class).toBe('ok');
    expect(cluster.ask('n3', 'read', 'order').result?.values).toEqual(['one again', 'two']);
  });

  test('two writers who have not seen each other both survive, though one coordinator numbers both', () => {
    const cluster = new QuorumCluster(4);
    // Neither n1 nor n4 has seen the other's write; both writes go to n1.
    cluster.ask('n1', 'read', 'order');
    cluster.ask('n4', 'read', 'order');
    cluster.begin('n1', 'write', 'order', 'tea');
    cluster.begin('n4', 'write', 'order', 'milk');
    cluster.pass(2000);
    expect(describeVersions(cluster.disk('n1').data['order'] as Copies)).toBe('n1:1 | n1:2');
    expect(cluster.ask('n2', 'read', 'order').result?.values).toEqual(['milk', 'tea']);
  });

  test('a node that lost its disk counts under a new name: no number is given out twice', () => {
    const cluster = new QuorumCluster(3);
    cluster.ask('n1', 'write', 'order', 'tea');
    cluster.crash('n1', 'lost');
    cluster.restart('n1');
    cluster.pass(20_000);
    const write = cluster.ask('n1', 'write', 'order', 'milk');
    expect(write.result?.version).toBe('n1:1 n1#2:1');
    expect(cluster.ask('n2', 'read', 'order').result?.values).toEqual(['milk']);
  });

  test('one lost disk loses no acknowledged write, unless W was only claimed', () => {
    const outcomes = [dynamo.protocol, earlyAck].map((protocol) => {
      const cluster = new QuorumCluster(5, {}, protocol);
      cluster.ask('n1', 'read', 'order');
      cluster.world.apply({ kind: 'isolate', node: 'n1' });
      const write = cluster.ask('n1', 'write', 'order', 'tea');
      cluster.crash('n1', 'lost');
      cluster.heal();
      cluster.restart('n1');
      cluster.pass(30_000);
      return [write.class, cluster.ask('n2', 'read', 'order').result?.values];
    });
    expect(outcomes).toEqual([
      ['info', []],
      ['ok', []],
    ]);
  });
});

describe('last write wins', () => {
  test('of two concurrent writes the later clock is kept, and a clock that is ahead wins unjustly', () => {
    const cluster = new QuorumCluster(5, { resolver: 'last-write-wins' });
    cluster.world.apply({ kind: 'skew', node: 'n1', offset: 60_000 });
    cluster.cut(left, right);
    expect(cluster.ask('n1', 'write', 'order', 'early, clock ahead').class).toBe('ok');
    cluster.pass(5000);
    expect(cluster.ask('n5', 'write', 'order', 'late').class).toBe('ok');
    cluster.heal();
    cluster.pass(60_000);
    for (const node of ['n1', 'n3', 'n5']) {
      expect(cluster.ask(node, 'read', 'order').result?.values).toEqual(['early, clock ahead']);
    }
  });
});

describe('the system', () => {
  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(dynamo, { r: 4 }, 5)).toThrow('knobs.r: 4 is more than n, 3');
    expect(() => resolveKnobs(dynamo, { w: 4 }, 5)).toThrow('knobs.w: 4 is more than n, 3');
    expect(() => resolveKnobs(dynamo, {}, 2)).toThrow('knobs.n: 3 is more than the number of nodes, 2');
  });

  test('says what a side can do', () => {
    const nodes = [...left, ...right];
    const judge = (side: readonly string[], knobs: object) => {
      const { world } = new QuorumCluster(5, knobs);
      const members = side.map((node) => ({ node, view: world.view(node) }));
      return dynamo.judge(members, nodes, resolveKnobs(dynamo, knobs, 5));
    };
    expect(judge(right, {})).toEqual({
      state: 'serving',
      leader: null,
      text: 'a write needs 2 nodes and a read 2, any will do; 2 are here',
    });
    expect(judge(['n1'], {}).state).toBe('down');
    expect(judge(['n1'], { r: 1 }).state).toBe('partly');

    const ranges = rangesOf(nodes, 3).map((owners) => owners.filter((owner) => right.includes(owner)).length);
    const able = ranges.filter((owners) => owners >= 2).length;
    expect(judge(right, { sloppy: false })).toEqual({
      state: 'partly',
      leader: null,
      text: `can write and read ${able} of 40 key ranges`,
    });
    expect(judge(left, { sloppy: false }).text).toBe(`can write and read ${40 - able} of 40 key ranges`);
    expect(judge(nodes, { sloppy: false }).state).toBe('serving');
  });

  test('a saved world goes on as it would have', () => {
    const { world } = new QuorumCluster(5);
    const operate = (node: string, value: string) =>
      world.apply({ kind: 'operate', node, operation: { kind: 'add', key: 'cart', value } });
    world.advance(500);
    world.apply({ kind: 'cut', from: { nodes: left }, to: { nodes: right }, oneWay: false });
    operate('n1', 'tea');
    operate('n5', 'jam');
    world.advance(700);
    const copy = World.load(
      world.setup,
      JSON.parse(JSON.stringify(world.save())) as ReturnType<World['save']>,
    );
    for (const each of [world, copy]) {
      each.advance(2000);
      each.apply({ kind: 'heal', between: null });
      each.advance(20_000);
    }
    expect(copy.digest()).toBe(world.digest());
  });

  test('300 nodes that are asked nothing cost almost nothing', () => {
    const { world } = new QuorumCluster(300);
    world.advance(20_000);
    // One anti-entropy timer each five seconds; no heartbeats.
    expect(world.counts.events).toBeLessThan(1300);
    expect(world.counts.sent).toBe(0);
  });
});
