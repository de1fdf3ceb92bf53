import { expect, test } from 'vitest';
import { parseRoute, pathOf, type Route } from '../../client/src/router.ts';

const routes: [string, Exclude<Route, { name: 'unknown' }>][] = [
  ['/', { name: 'home' }],
  ['/j', { name: 'join', code: null }],
  ['/j/K7M-2QD', { name: 'join', code: 'K7M-2QD' }],
  ['/screen/K7M2QD', { name: 'screen', code: 'K7M2QD' }],
  ['/console/K7M2QD', { name: 'console', code: 'K7M2QD' }],
  ['/replay', { name: 'replay', id: null }],
  ['/replay/abc', { name: 'replay', id: 'abc' }],
  ['/recordings', { name: 'recordings' }],
  ['/check', { name: 'check' }],
];

test.each(routes)('%s leads somewhere and back', (path, route) => {
  expect(parseRoute(path)).toEqual(route);
  expect(pathOf(route)).toBe(path);
});

test.each(['/nowhere', '/j/a/b', '/screen', '/console'])('%s is unknown', (path) => {
  expect(parseRoute(path)).toEqual({ name: 'unknown' });
});

test('a code that is no address part is kept as typed', () => {
  expect(parseRoute('/j/%E0%A4%A')).toEqual({ name: 'join', code: '%E0%A4%A' });
  expect(parseRoute('/j/k7m%202qd')).toEqual({ name: 'join', code: 'k7m 2qd' });
});
