import { beforeEach, expect, test } from 'vitest';
import { InstructorKey, readKey } from '../../client/src/state/console-key.ts';

const SECRET = 'u5fPfsTcIgajCFJ2H-uOa-6cOPg8HR40iYBLd7Vf9Pk';
const key = new InstructorKey('K7M2QD');

beforeEach(() => localStorage.clear());

test('a key from the fragment is remembered once the room took it, and found again without it', () => {
  const place = { hash: `#${SECRET}`, pathname: '/console/K7M-2QD', search: '' } as Location;
  expect(key.take(place)).toBe(SECRET);
  expect(key.take({ ...place, hash: '' })).toBeNull();
  key.accept(SECRET, place);
  expect(key.take({ ...place, hash: '' })).toBe(SECRET);
  expect(key.take({ ...place, hash: '#another-secret-of-some-length' })).toBe(
    'another-secret-of-some-length',
  );
  expect(new InstructorKey('ABCDEF').take({ ...place, hash: '' })).toBeNull();
});

test('the private link carries the key in the fragment, which no server is sent', () => {
  const link = new URL(key.linkTo(SECRET, 'http://class.test'));
  expect(link.pathname).toBe('/console/K7M2QD');
  expect(link.hash).toBe(`#${SECRET}`);
});

test('the link is kept until the key is changed', () => {
  expect(key.isKept(SECRET)).toBe(false);
  key.setKept(SECRET);
  expect(key.isKept(SECRET)).toBe(true);
  expect(key.isKept('another-secret-of-some-length')).toBe(false);
});

test('a pasted link, fragment or key is read; anything else is not', () => {
  expect(readKey(` http://x/console/K7M-2QD#${SECRET} `)).toBe(SECRET);
  expect(readKey(`#${SECRET}`)).toBe(SECRET);
  expect(readKey(SECRET)).toBe(SECRET);
  expect(readKey('K7M-2QD')).toBeNull();
  expect(readKey('')).toBeNull();
});
