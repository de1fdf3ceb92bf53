import { describe, expect, test } from 'vitest';
import { dynamodb } from '../../shared/systems/dynamodb.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { DynamoDbCluster, ELECTED } from '../support/dynamodb-cluster.ts';
import { summary } from '../support/ring-cluster.ts';

const CONDITION = 'ConditionalCheckFailedException: The conditional request failed';
const CONFLICT =
  'ReplicatedWriteConflictException: The request was rejected because one or more items in the request are being modified by a request in another Region.';
const TWO_REGIONS = { mode: 'global-eventual', regions: 2 } as const;
const west = ['n1', 'n2', 'n3'];
const east = ['n4', 'n5', 'n6'];

describe('conformance', () => {
  test('[DD1] an acknowledged write survives the loss of the zone of its leader', () => {
    const table = new DynamoDbCluster(5);
    expect(table.write('n1', 'order', 'tea').class).toBe('ok');
    const [leader = ''] = table.leaders('order');
    table.world.apply({ kind: 'isolate', node: leader });
    table.pass(ELECTED);
    const other = table.replicas('order').find((node) => node !== leader) ?? '';
    expect(table.consistent(other, 'order').result?.value).toBe('tea');
    expect(table.write(other, 'order', 'milk').class).toBe('ok');
    table.heal();
    table.pass(ELECTED);
    expect(table.consistent(leader, 'order').result?.value).toBe('milk');
    expect(table.leaders('order')).toHaveLength(1);
  });

  test('[DD2] a default read right after a write may be stale, a consistent one never', () => {
    const table = new DynamoDbCluster(3);
    const [leader = '', follower = ''] = table.replicas('order');
    let stale = 0;
    for (let i = 1; i <= 20; i++) {
      table.write(leader, 'order', i);
      if (table.read(follower, 'order').result?.value !== i) stale++;
      expect(table.consistent(follower, 'order').result?.value).toBe(i);
      table.pass(1500);
      expect(table.read(follower, 'order').result?.value).toBe(i);
    }
    expect(stale).toBeGreaterThan(0);
  });

  test('[DD3] [DD4] two Regions count from 10 to 11 at once: it is 11 and not 12, and nobody is told', () => {
    const table = new DynamoDbCluster(6, TWO_REGIONS);
    table.write('n1', 'likes', 10);
    table.pass(2000);
    const both = ['n1', 'n4'].map((node) => table.begin(node, 'increment', 'likes', { value: 1 }));
    table.pass(3000);
    expect(both.map(({ class: outcome, result }) => [outcome, result?.value])).toEqual([
      ['ok', 11],
      ['ok', 11],
    ]);
    for (const node of [...west, ...east]) expect(table.read(node, 'likes').result?.value).toBe(11);
  });
});

