import { describe, expect, test } from 'vitest';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { riak } from '../../shared/systems/riak.ts';
import { HANDED_OFF, NOTICED, RiakCluster } from '../support/riak-cluster.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const someKeys = Array.from({ length: 12 }, (_, i) => `key${i}`);
const siblings = { allowMult: true };

describe('conformance', () => {
  test('[RI1] a node alone writes with w=3, because fallback vnodes count; node_confirms=2 fails', () => {
    const cluster = new RiakCluster(5);
    cluster.isolate('n1');
    cluster.pass(NOTICED);
    for (const key of someKeys) {
      expect(cluster.write('n1', key, 'x', { w: 3 }).class).toBe('ok');
    }
    const confirmed = cluster.write('n1', 'key1', 'y', { nodeConfirms: 2 });
    expect([confirmed.class, confirmed.error]).toEqual(['info', 'node_confirms-value unsatisfied: 1/2']);
    // It failed, and all the same it is there.
    expect(cluster.read('n1', 'key1').result?.value).toBe('y');
  });

  test('[RI2] of two concurrent writes the default bucket loses one; with allow_mult both are siblings', () => {
    const outcomes = [{}, siblings].map((knobs) => {
      const cluster = new RiakCluster(5, knobs);
      cluster.cut(left, right);
      cluster.pass(NOTICED);
      expect(cluster.write('n1', 'order', 'tea').class).toBe('ok');
      expect(cluster.write('n5', 'order', 'milk').class).toBe('ok');
      cluster.heal();
      cluster.pass(HANDED_OFF);
      const { values, status } = cluster.read('n3', 'order').result ?? {};
      return { values: [...(values ?? [])].sort(), status };
    });
    expect(outcomes).toEqual([
      { values: ['milk'], status: 200 },
      { values: ['milk', 'tea'], status: 300 },
    ]);
  });

  test('[RI3] two clients who take turns and read nothing: siblings without end, or with dots never more than two', () => {
    const counts = [false, true].map((dvv) => {
      const cluster = new RiakCluster(5, { ...siblings, dvv });
      const [first = '', second = ''] = cluster.owners('order');
      for (let round = 1; round <= 10; round++) {
        cluster.write(first, 'order', `P${round}`);
        cluster.write(second, 'order', `Q${round}`);
      }
      return cluster.read('n3', 'order').result?.values?.length;
    });
    expect(counts[0]).toBeGreaterThan(10);
    expect(counts[1]).toBe(2);
  });

  test('[RI4] a counter counts both sides of a split', () => {
    const cluster = new RiakCluster(5);
    cluster.cut(left, right);
    cluster.pass(NOTICED);
    expect(cluster.ask('n1', 'increment', 'likes', { value: 3 }).result?.value).toBe(3);
    expect(cluster.ask('n5', 'increment', 'likes', { value: 4 }).result?.value).toBe(4);
    cluster.heal();
    cluster.pass(HANDED_OFF);
    expect(cluster.read('n2', 'likes', { type: 'counter' }).result?.value).toBe(7);
  });

  test('[RI5] what is added to a set on one side and removed on the other is in it', () => {
    const cluster = new RiakCluster(5);
    cluster.ask('n1', 'add', 'cart', { value: 'eggs' });
    cluster.ask('n1', 'add', 'cart', { value: 'milk' });
    cluster.cut(left, right);
    cluster.pass(NOTICED);
    // Each side has to have the cart before it can take anything out of it.
    cluster.read('n1', 'cart');
    cluster.read('n5', 'cart');
    cluster.ask('n1', 'remove', 'cart', { value: 'eggs' });
    cluster.ask('n1', 'remove', 'cart', { value: 'milk' });
    cluster.ask('n5', 'add', 'cart', { value: 'eggs' });
    cluster.heal();
    cluster.pass(HANDED_OFF);
    expect(cluster.read('n2', 'cart').result?.value).toEqual(['eggs']);
  });
});

