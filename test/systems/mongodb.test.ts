import { describe, expect, test } from 'vitest';
import { mongodb } from '../../shared/systems/mongodb.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { MongoCluster } from '../support/mongodb-cluster.ts';

const SELECTION_TIMED_OUT = 'Server selection timed out after 30000 ms';

describe('settings', () => {
  test('the defaults are MongoDB’s', () => {
    expect(resolveKnobs(mongodb, {}, 5)).toMatchObject({
      electionTimeoutMillis: 10_000,
      chaining: true,
      arbiters: 0,
      priority: 1,
      catchUpTimeoutMillis: -1,
      serverSelectionTimeoutMS: 30_000,
    });
  });

  test('a set without data, or without anybody who can be primary, is refused by name', () => {
    expect(() => resolveKnobs(mongodb, { arbiters: 3 }, 3)).toThrow(
      'knobs.arbiters: 3 of 3 leave no member with data',
    );
    expect(() => resolveKnobs(mongodb, { priority: 0 }, 1)).toThrow(
      'knobs.priority: with 0 no member could be primary',
    );
  });
});

describe('a majority with the primary, and a minority (S1)', () => {
  test('the majority goes on; on the other side only reads of secondaries answer, and may be stale', () => {
    const cluster = new MongoCluster(5, 1);
    const primary = cluster.elect();
    const before = cluster.write(primary, 'x', 'before');
    cluster.wait(1000);
    expect(before.class).toBe('ok');
    const [a = '', b = '', ...minority] = cluster.others(primary);
    cluster.cut([primary, a, b], minority);
    cluster.wait(1000);
    const after = cluster.write(a, 'x', 'after');
    cluster.wait(44_000);
    const [far = ''] = minority;
    const stale = cluster.read(far, 'x', { readPreference: 'secondaryPreferred' });
    const refused = [cluster.write(far, 'x', 'far'), cluster.read(far, 'x')];
    cluster.wait(100);
    expect(after).toMatchObject({ class: 'ok', error: null });
    expect(stale).toMatchObject({ class: 'ok', result: { value: 'before' } });
    cluster.wait(30_000);
    for (const { class: outcome, error, invoked, returned } of refused) {
      expect({ outcome, error }).toEqual({ outcome: 'fail', error: SELECTION_TIMED_OUT });
      expect(Number(returned) - invoked).toBe(30_000);
    }
    expect(cluster.elections).toBe(1);
    expect(cluster.judge(minority).state).toBe('no-quorum');
    cluster.heal();
    cluster.wait(5000);
    expect(cluster.held(far, 'x')).toBe('after');
  });
});

