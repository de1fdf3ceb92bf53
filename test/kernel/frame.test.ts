import { ValiError } from 'valibot';
import { describe, expect, test } from 'vitest';
import type { NodeInput } from '../../shared/sim/node.ts';
import { flatten, unflatten, type FlatInputs } from '../../shared/wire/frame.ts';
import { createChance } from '../support/runs.ts';

const arrival = { kind: 'arrival', from: 'n2', number: 7 } as const;
const inputs: readonly NodeInput[] = [
  { kind: 'start' },
  { ...arrival, body: { kind: 'message', message: { type: 'hello', nested: [1, { a: null }] } } },
  { ...arrival, body: { kind: 'request', id: 1_000_001, request: { kind: 'get' } } },
  { ...arrival, body: { kind: 'reply', id: 1_000_001, reply: { value: 'ü' } } },
  { ...arrival, number: -3, body: { kind: 'disconnected' } },
  { kind: 'timer', owner: 'replica', timer: 'tick' },
  { kind: 'timer', owner: 'driver', timer: 'deadline-n1-1' },
  { kind: 'operation', request: { kind: 'write', key: 'x', value: 'red', options: { w: 1 } } },
  { kind: 'crash', disk: 'kept' },
  { kind: 'crash', disk: 'lost' },
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'skew', offset: -40 },
];

function flat(list: readonly NodeInput[]): unknown[] {
  const array: unknown[] = [];
  list.forEach((input, index) => flatten({ at: 10 * index, random: index, input }, array));
  return array;
}

describe('flat inputs', () => {
  test('every kind comes back as it was, one by one and all together, through JSON', () => {
    for (const list of [...inputs.map((input) => [input]), inputs]) {
      const back = unflatten(JSON.parse(JSON.stringify(flat(list))) as FlatInputs);
      expect(back).toEqual(list.map((input, index) => ({ at: 10 * index, random: index, input })));
    }
  });

  test('nothing is nothing', () => {
    expect(unflatten([])).toEqual([]);
  });

  test.each([
    ['an unknown code', [0, 0, 12]],
    ['a code that is no number', [0, 0, 'start']],
    ['a message that is a text', [0, 0, 1, 'n1', 1, 'x']],
    ['a message that is missing', [0, 0, 1, 'n1', 1]],
    ['a time that is a fraction', [0.5, 0, 0]],
    ['an operation of no kind', [0, 0, 7, { kind: 'explode', key: 'x' }]],
    ['an operation on a key that objects inherit', [0, 0, 7, { kind: 'read', key: '__proto__' }]],
    ['a crash with half a disk', [0, 0, 8, 'half']],
    ['a time alone', [0]],
  ])('%s is refused', (_, array) => {
    expect(() => unflatten(array)).toThrow();
  });

  test('thousands of mutated frames: read, or refused as promised', () => {
    const chance = createChance(3);
    const junk = [null, -1, 0.5, 1e308, '', 'n1', {}, [], true, undefined, 3, 11, 99];
    let refused = 0;
    for (let round = 0; round < 5000; round++) {
      const array = flat(inputs);
      for (let n = 1 + chance(3); n > 0; n--) array[chance(array.length)] = junk[chance(junk.length)];
      if (chance(4) === 0) array.splice(chance(array.length), 1 + chance(3));
      try {
        unflatten(array);
      } catch (error) {
        if (!(error instanceof ValiError || error instanceof RangeError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(4000);
  });
});
