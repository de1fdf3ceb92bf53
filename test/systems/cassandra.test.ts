import { describe, expect, test } from 'vitest';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { Flight } from '../../shared/sim/timeline.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { RingCluster, summary } from '../support/ring-cluster.ts';

const left = ['n1', 'n2', 'n3'];
const right = ['n4', 'n5'];
const at = (consistency: string) => ({ options: { consistency } });

const timeout = (level: string, received: number, type = 'SIMPLE') =>
  `Cassandra timeout during ${type} write query at consistency ${level} (2 replica were required but only ${received} acknowledged the write)`;
const readTimeout = (received: number) =>
  `Cassandra timeout during read query at consistency QUORUM (2 responses were required but only ${received} replica responded)`;
const unavailable = (level: string, alive: number) =>
  `Not enough replica available for query at consistency ${level} (2 required but only ${alive} alive)`;

describe('conformance', () => {
  test('[CA1] on the side with one replica a quorum times out at first, and is refused at once when the others are convicted', () => {
    const cluster = new RingCluster(cassandra, 5);
    const key = cluster.keyOf(['n1', 'n2', 'n4']);
    cluster.pass(3000);
    cluster.cut(left, right);
    cluster.pass(5000);
    const write = cluster.begin('n4', 'write', key, { value: 'a', ...at('QUORUM') });
    const read = cluster.begin('n4', 'read', key, at('QUORUM'));
    cluster.pass(5100);
    expect(summary(write)).toEqual(['info', timeout('QUORUM', 1), 2]);
    expect(summary(read)).toEqual(['fail', readTimeout(1), 5]);
    cluster.pass(15_000);
    expect(cluster.facts('n4')).toContainEqual(['thought down', 'n1, n2, n3']);
    expect(summary(cluster.ask('n4', 'write', key, { value: 'b', ...at('QUORUM') }))).toEqual([
      'fail',
      unavailable('QUORUM', 1),
      0,
    ]);
    expect(summary(cluster.ask('n4', 'read', key, at('QUORUM')))).toEqual([
      'fail',
      unavailable('QUORUM', 1),
      0,
    ]);
  });

  test('[CA2] a clock 60 s ahead: what others write later is acknowledged and never seen, for 60 s', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(2000);
    cluster.skew('n1', 60_000);
    expect(cluster.ask('n1', 'write', 'order', { value: 'first', ...at('QUORUM') }).class).toBe('ok');
    for (const wait of [1000, 20_000, 30_000]) {
      cluster.pass(wait);
      expect(cluster.ask('n2', 'write', 'order', { value: `after ${wait}`, ...at('ALL') }).class).toBe('ok');
      expect(cluster.ask('n3', 'read', 'order', at('ALL')).result?.value).toBe('first');
    }
    cluster.pass(12_000);
    cluster.ask('n2', 'write', 'order', { value: 'at last', ...at('ALL') });
    expect(cluster.ask('n3', 'read', 'order', at('ALL')).result?.value).toBe('at last');
  });

  test('[CA3] both sides change a row: different columns both survive, of one column the later clock', () => {
    const cluster = new RingCluster(cassandra, 4);
    const key = cluster.keyOf(['n1', 'n2', 'n3']);
    cluster.pass(2000);
    cluster.cut(['n1', 'n2', 'n4'], ['n3']);
    cluster.ask('n1', 'write', key, { value: '12', options: { column: 'phone' } });
    cluster.ask('n3', 'write', key, { value: 'Ann', options: { column: 'name' } });
    cluster.ask('n1', 'write', key, { value: 'earlier', options: { column: 'note' } });
    cluster.pass(100);
    cluster.ask('n3', 'write', key, { value: 'later', options: { column: 'note' } });
    cluster.pass(5000);
    cluster.heal();
    cluster.pass(40_000);
    for (const node of ['n1', 'n2', 'n3']) {
      const columns = ['phone', 'name', 'note'].map(
        (column) => cluster.ask(node, 'read', key, { options: { column, consistency: 'ONE' } }).result?.value,
      );
      expect(columns).toEqual(['12', 'Ann', 'later']);
    }
  });

  test('[CA3] both sides add to a set: each item is a cell, both stay', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.ask('n1', 'add', 'cart', { value: 'milk', ...at('ALL') });
    cluster.cut(['n1', 'n2'], ['n3']);
    cluster.ask('n1', 'add', 'cart', { value: 'tea' });
    cluster.ask('n1', 'remove', 'cart', { value: 'milk' });
    cluster.ask('n3', 'add', 'cart', { value: 'jam' });
    cluster.heal();
    cluster.pass(40_000);
    for (const node of ['n1', 'n2', 'n3']) {
      expect(cluster.ask(node, 'read', 'cart').result?.value).toEqual(['jam', 'tea']);
    }
  });

  test('[CA4] after the hint window a write reaches a node that was down by a read or a repair only', () => {
    const cluster = new RingCluster(cassandra, 3, { maxHintWindow: 5000 });
    cluster.pass(2000);
    cluster.crash('n3');
    cluster.pass(20_000);
    cluster.ask('n1', 'write', 'kept', { value: 'in the window', ...at('QUORUM') });
    expect(cluster.facts('n1')).toContainEqual(['hints for n3', 'kept']);
    cluster.pass(10_000);
    for (const key of ['read', 'repaired', 'never']) {
      cluster.ask('n1', 'write', key, { value: 'too late', ...at('QUORUM') });
    }
    expect(cluster.facts('n1')).toContainEqual(['hints for n3', 'kept']);
    cluster.restart('n3');
    cluster.pass(60_000);
    const seenAtN3 = (key: string) => cluster.ask('n3', 'read', key, at('ONE')).result?.value;
    expect([seenAtN3('kept'), seenAtN3('read'), seenAtN3('repaired')]).toEqual(['in the window', null, null]);
    expect(cluster.ask('n3', 'read', 'read', at('QUORUM')).result?.value).toBe('too late');
    cluster.pass(1000);
    expect([seenAtN3('read'), seenAtN3('repaired')]).toEqual(['too late', null]);
    expect(cluster.ask('n1', 'sync', 'repaired').class).toBe('ok');
    expect([seenAtN3('repaired'), seenAtN3('never')]).toEqual(['too late', 'too late']);
  });

  test('[CA5] a delete that a replica never heard of: after gc_grace the value comes back everywhere', () => {
    const zombie = (gcGrace: number) => {
      const cluster = new RingCluster(cassandra, 3, { maxHintWindow: 0, gcGrace });
      cluster.ask('n1', 'write', 'order', { value: 'tea', ...at('ALL') });
      cluster.crash('n3');
      cluster.pass(20_000);
      cluster.ask('n1', 'delete', 'order', at('QUORUM'));
      expect(cluster.facts('n2')).toContainEqual(['tombstones', 'order']);
      cluster.pass(60_000);
      cluster.restart('n3');
      cluster.pass(5000);
      const read = cluster.ask('n3', 'read', 'order', at('ALL')).result?.value;
      cluster.pass(1000);
      return [read, cluster.ask('n1', 'read', 'order', at('ONE')).result?.value];
    };
    expect(zombie(30)).toEqual(['tea', 'tea']);
    expect(zombie(864_000)).toEqual([null, null]);
  });

  test('[CA6] a write that failed at QUORUM shows up, and stays only because reads repair', () => {
    const reads = (readRepair: string) => {
      // Without a hint the write is on one replica; nothing but reads can spread it.
      const cluster = new RingCluster(cassandra, 3, { readRepair, maxHintWindow: 0, speculativeRetry: 0 });
      cluster.ask('n1', 'write', 'order', { value: 'old', ...at('ALL') });
      cluster.cut(['n1'], ['n2', 'n3']);
      const write = cluster.ask('n1', 'write', 'order', { value: 'new', ...at('QUORUM') });
      expect([write.class, write.error]).toEqual(['info', timeout('QUORUM', 1)]);
      cluster.heal();
      // n1 asks itself and n2, n2 itself and n1; then n3 is asked together with one that may have been repaired.
      const seen = ['n1', 'n2'].map((node) => cluster.ask(node, 'read', 'order', at('QUORUM')).result?.value);
      cluster.crash('n1');
      cluster.pass(20_000);
      return [...seen, cluster.ask('n3', 'read', 'order', at('QUORUM')).result?.value];
    };
    expect(reads('BLOCKING')).toEqual(['new', 'new', 'new']);
    expect(reads('NONE').at(-1)).toBe('old');
  });
});

