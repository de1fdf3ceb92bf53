import { expect, test } from 'vitest';
import { age, duration } from '../../client/src/messages/index.ts';
import { groupLook, shapePath } from '../../client/src/ui/groups.ts';
import { unionOf } from '../../client/src/screens/student/merge.ts';
import { verdictOf } from '../../client/src/screens/check/checks.ts';

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

test('one failure keeps a device out; another way of working does not', () => {
  const finding = (kind: 'ok' | 'info' | 'fail') => ({ name: 'reach', class: kind, text: '' }) as const;
  expect(verdictOf([finding('ok')])).toBe('good');
  expect(verdictOf([finding('ok'), finding('info')])).toBe('fair');
  expect(verdictOf([finding('info'), finding('fail')])).toBe('bad');
});
