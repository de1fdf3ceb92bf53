import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { fuzz, fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';
import { type Losses, voldemortFuzz } from '../support/voldemort-fuzz.ts';
import { type Unread, voldemortMembersFuzz } from '../support/voldemort-members-fuzz.ts';
import { confirmsUnseen } from '../support/wrong/voldemort-confirms-unseen.ts';
import { fetchesNothing } from '../support/wrong/voldemort-fetches-nothing.ts';
import { givesForGood } from '../support/wrong/voldemort-gives-for-good.ts';
import { takesOldVersions } from '../support/wrong/voldemort-takes-old-versions.ts';

/** `SEED=42 npx vitest run test/fuzz/voldemort.fuzz.ts` replays one; 10,000 of them: `npm run fuzz`. */
describe('Voldemort under faults', () => {
  const losses: Losses = new Map();
  const runs: readonly [name: string, knobs: object, seeds: number][] = [
    ['the defaults', {}, 40],
    ['R = W = 1', { requiredReads: 1, requiredWrites: 1, preferredReads: 3 }, 40],
    ['the union resolver', { resolver: 'union' }, 20],
  ];

  test.each(runs)('keeps what it promises: %s', { timeout: 300_000 }, (_, knobs, seeds) => {
    const seen = fuzzSeeds(voldemortFuzz(knobs, voldemort.protocol, losses), 1, seeds);
    for (const what of ['mark hint', 'mark handoff', 'mark repair', 'mark conflict', 'operation info']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
    }
  });

  test('and shows what it is known for', () => {
    expect([...losses.keys()].sort()).toEqual([
      'a deleted value came back',
      'an acknowledged item dropped by a clock',
    ]);
  });
});

describe('Voldemort whose nodes come and go', () => {
  test('keeps what all owners had, and all agree in the end', { timeout: 300_000 }, () => {
    const unread: Unread = new Map();
    const seen = fuzzSeeds(voldemortMembersFuzz({}, voldemort.protocol, unread), 1, 8);
    for (const what of ['mark members', 'mark handoff', 'mark role', 'join ok', 'leave ok'])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(3);
    expect(unread.get('runs that were judged') ?? 0).toBeGreaterThan(3);
  });

  const mistakes: readonly [name: string, wrong: Protocol, first: number][] = [
    ['fetching nothing', fetchesNothing, 3],
    ['giving for good', givesForGood, 8],
  ];

  test.each(mistakes)('and the same claims find a mistake: %s', { timeout: 300_000 }, (_, wrong, first) => {
    const found = [first, first + 1, first + 2].map(
      (seed) => fuzz(voldemortMembersFuzz({}, wrong), seed).violation?.message ?? '',
    );
    const claim = 'what all owners had, all have: ';
    expect(found.filter((message) => message.startsWith(claim)).length).toBeGreaterThan(0);
  });
});

test('every error that a client gets is in the table of errors, with its class', { timeout: 120_000 }, () => {
  const general = (text: string) =>
    text
      .replace(/\[.*\]/g, '[]')
      .replace(/\(.*?\)/g, '()')
      .replace(/Key \w+/, 'Key')
      .replace(/\d+/g, '#');
  const table = new Set(voldemort.errors.map(({ error, class: outcome }) => `${outcome} ${general(error)}`));
  const met = new Set<string>();
  const meet = (subject: FuzzSubject, seeds: number): void => {
    for (let seed = 1; seed <= seeds; seed++) {
      for (const { class: outcome, error } of fuzz(subject, seed).world.operations)
        if (error !== null) met.add(`${outcome} ${general(error)}`);
    }
  };
  meet(voldemortFuzz(), 25);
  meet(voldemortFuzz({ requiredReads: 1, resolver: 'siblings' }), 25);
  meet(voldemortMembersFuzz(), 6);
  expect([...met].filter((error) => !table.has(error))).toEqual([]);
  expect(met.size).toBeGreaterThan(12);
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['taking old versions for new ones', takesOldVersions, 'required writes'],
    ['confirming what is not kept', confirmsUnseen, 'required writes'],
  ];

  test.each(mistakes)('%s', { timeout: 120_000 }, (_, wrong, claim) => {
    const found = Array.from(
      { length: 10 },
      (_, i) => fuzz(voldemortFuzz({}, wrong), i + 1).violation?.message ?? '',
    );
    expect(found.filter((message) => message.startsWith(`${claim}: `)).length).toBeGreaterThan(0);
  });
});