describe('the table of scenarios', () => {
  /** A key with two replicas left and one right, a few seconds or half a minute after the cut. */
  function split(after: number) {
    const cluster = new RingCluster(cassandra, 5);
    const key = cluster.keyOf(['n1', 'n2', 'n4']);
    cluster.pass(3000);
    cluster.ask('n1', 'write', key, { value: 'before', ...at('ALL') });
    cluster.cut(left, right);
    cluster.pass(after);
    return { cluster, key };
  }

  test('S1 QUORUM, soon: one side goes on, the other waits and fails', () => {
    const { cluster, key } = split(2000);
    expect(summary(cluster.ask('n3', 'write', key, { value: 'a', ...at('QUORUM') }))).toEqual([
      'ok',
      null,
      0,
    ]);
    // The replica that is not there may be asked first; the speculative third one masks it.
    expect(summary(cluster.ask('n3', 'read', key, at('QUORUM')))[1]).toBe('a');
    expect(summary(cluster.ask('n5', 'write', key, { value: 'b', ...at('QUORUM') }))).toEqual([
      'info',
      timeout('QUORUM', 1),
      2,
    ]);
  });

  test('S1 ONE: both sides go on; the older write is dropped without a trace', () => {
    const { cluster, key } = split(30_000);
    expect(summary(cluster.ask('n1', 'write', key, { value: 'left' }))).toEqual(['ok', null, 0]);
    cluster.pass(100);
    expect(summary(cluster.ask('n5', 'write', key, { value: 'right' }))).toEqual(['ok', null, 0]);
    expect(cluster.ask('n2', 'read', key).result?.value).toBe('left');
    expect(cluster.ask('n5', 'read', key).result?.value).toBe('right');
    const marks: string[] = [];
    cluster.world.observe = (event) => {
      if (event.kind === 'mark' && event.mark.name === 'conflict') marks.push(event.mark.text);
    };
    cluster.heal();
    cluster.pass(40_000);
    for (const node of ['n1', 'n2', 'n3', 'n4', 'n5']) {
      expect(cluster.ask(node, 'read', key).result?.value).toBe('right');
    }
    expect(
      marks.filter((text) => text.endsWith('right has the later timestamp, left is dropped')).length,
    ).toBe(3);
  });

  test('S1 ANY with no replica on this side: a hint is enough, and nobody can read it before the heal', () => {
    const cluster = new RingCluster(cassandra, 5);
    const key = cluster.keyOf(left);
    cluster.pass(3000);
    cluster.cut(left, right);
    cluster.pass(1000);
    expect(summary(cluster.ask('n5', 'write', key, { value: 'early', ...at('ANY') }))).toEqual([
      'info',
      'Cassandra timeout during SIMPLE write query at consistency ANY (1 replica were required but only 0 acknowledged the write)',
      2,
    ]);
    cluster.pass(25_000);
    expect(cluster.ask('n5', 'write', key, { value: 'kept', ...at('ANY') }).class).toBe('ok');
    expect(cluster.ask('n5', 'write', key, { value: 'x' }).error).toBe(
      'Not enough replica available for query at consistency LOCAL_ONE (1 required but only 0 alive)',
    );
    expect(cluster.ask('n5', 'read', key).class).toBe('fail');
    expect(cluster.ask('n5', 'read', key, at('ANY')).error).toBe(
      'ANY ConsistencyLevel is only supported for writes',
    );
    cluster.heal();
    cluster.pass(30_000);
    expect(cluster.ask('n1', 'read', key).result?.value).toBe('kept');
  });

  test('S1 lightweight transactions: the side with a quorum decides, the other times out and later is refused', () => {
    const { cluster, key } = split(2000);
    const cas = (node: string, expected: string, value: string) =>
      cluster.ask(node, 'cas', key, { expected, value });
    expect(cas('n3', 'before', 'mine').result).toEqual({ applied: true });
    expect(cas('n2', 'before', 'yours').result).toEqual({ applied: false, value: 'mine' });
    expect(summary(cas('n5', 'before', 'other'))).toEqual(['info', timeout('SERIAL', 1, 'CAS'), 2]);
    cluster.pass(25_000);
    expect(summary(cas('n5', 'before', 'other'))).toEqual(['fail', unavailable('SERIAL', 1), 0]);
    expect(summary(cluster.ask('n5', 'read', key, at('SERIAL')))).toEqual([
      'fail',
      unavailable('SERIAL', 1),
      0,
    ]);
    cluster.heal();
    cluster.pass(30_000);
    expect(cluster.ask('n5', 'read', key, at('SERIAL')).result?.value).toBe('mine');
  });

  test('S5c replica to coordinator dead: applied, not acknowledged', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.cut(['n2', 'n3'], ['n1'], true);
    const write = cluster.ask('n1', 'write', 'order', { value: 'tea', ...at('QUORUM') });
    expect(summary(write)).toEqual(['info', timeout('QUORUM', 1), 2]);
    expect(cluster.ask('n2', 'read', 'order').result?.value).toBe('tea');
  });

  test('S6 a bridge: heartbeats come across it, so nobody is convicted and ALL times out for good', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.cut(['n1'], ['n3']);
    cluster.pass(60_000);
    expect(cluster.facts('n1')).toEqual([]);
    for (const node of ['n1', 'n2', 'n3']) {
      expect(cluster.ask(node, 'write', 'order', { value: node, ...at('QUORUM') }).class).toBe('ok');
      expect(cluster.ask(node, 'read', 'order', at('QUORUM')).result?.value).toBe(node);
    }
    expect(cluster.ask('n2', 'write', 'order', { value: 'all', ...at('ALL') }).class).toBe('ok');
    expect(summary(cluster.ask('n1', 'write', 'order', { value: 'all', ...at('ALL') }))).toEqual([
      'info',
      'Cassandra timeout during SIMPLE write query at consistency ALL (3 replica were required but only 2 acknowledged the write)',
      2,
    ]);
  });

  test('S7 a crashed replica costs QUORUM nothing; hints bring it up to date', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.crash('n3');
    expect(cluster.ask('n1', 'write', 'order', { value: 'soon', ...at('QUORUM') }).class).toBe('ok');
    cluster.pass(30_000);
    expect(cluster.ask('n1', 'write', 'later', { value: 'late', ...at('QUORUM') }).class).toBe('ok');
    expect(cluster.facts('n1')).toContainEqual(['hints for n3', 'later, order']);
    cluster.restart('n3');
    cluster.pass(15_000);
    expect(cluster.facts('n1')).toEqual([]);
    expect(Object.keys(cluster.world.view('n3').data)).toEqual(['later', 'order']);
  });

  test('S8 a slow replica: a speculative read masks it', () => {
    const took = (speculativeRetry: number) => {
      const cluster = new RingCluster(cassandra, 5, { speculativeRetry });
      const key = cluster.keyOf(['n2', 'n3', 'n4'], ['n1']);
      const [asked = ''] = placement(key, cluster.world.setup.nodes, 3);
      const to = { nodes: ['n1'] };
      cluster.world.apply({ kind: 'link', from: { nodes: [asked] }, to, oneWay: true, delay: 800 });
      return summary(cluster.ask('n1', 'read', key, at('ONE')))[2];
    };
    expect(took(50)).toBe(0.1);
    expect(took(0)).toBe(0.8);
  });
});

