import { describe, expect, test } from 'vitest';
import { mongodb } from '../../shared/systems/mongodb.ts';
import { MongoCluster } from '../support/mongodb-cluster.ts';

describe('many members', () => {
  test('seven vote, the others only copy; beyond fifty nodes are clients', () => {
    const cluster = new MongoCluster(60, 12);
    const primary = cluster.elect();
    expect(cluster.nodes.indexOf(primary)).toBeLessThan(7);
    const written = cluster.write('n60', 'x', 1, { w: 50 });
    const tooMany = cluster.write('n2', 'y', 1, { w: 50, wtimeout: 5000 });
    cluster.wait(10_000);
    expect(cluster.state('n60').role).toBe('outside');
    expect(written.class).toBe('ok');
    expect(tooMany.class).toBe('ok');
    expect(cluster.held('n50', 'x')).toBe(1);
    expect(cluster.judge(cluster.nodes.slice(7)).state).toBe('no-quorum');
    expect(cluster.judge(cluster.nodes.slice(0, 4)).text).toContain('4 of 7 voters');
  });
});

describe('commands', () => {
  test('each operator does what it does in MongoDB, and its errors are in the table', () => {
    const cluster = new MongoCluster(3, 13);
    cluster.elect();
    const ask = (
      kind: 'write' | 'add' | 'append' | 'increment' | 'cas' | 'remove' | 'delete',
      rest: object,
    ) => {
      const record = cluster.ask('n1', { kind, key: 'x', ...rest });
      cluster.wait(200);
      return record;
    };
    expect(ask('write', { value: 'red' }).result).toEqual({});
    expect(ask('cas', { expected: 'blue', value: 'green' }).result).toEqual({ applied: false, value: 'red' });
    expect(ask('cas', { expected: 'red', value: 'green' }).result).toEqual({ applied: true });
    const failures = [
      ask('cas', { expected: null, value: 'new' }),
      ask('increment', {}),
      ask('append', { value: 1 }),
      ask('add', { value: 1 }),
      ask('remove', { value: 1 }),
    ];
    const known = mongodb.errors.map(({ error }) => error);
    for (const { class: outcome, error } of failures) {
      expect(outcome).toBe('fail');
      expect(known).toContain(error);
    }
    expect(ask('delete', {}).class).toBe('ok');
    expect(ask('increment', { value: 4 }).result).toEqual({ value: 4 });
    expect(ask('increment', {}).result).toEqual({ value: 5 });
    ask('delete', {});
    for (const value of [1, 2, 1]) ask('append', { value });
    expect(cluster.held('n1', 'x')).toEqual([1, 2, 1]);
    ask('remove', { value: 1 });
    ask('add', { value: 2 });
    ask('add', { value: 3 });
    expect(cluster.held('n1', 'x')).toEqual([2, 3]);
  });

  test('a write concern that cannot be met is told at once, and the write stays', () => {
    const cluster = new MongoCluster(3, 14);
    const primary = cluster.elect();
    const record = cluster.write(primary, 'x', 1, { w: 4 });
    cluster.wait(100);
    expect(record).toMatchObject({ class: 'info', error: 'Not enough data-bearing nodes' });
    expect(cluster.held(primary, 'x')).toBe(1);
  });
});