describe('quorum options', () => {
  test('pr and pw want primaries: a key works only where enough of them are, elsewhere it is refused at once', () => {
    const cluster = new RiakCluster(5);
    cluster.cut(left, right);
    cluster.pass(NOTICED);
    for (const key of someKeys) {
      for (const [node, side] of [
        ['n2', left],
        ['n4', right],
      ] as const) {
        const here = cluster.owners(key).filter((owner) => side.includes(owner)).length;
        const write = cluster.write(node, key, node, { pw: 'quorum' });
        const read = cluster.read(node, key, { pr: 2 });
        if (here >= 2) expect([write.class, read.class]).toEqual(['ok', 'ok']);
        else {
          expect([write.class, write.error]).toEqual(['fail', `PW-value unsatisfied: ${here}/2`]);
          expect([read.class, read.error]).toEqual(['fail', `PR-value unsatisfied: ${here}/2`]);
        }
      }
    }
  });

  test('values above n are refused with the literal text', () => {
    const cluster = new RiakCluster(5);
    for (const option of ['w', 'dw', 'pw', 'nodeConfirms']) {
      expect(cluster.write('n1', 'order', 'x', { [option]: 4 }).error).toBe(
        'Specified w/dw/pw/node_confirms values invalid for bucket n value of 3',
      );
    }
    expect(cluster.read('n1', 'order', { r: 4 }).error).toBe(
      'Specified r/pr values invalid for bucket n value of 3',
    );
  });

  test('a data type refuses what it cannot do', () => {
    const cluster = new RiakCluster(5);
    const write = cluster.write('n1', 'likes', 5, { type: 'counter' });
    expect([write.class, write.error]).toEqual(['fail', `Invalid operation on datatype 'counter': "write"`]);
  });

  test('more than a hundred siblings are refused', () => {
    const cluster = new RiakCluster(5, { ...siblings, dvv: false });
    const [first = '', second = ''] = cluster.owners('order');
    const errors = new Set<string | null>();
    for (let round = 1; round <= 60; round++) {
      errors.add(cluster.write(first, 'order', `P${round}`).error);
      errors.add(cluster.write(second, 'order', `Q${round}`).error);
    }
    expect(errors).toEqual(new Set([null, '{too_many_siblings,101}']));
  });
});

describe('data types', () => {
  test('a flag that is enabled and disabled concurrently is on; a register keeps the later clock', () => {
    const cluster = new RiakCluster(5);
    cluster.write('n1', 'open', true, { type: 'flag' });
    cluster.cut(left, right);
    cluster.pass(NOTICED);
    cluster.read('n1', 'open', { type: 'flag' });
    expect(cluster.write('n1', 'open', false, { type: 'flag' }).result?.value).toBe(false);
    cluster.write('n5', 'open', true, { type: 'flag' });
    cluster.write('n5', 'motto', 'early', { type: 'register' });
    cluster.write('n1', 'motto', 'late', { type: 'register' });
    cluster.heal();
    cluster.pass(HANDED_OFF);
    expect(cluster.read('n2', 'open', { type: 'flag' }).result?.value).toBe(true);
    expect(cluster.read('n2', 'motto', { type: 'register' }).result?.value).toBe('late');
  });

  test('fields of a map are merged one by one, and an update beats a concurrent removal', () => {
    const cluster = new RiakCluster(5);
    const type = { options: { type: 'map' } };
    cluster.ask('n1', 'write', 'ann', { value: 'city=Bonn', ...type });
    cluster.cut(left, right);
    cluster.pass(NOTICED);
    cluster.read('n5', 'ann');
    cluster.ask('n1', 'remove', 'ann', { value: 'city', ...type });
    cluster.ask('n1', 'write', 'ann', { value: 'age=30', ...type });
    cluster.ask('n5', 'write', 'ann', { value: 'city=Rome', ...type });
    cluster.heal();
    cluster.pass(HANDED_OFF);
    expect(cluster.read('n3', 'ann', { type: 'map' }).result?.value).toEqual(['age=30', 'city=Rome']);
  });

  test('the types of one key lie in buckets of their own; a delete takes what its type says', () => {
    const cluster = new RiakCluster(5);
    cluster.write('n1', 'thing', 'text');
    cluster.ask('n1', 'increment', 'thing', { value: 2 });
    expect(cluster.read('n2', 'thing').result?.value).toBe('text');
    expect(cluster.read('n2', 'thing', { type: 'counter' }).result?.value).toBe(2);
    expect(cluster.ask('n2', 'delete', 'thing', { options: { type: 'counter' } }).result?.status).toBe(204);
    expect(cluster.read('n3', 'thing').result?.value).toBe('text');
    expect(cluster.read('n3', 'thing', { type: 'counter' }).result?.value).toBe(0);
    cluster.write('n1', 'other', 'text');
    cluster.ask('n3', 'delete', 'other');
    expect(cluster.read('n1', 'other').result).toMatchObject({ status: 404, value: null });
  });
});