describe('lightweight transactions', () => {
  test('of two who compare and set the same value one is applied, the other finds it', () => {
    const cluster = new RingCluster(cassandra, 5);
    const first = cluster.begin('n1', 'cas', 'seat', { expected: null, value: 'ann' });
    const second = cluster.begin('n4', 'cas', 'seat', { expected: null, value: 'bob' });
    cluster.pass(3000);
    const results = [first, second].map(({ result }) => result);
    expect(results).toContainEqual({ applied: true });
    const winner = first.result?.applied === true ? 'ann' : 'bob';
    expect(results).toContainEqual({ applied: false, value: winner });
    expect(cluster.ask('n3', 'read', 'seat', at('SERIAL')).result?.value).toBe(winner);
  });

  test('conditions as CQL has them: IF value =, IF EXISTS, IF NOT EXISTS', () => {
    const cluster = new RingCluster(cassandra, 3);
    const write = (value: string, condition: string) =>
      cluster.ask('n1', 'write', 'seat', { value, options: { if: condition } }).result;
    expect(write('ann', 'EXISTS')).toEqual({ applied: false, value: null });
    expect(write('ann', 'NOT EXISTS')).toEqual({ applied: true });
    expect(write('bob', 'NOT EXISTS')).toEqual({ applied: false, value: 'ann' });
    expect(write('bob', 'ann')).toEqual({ applied: true });
    expect(cluster.ask('n2', 'delete', 'seat', { options: { if: 'ann' } }).result).toEqual({
      applied: false,
      value: 'bob',
    });
    expect(cluster.ask('n2', 'delete', 'seat', { options: { if: 'EXISTS' } }).result).toEqual({
      applied: true,
    });
    expect(cluster.ask('n3', 'write', 'seat', { value: 'x', ...at('SERIAL') }).error).toBe(
      'You must use conditional updates for serializable writes',
    );
  });

  test('a proposal that only some had accepted is completed by whoever comes next', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    // n2 and n3 take the proposal, but n1 hears no answer to it: the writer does not know.
    const write = cluster.begin('n1', 'cas', 'seat', { expected: null, value: 'ann' });
    for (let steps = 0; steps < 500 && !cluster.world.flights().some(isProposal); steps++) cluster.pass(1);
    cluster.cut(['n2', 'n3'], ['n1'], true);
    cluster.pass(3000);
    expect(summary(write)).toEqual([
      'info',
      'Cassandra timeout during CAS write query at consistency SERIAL (3 replica were required but only 1 acknowledged the write)',
      2.1,
    ]);
    expect(cluster.ask('n2', 'read', 'seat', at('QUORUM')).result?.value).toBe(null);
    expect(cluster.ask('n2', 'read', 'seat', at('SERIAL')).result?.value).toBe('ann');
    expect(cluster.ask('n2', 'read', 'seat', at('QUORUM')).result?.value).toBe('ann');
  });

  test('a plain write knows nothing of ballots: with a clock ahead it wins over transactions to come', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.skew('n3', 60_000);
    cluster.ask('n3', 'write', 'seat', { value: 'plain', ...at('QUORUM') });
    cluster.pass(1000);
    const cas = cluster.ask('n1', 'cas', 'seat', { expected: 'plain', value: 'ann' });
    expect(cas.result).toEqual({ applied: true });
    // Applied, says the answer. The row says otherwise.
    expect(cluster.ask('n1', 'read', 'seat', at('SERIAL')).result?.value).toBe('plain');
  });
});