describe('the primary alone on the smaller side (S2, S4)', () => {
  /** The primary is isolated, and five writes with `w` are asked there two seconds later. */
  function isolatePrimary(w: 1 | 'majority', knobs: object = {}) {
    const cluster = new MongoCluster(5, 2, knobs);
    const old = cluster.elect();
    cluster.isolate(old);
    const cutAt = cluster.world.now;
    cluster.wait(2000);
    const writes = [1, 2, 3, 4, 5].map((i) => cluster.write(old, `k${i}`, `lost ${i}`, { w }));
    cluster.wait(100);
    return { cluster, old, writes, cutAt };
  }

  test('MG1 w: 1 is acknowledged for ten seconds and rolled back after the heal, into a file', () => {
    const { cluster, old, writes, cutAt } = isolatePrimary(1);
    for (const write of writes) expect(write.class).toBe('ok');
    while (cluster.state(old).role === 'primary') cluster.wait(100);
    const steppedDown = cluster.world.now - cutAt;
    expect(steppedDown).toBeGreaterThan(8000);
    expect(steppedDown).toBeLessThanOrEqual(12_000);
    while (cluster.primary() === null || cluster.primary() === old) cluster.wait(100);
    const outage = cluster.world.now - cutAt;
    expect(outage).toBeGreaterThan(8000);
    expect(outage).toBeLessThan(13_000);
    cluster.heal();
    cluster.wait(15_000);
    for (const node of cluster.nodes) expect(cluster.held(node, 'k1')).toBeNull();
    const [file] = cluster.state(old).rollbackFiles;
    expect(file?.documents).toEqual([1, 2, 3, 4, 5].map((i) => ({ key: `k${i}`, value: `lost ${i}` })));
  });

  test('MG2 w: "majority" is not acknowledged, and the driver cannot tell; nothing acknowledged is lost', () => {
    const { cluster, old, writes } = isolatePrimary('majority');
    expect(writes.every(({ returned }) => returned === null)).toBe(true);
    cluster.wait(45_000);
    for (const write of writes) expect(write).toMatchObject({ class: 'info', error: SELECTION_TIMED_OUT });
    cluster.heal();
    cluster.wait(15_000);
    for (const node of cluster.nodes) expect(cluster.held(node, 'k1')).toBeNull();
    expect(cluster.state(old).role).toBe('secondary');
  });

  test('without retries the client hears that the primary stepped down', () => {
    const { cluster, writes } = isolatePrimary('majority', { retryWrites: false });
    cluster.wait(12_000);
    for (const write of writes) {
      expect(write).toMatchObject({
        class: 'info',
        error: 'Primary stepped down while waiting for replication',
      });
    }
  });

  test('a retry of a write that another primary does not know is done there, once', () => {
    const { cluster, writes } = isolatePrimary('majority');
    cluster.wait(15_000);
    cluster.heal();
    cluster.wait(20_000);
    for (const write of writes) expect(write.class).toBe('ok');
    for (const node of cluster.nodes) expect(cluster.held(node, 'k5')).toBe('lost 5');
  });

  test('MG3 a client at the old primary reads what is no longer so; a linearizable read does not answer', () => {
    const cluster = new MongoCluster(5, 3);
    const old = cluster.elect();
    cluster.write(old, 'x', 'old');
    cluster.wait(500);
    // Cut off and frozen, as by a long pause of the machine, the old primary does not notice that time passes.
    cluster.isolate(old);
    cluster.wait(100);
    cluster.world.apply({ kind: 'pause', node: old });
    cluster.wait(14_000);
    const primary = cluster.primary() ?? '';
    expect(primary).not.toBe(old);
    const written = cluster.write(primary, 'x', 'new');
    cluster.wait(1000);
    expect(written.class).toBe('ok');
    cluster.world.apply({ kind: 'resume', node: old });
    const local = cluster.read(old, 'x');
    const majority = cluster.read(old, 'x', { readConcern: 'majority' });
    const linearizable = cluster.read(old, 'x', { readConcern: 'linearizable', maxTimeMS: 500 });
    cluster.wait(1000);
    expect(local).toMatchObject({ class: 'ok', result: { value: 'old' } });
    expect(majority).toMatchObject({ class: 'ok', result: { value: 'old' } });
    expect(linearizable).toMatchObject({ class: 'fail', error: 'operation exceeded time limit' });
  });
});

describe('halves (S3)', () => {
  test('of four voters no half has a majority: both become read-only', () => {
    const cluster = new MongoCluster(4, 4);
    const primary = cluster.elect();
    const [a = '', ...far] = cluster.others(primary);
    cluster.cut([primary, a], far);
    cluster.wait(15_000);
    expect(cluster.nodes.map((node) => cluster.state(node).role)).not.toContain('primary');
    expect(cluster.judge([primary, a]).state).toBe('no-quorum');
    expect(cluster.judge(far).state).toBe('no-quorum');
  });
});

describe('one way (S5)', () => {
  test('a primary that cannot send is replaced', () => {
    const cluster = new MongoCluster(5, 5);
    const old = cluster.elect();
    cluster.cut([old], cluster.others(old), true);
    cluster.wait(15_000);
    expect(cluster.primary()).not.toBe(old);
    expect(cluster.state(old).role).not.toBe('primary');
  });

  test('a primary that cannot hear steps down within ten seconds or so, and others elect', () => {
    const cluster = new MongoCluster(5, 6);
    const old = cluster.elect();
    cluster.cut(cluster.others(old), [old], true);
    cluster.wait(12_500);
    expect(cluster.state(old).role).not.toBe('primary');
    cluster.wait(15_000);
    expect(cluster.primary()).not.toBeNull();
    expect(cluster.primary()).not.toBe(old);
  });
});

describe('a bridge (S6)', () => {
  /** A is primary and C hears only B, while somebody writes every two seconds. */
  function bridge(knobs: object) {
    const cluster = new MongoCluster(3, 7, knobs);
    const a = cluster.elect();
    const [b = '', c = ''] = cluster.others(a);
    cluster.cut([a], [c]);
    for (let i = 0; i < 30; i++) {
      cluster.write(b, 'x', i, { w: 'majority' });
      cluster.wait(2000);
    }
    return { cluster, a, b, c };
  }

  test('MG4 with chaining C copies from B, B tells A of C, and nobody is elected', () => {
    const { cluster, a, b, c } = bridge({});
    expect(cluster.elections).toBe(1);
    expect(cluster.primary()).toBe(a);
    expect(cluster.state(c).source).toBe(b);
    expect(cluster.held(c, 'x')).toBe(29);
  });

  test('MG4 without chaining C falls behind, and B refuses to elect it', () => {
    const { cluster, a, c } = bridge({ chaining: false });
    expect(cluster.elections).toBe(1);
    expect(cluster.primary()).toBe(a);
    expect(cluster.held(c, 'x')).not.toBe(29);
  });
});