describe('one Region', () => {
  test('S1, S4: the side with two replicas of a key goes on after the lease, the other only reads, perhaps stale', () => {
    const table = new DynamoDbCluster(3);
    table.write('n1', 'order', 'tea');
    table.pass(1000);
    const [leader = ''] = table.leaders('order');
    const others = west.filter((node) => node !== leader);
    table.cut([leader], others);
    const early = table.write(leader, 'order', 'lost?');
    expect([early.class, early.error]).toEqual(['info', expect.stringMatching(/^(Internal|Service)/)]);
    table.pass(ELECTED);
    expect(table.write(others[0] ?? '', 'order', 'milk').class).toBe('ok');
    const late = table.write(leader, 'order', 'no');
    expect([late.class, late.error]).toEqual(['info', 'InternalServerError: Internal server error']);
    expect(table.consistent(leader, 'order').class).toBe('fail');
    expect(summary(table.read(leader, 'order'))).toEqual(['ok', 'tea', 0]);
  });

  test('S7: while nobody leads, consistent requests wait; default reads go on', () => {
    const table = new DynamoDbCluster(3);
    table.write('n1', 'order', 'tea');
    table.pass(1000);
    const [leader = ''] = table.leaders('order');
    const [other = ''] = west.filter((node) => node !== leader);
    table.crash(leader);
    expect(table.read(other, 'order').result?.value).toBe('tea');
    const write = table.write(other, 'order', 'milk');
    expect(write.class).not.toBe('fail');
    table.pass(ELECTED);
    expect(table.write(other, 'order', 'milk').class).toBe('ok');
    table.restart(leader);
    table.pass(ELECTED);
    expect(table.read(leader, 'order').result?.value).toBe('milk');
  });

  test('S5: a replica that hears nothing does not depose a leader whom the others hear', () => {
    const table = new DynamoDbCluster(3, { partitions: 1 });
    const [leader = ''] = table.leaders('order');
    const [deaf = ''] = west.filter((node) => node !== leader);
    table.cut([leader], [deaf], true);
    table.pass(60_000);
    expect(table.leaders('order')).toEqual([leader]);
    table.heal();
    table.pass(ELECTED);
    expect(table.leaders('order')).toEqual([leader]);
  });

  test('conditions are checked where writes are ordered', () => {
    const table = new DynamoDbCluster(4);
    expect(table.write('n1', 'seat', 'ann', { condition: null }).class).toBe('ok');
    const taken = table.write('n2', 'seat', 'bob', { condition: null });
    expect([taken.class, taken.error]).toEqual(['fail', CONDITION]);
    expect(table.ask('n3', 'cas', 'seat', { value: 'bob', expected: 'eve' }).error).toBe(CONDITION);
    expect(table.ask('n3', 'cas', 'seat', { value: 'bob', expected: 'ann' }).result).toEqual({
      applied: true,
    });
    expect(table.ask('n1', 'delete', 'seat', { options: { condition: 'ann' } }).error).toBe(CONDITION);
  });

  test('ADD and DELETE work on numbers and sets, and refuse anything else', () => {
    const table = new DynamoDbCluster(4);
    expect(table.ask('n1', 'increment', 'likes', { value: 2 }).result?.value).toBe(2);
    expect(table.ask('n2', 'increment', 'likes').result?.value).toBe(3);
    expect(table.ask('n1', 'add', 'cart', { value: 'eggs' }).result?.value).toEqual(['eggs']);
    expect(table.ask('n3', 'add', 'cart', { value: 'milk' }).result?.value).toEqual(['eggs', 'milk']);
    expect(table.ask('n4', 'remove', 'cart', { value: 'eggs' }).result?.value).toEqual(['milk']);
    expect(table.ask('n4', 'add', 'likes', { value: 'x' }).error).toBe(
      'ValidationException: An operand in the update expression has an incorrect data type',
    );
  });

  test('S9: within a Region clocks order nothing', () => {
    const table = new DynamoDbCluster(3);
    for (const [i, node] of west.entries()) {
      table.skew(node, i * 60_000);
      table.write(node, 'order', node);
    }
    expect(table.consistent('n1', 'order').result?.value).toBe('n3');
  });
});

