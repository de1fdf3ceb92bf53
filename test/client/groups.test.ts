import { describe, expect, test } from 'vitest';
import { age, duration } from '../../client/src/messages/index.ts';
import { groupLook, shapePath } from '../../client/src/ui/groups.ts';
import { mergeItems, mergeValue, unionOf } from '../../client/src/screens/student/merge.ts';
import { verdictOf } from '../../client/src/screens/check/checks.ts';
import type { OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';

test('groups A to H differ in hue, shape and letter, each by itself', () => {
  const looks = [...'ABCDEFGH'].map(groupLook);
  for (const part of ['hue', 'shape', 'letter'] as const) {
    expect(new Set(looks.map((look) => look[part])).size).toBe(8);
  }
  expect(new Set(looks.map(({ shape }) => shapePath(shape, 10))).size).toBe(8);
});

test('a group’s look comes from its name alone', () => {
  expect(groupLook('b')).toEqual(groupLook('Group B'));
  expect(groupLook('Row 3')).toMatchObject({ hue: 'c', letter: '3' });
  expect(groupLook('Zürich')).toEqual(groupLook('Zürich'));
  expect(groupLook('I').hue).toBe('a');
});

test.each([
  ['left', 'right', 'middle'],
  ['east', 'west', 'north', 'south'],
  ['us', 'eu', 'asia'],
  ['minority', 'majority'],
  ['red', 'green', 'blue', 'yellow'],
])('%s, %s and what else goes with them look different', (...names) => {
  expect(new Set(names.map((name) => groupLook(name).shape)).size).toBe(names.length);
});

test('times are said as people say them', () => {
  expect(duration(43)).toBe('43 ms');
  expect(duration(1234)).toBe('1.2 s');
  expect(duration(14_400)).toBe('14 s');
  expect(duration(125_000)).toBe('2 min 5 s');
  expect(age(20)).toBe('0.1 s');
  expect(age(730)).toBe('0.7 s');
});

test('the union of sets has each item once, in one order', () => {
  expect(unionOf([['figs', 'bread'], ['bread'], 'eggs'])).toEqual(['bread', 'eggs', 'figs']);
});

describe('a merge where losing revisions stay until they are deleted', () => {
  const DONE: OperationRecord = {
    id: 'n1-1',
    node: 'n1',
    kind: 'read',
    key: 'k',
    value: null,
    options: null,
    invoked: 0,
    returned: 1,
    class: 'ok',
    error: null,
    result: null,
  };
  const asked: OperationRequest[] = [];
  const perform = (request: OperationRequest): Promise<OperationRecord> => {
    asked.push(request);
    const result = request.kind === 'read' ? { conflicts: ['2-b', '2-c'] } : {};
    return Promise.resolve({ ...DONE, kind: request.kind, result });
  };
  const deletions = ['2-b', '2-c'].map((rev) => ({ kind: 'delete', key: 'k', options: { rev } }));

  test('of a value: it is written over the winner, then the losers go', async () => {
    asked.length = 0;
    expect(await mergeValue(perform, 'k', 'both')).toBe(true);
    expect(asked).toEqual([
      { kind: 'read', key: 'k' },
      { kind: 'write', key: 'k', value: 'both' },
      ...deletions,
    ]);
  });

  test('of a set: what only a loser has is added to the winner first', async () => {
    asked.length = 0;
    expect(await mergeItems(perform, 'k', ['a', 'b', 'c'], ['a', 'b'])).toBe(true);
    expect(asked).toEqual([
      { kind: 'read', key: 'k' },
      { kind: 'add', key: 'k', value: 'a' },
      { kind: 'add', key: 'k', value: 'b' },
      { kind: 'remove', key: 'k', value: 'c' },
      ...deletions,
    ]);
  });
});

test('one failure keeps a device out; another way of working does not', () => {
  const finding = (kind: 'ok' | 'info' | 'fail') => ({ name: 'reach', class: kind, text: '' }) as const;
  expect(verdictOf([finding('ok')])).toBe('good');
  expect(verdictOf([finding('ok'), finding('info')])).toBe('fair');
  expect(verdictOf([finding('info'), finding('fail')])).toBe('bad');
});