describe('counters', () => {
  test('both sides of a partition count; afterwards nothing is missing', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.cut(['n1', 'n2'], ['n3']);
    for (const node of ['n1', 'n2', 'n3', 'n3']) {
      expect(cluster.ask(node, 'increment', 'likes').class).toBe('ok');
    }
    expect(cluster.ask('n3', 'read', 'likes').result?.value).toBe(2);
    cluster.pass(10_000);
    cluster.heal();
    cluster.pass(40_000);
    expect(['n1', 'n2', 'n3'].map((node) => cluster.ask(node, 'read', 'likes').result?.value)).toEqual([
      4, 4, 4,
    ]);
  });

  test('an increment that timed out may have counted: asked again it counts twice', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.cut(['n2', 'n3'], ['n1'], true);
    const like = cluster.ask('n1', 'increment', 'likes', at('QUORUM'));
    expect(summary(like)).toEqual(['info', timeout('QUORUM', 1, 'COUNTER'), 5]);
    cluster.heal();
    cluster.pass(1000);
    expect(cluster.ask('n1', 'increment', 'likes', at('QUORUM')).class).toBe('ok');
    expect(cluster.ask('n2', 'read', 'likes', at('ALL')).result?.value).toBe(2);
  });
});

describe('the system', () => {
  test('list elements are ordered by the clocks of those who appended them', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(10_000);
    cluster.ask('n1', 'append', 'chat', { value: 'question', ...at('ALL') });
    cluster.skew('n2', -5000);
    cluster.ask('n2', 'append', 'chat', { value: 'answer', ...at('ALL') });
    expect(cluster.ask('n3', 'read', 'chat').result?.value).toEqual(['answer', 'question']);
  });

  test('a repair does not begin while a neighbour is down', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.crash('n3');
    expect(cluster.ask('n1', 'sync', 'order').error).toBe(
      'Did not get replies from all endpoints. List of failed endpoint(s): [n3]',
    );
    cluster.pass(20_000);
    expect(cluster.ask('n1', 'sync', 'order').error).toBe('Endpoint not alive: n3');
  });

  test('a higher threshold convicts later', () => {
    const convictedAfter = (phiConvictThreshold: number) => {
      const { cluster } = isolated({ phiConvictThreshold });
      let seconds = 0;
      while (cluster.facts('n1').length === 0 && seconds < 100) {
        cluster.pass(1000);
        seconds++;
      }
      return seconds;
    };
    const [soon, usual, late] = [5, 8, 16].map(convictedAfter) as [number, number, number];
    expect(usual).toBeGreaterThan(soon + 2);
    expect(late).toBeGreaterThan(usual + 6);
    expect([usual > 16, usual < 23]).toEqual([true, true]);
  });

  test('a node that was paused does not convict the others for its own silence', () => {
    const cluster = new RingCluster(cassandra, 3);
    cluster.pass(3000);
    cluster.world.apply({ kind: 'pause', node: 'n1' });
    cluster.pass(60_000);
    expect(cluster.facts('n2')).toContainEqual(['thought down', 'n1']);
    cluster.world.apply({ kind: 'resume', node: 'n1' });
    cluster.pass(1500);
    expect(cluster.facts('n1')).toEqual([]);
    cluster.pass(5000);
    expect(cluster.facts('n2')).toEqual([]);
  });

  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(cassandra, {}, 2)).toThrow(
      'knobs.replicationFactor: 3 is more than the number of nodes, 2',
    );
    expect(() => resolveKnobs(cassandra, { replicationFactor: 1, consistency: 'TWO' }, 2)).toThrow(
      'knobs.consistency: TWO needs 2 replicas, replicationFactor is 1',
    );
  });

  test('one node alone works', () => {
    const cluster = new RingCluster(cassandra, 1, { replicationFactor: 1 });
    cluster.ask('n1', 'cas', 'seat', { expected: null, value: 'ann' });
    expect(cluster.ask('n1', 'read', 'seat', at('ALL')).result?.value).toBe('ann');
    expect(cluster.ask('n1', 'sync', 'seat').class).toBe('ok');
  });

  test('says what a side can do, by key', () => {
    const cluster = new RingCluster(cassandra, 5);
    const { world } = cluster;
    const nodes = world.setup.nodes;
    const members = right.map((node) => ({ node, view: world.view(node) }));
    const judge = (consistency: string) => {
      const knobs = resolveKnobs(cassandra, { consistency }, 5);
      const keys = [cluster.keyOf(right), cluster.keyOf(['n1', 'n2', 'n4']), cluster.keyOf(left)];
      return [
        cassandra.judge(members, nodes, knobs).state,
        ...keys.map((key) => cassandra.judgeKey?.(key, members, nodes, knobs)),
      ];
    };
    expect(judge('QUORUM')).toEqual(['partly', 'read-write', 'none', 'none']);
    expect(judge('ONE')).toEqual(['partly', 'read-write', 'read-write', 'none']);
    expect(judge('ANY').slice(1)).toEqual(['read-write', 'read-write', 'write']);
    expect(cassandra.judge(members, nodes, resolveKnobs(cassandra, {}, 5)).text).toMatch(
      /^can serve \d+ of 40 key ranges at QUORUM, \d+ at ONE$/,
    );
  });

  test('300 nodes gossip with one other each, not with all', () => {
    const { world } = new RingCluster(cassandra, 300);
    world.advance(10_000);
    expect(world.counts.sent / 10).toBeGreaterThan(3 * 290);
    expect(world.counts.sent / 10).toBeLessThan(3 * 320);
    expect(world.view('n1').facts).toEqual([]);
  });
});

function isolated(knobs: object) {
  const cluster = new RingCluster(cassandra, 3, knobs);
  cluster.pass(30_000);
  cluster.cut(['n1'], ['n2', 'n3']);
  return { cluster };
}

function isProposal(flight: Flight): boolean {
  return flight.body.kind === 'message' && (flight.body.message as { kind: string }).kind === 'propose';
}