describe('causally consistent sessions', () => {
  test('MG6 a read in a session does not miss what the session has written, at whichever member', () => {
    const cluster = new MongoCluster(3, 12, { chaining: false });
    const [reader, behind] = ['n2', 'n3'];
    // Near enough for the driver to take either.
    cluster.world.apply({
      kind: 'link',
      from: { nodes: [reader] },
      to: { nodes: [behind] },
      oneWay: false,
      delay: 1,
    });
    const primary = cluster.elect();
    expect(primary).toBe('n1');
    cluster.write(reader, 'x', 'old', { w: 'majority' });
    cluster.wait(3000);
    // Without chaining the other secondary can copy from nobody: it falls behind, and goes on answering.
    cluster.cut([primary], [behind]);
    const written = cluster.write(reader, 'x', 'new', { w: 'majority', session: 'causal' });
    cluster.wait(1000);
    expect(written.class).toBe('ok');
    const secondary = { readPreference: 'secondary', maxTimeMS: 1500 };
    const alone = Array.from({ length: 12 }, () => cluster.read(reader, 'x', secondary));
    const inSession = Array.from({ length: 12 }, () =>
      cluster.read(reader, 'x', { ...secondary, session: 'causal' }),
    );
    cluster.wait(3000);
    expect(new Set(alone.map(({ result }) => result?.value))).toEqual(new Set(['old', 'new']));
    expect(new Set(inSession.map(({ result, error }) => result?.value ?? error))).toEqual(
      new Set(['new', 'operation exceeded time limit']),
    );
  });
});

describe('two with data and an arbiter (PSA)', () => {
  test('MG5 the default write concern is 1: a write without a second copy is acknowledged', () => {
    const cluster = new MongoCluster(3, 8, { arbiters: 1 });
    const primary = cluster.elect();
    expect(primary).not.toBe('n3');
    const [secondary = ''] = cluster.others(primary, 'n3');
    cluster.world.apply({ kind: 'crash', node: secondary, disk: 'kept' });
    const one = cluster.write(primary, 'x', 'by default');
    const majority = cluster.write(primary, 'y', 'asked', { w: 'majority', wtimeout: 2000 });
    cluster.wait(3000);
    expect(one.class).toBe('ok');
    expect(majority).toMatchObject({ class: 'info', error: 'waiting for replication timed out' });
    expect(cluster.judge([primary, 'n3'], { arbiters: 1 }).state).toBe('partly');
  });

  test('an arbiter between the two does not let them take turns', () => {
    const cluster = new MongoCluster(3, 9, { arbiters: 1 });
    const primary = cluster.elect();
    const [secondary = ''] = cluster.others(primary, 'n3');
    cluster.cut([primary], [secondary]);
    const written = cluster.write(primary, 'x', 1);
    cluster.wait(60_000);
    expect(written.class).toBe('ok');
    expect(cluster.elections).toBe(1);
    expect(cluster.primary()).toBe(primary);
  });
});

describe('crashes and priorities (S7)', () => {
  test('a primary that crashes is replaced, and comes back as a secondary', () => {
    const cluster = new MongoCluster(3, 10);
    const old = cluster.elect();
    cluster.world.apply({ kind: 'crash', node: old, disk: 'kept' });
    const [other = ''] = cluster.others(old);
    const during = cluster.write(other, 'x', 1);
    cluster.wait(14_000);
    expect(during.class).toBe('ok');
    cluster.world.apply({ kind: 'restart', node: old });
    cluster.wait(5000);
    expect(cluster.state(old).role).toBe('secondary');
    expect(cluster.held(old, 'x')).toBe(1);
  });

  test('a member of higher priority takes over when it is as far as the others', () => {
    const cluster = new MongoCluster(3, 11, { priority: 5 });
    cluster.elect();
    cluster.wait(25_000);
    expect(cluster.primary()).toBe('n1');
    cluster.world.apply({ kind: 'crash', node: 'n1', disk: 'kept' });
    cluster.wait(15_000);
    expect(cluster.primary()).not.toBe('n1');
    cluster.world.apply({ kind: 'restart', node: 'n1' });
    cluster.wait(20_000);
    expect(cluster.primary()).toBe('n1');
  });
});