describe('scenarios', () => {
  test('S1, S2, S3: until a cut is noticed, keys with two primaries across it wait and time out; after that every side serves every key', () => {
    const cluster = new RiakCluster(5);
    cluster.cut(left, right);
    const outcomes = new Set<string>();
    const key =
      someKeys.find((name) => cluster.owners(name).filter((node) => right.includes(node)).length === 1) ?? '';
    const early = cluster.begin('n4', 'read', key);
    const earlyWrite = cluster.begin(
      cluster.owners(key).find((node) => right.includes(node)) ?? '',
      'write',
      key,
      {
        value: 'x',
      },
    );
    cluster.pass(61_000);
    expect([early.class, early.error]).toEqual(['fail', 'request timed out']);
    expect([earlyWrite.class, earlyWrite.error]).toEqual(['info', 'request timed out']);
    expect((earlyWrite.returned ?? 0) - earlyWrite.invoked).toBe(60_000);
    cluster.pass(NOTICED - 61_000);
    for (const name of someKeys) {
      for (const node of ['n1', 'n3', 'n4', 'n5']) {
        outcomes.add(cluster.write(node, name, node).class);
        outcomes.add(cluster.read(node, name).class);
      }
    }
    expect(outcomes).toEqual(new Set(['ok']));
  });

  test('S4: what lies across the cut is "not found" for a node alone', () => {
    const cluster = new RiakCluster(5);
    const key = someKeys.find((name) => !cluster.owners(name).includes('n1')) ?? '';
    cluster.write('n2', key, 'x');
    cluster.isolate('n1');
    cluster.pass(NOTICED);
    expect(cluster.read('n1', key).result).toMatchObject({ status: 404, value: null });
  });

  test('S5: over a link that is dead one way both ends lose the connection', () => {
    const cluster = new RiakCluster(3);
    cluster.cut(['n1'], ['n2'], true);
    cluster.pass(NOTICED);
    expect(cluster.facts('n2')).toContainEqual(['thought down', 'n1']);
    expect(cluster.facts('n1')).toContainEqual(['thought down', 'n2']);
    expect(cluster.facts('n3')).toEqual([]);
    cluster.heal();
    cluster.pass(70_000);
    expect(cluster.facts('n1')).toEqual([]);
    expect(cluster.facts('n2')).toEqual([]);
  });

  test('S6: at a bridge the middle shows siblings before any heal', () => {
    const cluster = new RiakCluster(3, siblings);
    cluster.cut(['n1'], ['n2']);
    cluster.pass(NOTICED);
    expect(cluster.write('n1', 'order', 'one').class).toBe('ok');
    expect(cluster.write('n2', 'order', 'two').class).toBe('ok');
    cluster.pass(100);
    expect([...(cluster.read('n3', 'order').result?.values ?? [])].sort()).toEqual(['one', 'two']);
  });

  test('S7: a crash is noticed at once and costs nobody an error; the owner gets its keys back', () => {
    const cluster = new RiakCluster(5);
    cluster.crash('n2');
    cluster.pass(100);
    const outcomes = someKeys.map((key) => cluster.write('n4', key, 'x').class);
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    cluster.restart('n2');
    cluster.pass(HANDED_OFF);
    const mine = someKeys.filter((key) => cluster.owners(key).includes('n2'));
    expect(mine.length).toBeGreaterThan(2);
    expect(Object.keys(cluster.world.view('n2').data).sort()).toEqual([...mine].sort());
    for (const node of cluster.world.setup.nodes) expect(cluster.facts(node)).toEqual([]);
  });

  test('S9: a clock that is ahead wins in the default bucket, though both writes were acknowledged', () => {
    const cluster = new RiakCluster(5);
    cluster.skew('n1', 300_000);
    cluster.cut(['n1'], ['n2', 'n3', 'n4', 'n5']);
    cluster.pass(NOTICED);
    cluster.write('n1', 'order', 'early, clock ahead');
    cluster.pass(5000);
    expect(cluster.write('n5', 'order', 'late').class).toBe('ok');
    cluster.heal();
    cluster.pass(HANDED_OFF);
    expect(cluster.read('n3', 'order').result?.values).toEqual(['early, clock ahead']);
  });

  test('with last_write_wins a write replaces what it has not seen, whatever the clocks say', () => {
    const outcomes = [{ lastWriteWins: true }, {}].map((knobs) => {
      const cluster = new RiakCluster(5, knobs);
      const [first = '', second = ''] = cluster.owners('order');
      cluster.skew(first, 300_000);
      cluster.write(first, 'order', 'early, clock ahead');
      cluster.pass(100);
      cluster.write(second, 'order', 'late');
      cluster.pass(100);
      return cluster.read('n3', 'order').result?.values;
    });
    expect(outcomes).toEqual([['late'], ['early, clock ahead']]);
  });
});