describe('global tables', () => {
  test('eventual: cut off from each other both Regions go on, and after the heal one write is silently gone', () => {
    const table = new DynamoDbCluster(6, TWO_REGIONS);
    table.cut(west, east);
    expect(table.write('n1', 'order', 'west').class).toBe('ok');
    table.pass(100);
    expect(table.write('n4', 'order', 'east').class).toBe('ok');
    expect(table.consistent('n2', 'order').result?.value).toBe('west');
    expect(table.facts(table.leaders('order', 'n1')[0] ?? '')).toContainEqual([
      'not confirmed by',
      'Region 2: order',
    ]);
    table.heal();
    table.pass(4000);
    for (const node of [...west, ...east]) expect(table.read(node, 'order').result?.value).toBe('east');
  });

  test('eventual, S9: a Region whose clocks are ahead wins over what came later', () => {
    const table = new DynamoDbCluster(6, TWO_REGIONS);
    for (const node of west) table.skew(node, 60_000);
    table.write('n1', 'order', 'early, clock ahead');
    table.pass(3000);
    table.cut(west, east);
    table.write('n4', 'other', 'x');
    table.write('n1', 'order', 'early again');
    table.pass(3000);
    table.write('n4', 'drink', 'late');
    table.write('n1', 'drink', 'early');
    table.heal();
    table.pass(4000);
    expect(table.read('n5', 'drink').result?.value).toBe('early');
  });

  test('strong: what one Region has written every Region reads, and a Region that is cut off stops', () => {
    const table = new DynamoDbCluster(6, { mode: 'global-strong' });
    table.write('n1', 'order', 'tea');
    expect(table.consistent('n5', 'order').result?.value).toBe('tea');
    table.cut(['n1', 'n2'], ['n3', 'n4', 'n5', 'n6']);
    table.pass(ELECTED);
    expect(table.write('n4', 'order', 'milk').class).toBe('ok');
    expect(table.write('n1', 'order', 'no').class).toBe('info');
    table.heal();
    table.pass(ELECTED);
    expect(table.consistent('n2', 'order').result?.value).toBe('milk');
  });

  test('strong: two Regions that write one item at once: one is refused, and may try again', () => {
    const table = new DynamoDbCluster(3, { mode: 'global-strong' });
    const outcomes = new Set<string | null>();
    for (let round = 1; round <= 10; round++) {
      const both = ['n1', 'n2', 'n3'].map((node) => table.begin(node, 'increment', 'likes', { value: 1 }));
      table.pass(1000);
      for (const { class: outcome, error } of both)
        outcomes.add(outcome === 'ok' ? 'ok' : `${outcome} ${error}`);
    }
    expect(outcomes).toEqual(new Set(['ok', `fail ${CONFLICT}`]));
    const counted = table.world.operations.filter(({ class: outcome }) => outcome === 'ok').length;
    expect(table.consistent('n1', 'likes').result?.value).toBe(counted);
  });
});

describe('the system', () => {
  test('refuses settings that do not go together, naming the knob', () => {
    expect(() => resolveKnobs(dynamodb, { mode: 'global-strong', regions: 2 }, 6)).toThrow(
      'knobs.regions: 2 Regions cannot be strongly consistent, only 3 can',
    );
    expect(() => resolveKnobs(dynamodb, { mode: 'global-eventual' }, 2)).toThrow(
      'knobs.regions: 3 is more than the number of nodes, 2',
    );
  });

  test('says what a side can do with each key', () => {
    const table = new DynamoDbCluster(5);
    const knobs = resolveKnobs(dynamodb, {}, 5);
    const { nodes } = table.world.setup;
    const members = (side: readonly string[]) => side.map((node) => ({ node, view: table.world.view(node) }));
    expect(dynamodb.judge(members(nodes), nodes, knobs).state).toBe('serving');
    expect(dynamodb.judge(members(['n4', 'n5']), nodes, knobs).state).toBe('partly');
    expect(dynamodb.judge([], nodes, knobs).state).toBe('down');
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const here = table.replicas(key).filter((node) => ['n4', 'n5'].includes(node)).length;
      const expected = ['none', 'read', 'read-write'][here];
      expect(dynamodb.judgeKey?.(key, members(['n4', 'n5']), nodes, knobs)).toBe(expected);
    }
  });

  test.each([1, 2, 100])('works with %i nodes', (size) => {
    const table = new DynamoDbCluster(size);
    const last = `n${size}`;
    expect(table.write(last, 'order', 'tea').class).toBe('ok');
    expect(table.consistent('n1', 'order').result?.value).toBe('tea');
    const sent = table.world.counts.sent;
    table.pass(10_000);
    expect(table.world.counts.sent - sent).toBeLessThan(400);
  });
});
