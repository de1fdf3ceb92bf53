import { describe, expect, test } from 'vitest';
import type { CouchKnobs } from '../../shared/protocols/exchange/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { couchFuzz, noSurprises } from '../support/couchdb-fuzz.ts';
import { couchMembersFuzz } from '../support/couchdb-members-fuzz.ts';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { dropsLosers } from '../support/wrong/couchdb-drops-losers.ts';
import { forgetsWhatItHeld } from '../support/wrong/couchdb-forgets-what-it-held.ts';
import { refusesBranches } from '../support/wrong/couchdb-refuses-branches.ts';

/** `SEED=42 npx vitest run test/fuzz/couchdb.fuzz.ts` replays one; thousands of them: `npm run fuzz`. */
describe('CouchDB under faults', () => {
  const modes: readonly [mode: CouchKnobs['mode'], marks: readonly string[]][] = [
    ['peers', ['conflict', 'suspect']],
    ['cluster', ['conflict', 'repair', 'suspect', 'trust']],
  ];

  test.each(modes)('%s: nothing is lost, all converge, and edits hide each other', (mode, marks) => {
    const surprises = noSurprises();
    const seen = fuzzSeeds(couchFuzz({ mode }, surprises), 1, 5);
    for (const name of marks) expect(seen.get(`mark ${name}`) ?? 0, name).toBeGreaterThan(5);
    expect(surprises.hidden).toBeGreaterThan(0);
    expect(surprises.resurrected).toBeGreaterThan(0);
    if (mode === 'cluster') expect(surprises.accepted).toBeGreaterThan(0);
  });
});

test('a hello said just before the connection stood does not end it, again and again (seed 3826)', () => {
  const { violation } = fuzz(couchFuzz({ mode: 'cluster' }), 3826);
  expect(violation).toBeNull();
});

describe('CouchDB under faults, with nodes that come and go', () => {
  test.each(['peers', 'cluster'] as const)('%s: nothing is lost, and all converge', (mode) => {
    const seen = fuzzSeeds(couchMembersFuzz({ mode }), 1, 4);
    for (const name of ['join ok', 'leave ok']) expect(seen.get(name) ?? 0, name).toBeGreaterThan(0);
    if (mode === 'cluster') expect(seen.get('mark handoff') ?? 0).toBeGreaterThan(0);
  });

  test('the same claims find that a shard was removed before others had it', () => {
    const finds = (seed: number) => {
      const { violation } = fuzz(
        couchMembersFuzz({ mode: 'cluster' }, noSurprises(), forgetsWhatItHeld),
        seed,
      );
      return violation?.message.startsWith('acknowledged writes stay') === true;
    };
    expect([11, 12, 13].some(finds)).toBe(true);
  });
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['keeping only the winner', dropsLosers, 'trees only grow'],
    ['replicating through the front door', refusesBranches, 'copies agree'],
  ];

  test.each(mistakes)('%s', (_, wrong, claim) => {
    const finds = (seed: number) =>
      fuzz(couchFuzz({}, noSurprises(), wrong), seed).violation?.message.startsWith(claim) === true;
    expect(Array.from({ length: 20 }, (_, i) => i + 1).some(finds)).toBe(true);
  });
});