describe('repair', () => {
  test('active anti-entropy brings back what neither handoff nor a read has', () => {
    const cluster = new RiakCluster(5);
    const key = 'order';
    const [, second = ''] = cluster.owners(key);
    cluster.write('n1', key, 'tea');
    cluster.pass(1000);
    cluster.crash(second, 'lost');
    cluster.restart(second);
    expect(cluster.world.view(second).data).toEqual({});
    cluster.pass(400_000);
    expect(cluster.world.view(second).data[key]?.values).toEqual(['tea']);
  });

  test('a fallback vnode that has handed off and comes into play again numbers under a new name', () => {
    const cluster = new RiakCluster(5, siblings);
    const key = someKeys.find((name) => !cluster.owners(name).includes('n1')) ?? '';
    const versions: (string | undefined)[] = [];
    for (let round = 1; round <= 2; round++) {
      cluster.isolate('n1');
      cluster.pass(NOTICED);
      versions.push(cluster.write('n1', key, `round ${round}`).result?.version);
      cluster.heal();
      cluster.pass(HANDED_OFF);
      expect(cluster.disk('n1').vnodes).toEqual({});
    }
    expect(versions).toEqual(['n1:1', 'n1:1 n1.2:1']);
    expect(cluster.read('n3', key).result?.values).toEqual(['round 2']);
  });
});

describe('the system', () => {
  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(riak, {}, 2)).toThrow('knobs.n: 3 is more than the number of nodes, 2');
    expect(() => resolveKnobs(riak, { allowMult: true, lastWriteWins: true }, 5)).toThrow(
      'knobs.lastWriteWins: cannot be true together with allowMult',
    );
  });

  test('says what a side can do, and that it must first notice the cut', () => {
    const cluster = new RiakCluster(5);
    const judge = (side: readonly string[]) => {
      const members = side.map((node) => ({ node, view: cluster.world.view(node) }));
      return riak.judge(members, cluster.world.setup.nodes, resolveKnobs(riak, {}, 5)).state;
    };
    expect(judge([...left, ...right])).toBe('serving');
    cluster.cut(left, right);
    expect(judge(left)).toBe('partly');
    cluster.pass(NOTICED);
    expect([judge(left), judge(right), judge([])]).toEqual(['serving', 'serving', 'down']);
  });

  test.each([1, 2, 100])('works with %i nodes', (size) => {
    const cluster = new RiakCluster(size, { n: Math.min(3, size) });
    const last = `n${size}`;
    expect(cluster.write('n1', 'order', 'tea').class).toBe('ok');
    cluster.pass(100);
    expect(cluster.read(last, 'order').result?.value).toBe('tea');
  });
});
