import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { cassandraFuzz } from '../support/cassandra-fuzz.ts';
import type { Anomalies } from '../support/cassandra-invariants.ts';
import { cassandraMembersFuzz, cassandraRemovalsFuzz } from '../support/cassandra-members-fuzz.ts';
import { fuzz, fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';
import { acknowledgesAlone } from '../support/wrong/cassandra-acknowledges-alone.ts';
import { checksThenWrites } from '../support/wrong/cassandra-checks-then-writes.ts';
import { forgetsPending } from '../support/wrong/cassandra-forgets-pending.ts';
import { keepsWhatComesLast } from '../support/wrong/cassandra-keeps-what-comes-last.ts';

/** `SEED=42 npx vitest run test/fuzz/cassandra.fuzz.ts` replays one; 10,000 of them: `npm run fuzz`. */
describe('Cassandra under faults', () => {
  const anomalies: Anomalies = new Map();
  const runs: readonly [name: string, knobs: object, seeds: number][] = [
    ['the defaults', {}, 30],
    ['reads that do not ask further', { speculativeRetry: 0, phiConvictThreshold: 5 }, 12],
    ['tombstones and hints that are soon forgotten', { gcGrace: 5, maxHintWindow: 1000 }, 20],
  ];

  test.each(runs)('keeps what it promises: %s', { timeout: 300_000 }, (_, knobs, seeds) => {
    const seen = fuzzSeeds(cassandraFuzz(knobs, cassandra.protocol, anomalies), 1, seeds);
    const expected = [
      'mark hint',
      'mark handoff',
      'mark repair',
      'mark suspect',
      'mark trust',
      'mark conflict',
    ];
    for (const what of [...expected, 'operation fail', 'operation info']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
    }
  });

  test('and shows what it is known for', () => {
    expect([...anomalies.keys()].sort()).toEqual([
      'a deleted value came back',
      'a later write lost to an earlier one',
      'a stale read',
      'half a transaction completed',
    ]);
  });
});

describe('Cassandra with nodes that come and go under faults', () => {
  const runs: readonly [name: string, subject: FuzzSubject][] = [
    ['the defaults', cassandraMembersFuzz()],
    ['a single copy', cassandraMembersFuzz({ replicationFactor: 1 })],
    ['dead ones are removed', cassandraRemovalsFuzz()],
  ];

  test.each(runs)('loses nothing on the way: %s', { timeout: 120_000 }, (_, subject) => {
    const seen = fuzzSeeds(subject, 1, 7);
    for (const what of ['leave ok', 'join ok', 'mark role', 'mark handoff']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
    }
  });
});

describe('what the fuzz has found once', () => {
  const found: readonly [cause: string, seed: number][] = [
    ['who fetched rows of a removed node waited for ever for somebody who had left', 30024],
    ['the last node of all waited for ever until somebody had heard that it had left', 30119],
  ];

  test.each(found)('%s', (_, seed) => {
    expect(fuzz(cassandraRemovalsFuzz(), seed).violation).toBe(null);
  });
});

test('every error that a client gets is in the table of errors, with its class', { timeout: 120_000 }, () => {
  const general = (text: string) =>
    text
      .replace(/\[n[\d, n]+\]/, '[n#]')
      .replace(/n?\d+/g, '#')
      .replace(/at consistency \w+/, 'at consistency #')
      .replace(/Node in \w+ state/, 'Node in # state');
  const table = new Set(cassandra.errors.map(({ error, class: outcome }) => `${outcome} ${general(error)}`));
  const met = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const subject = seed <= 3 ? cassandraRemovalsFuzz() : cassandraFuzz();
    for (const { class: outcome, error } of fuzz(subject, seed).world.operations) {
      if (error !== null) met.add(`${outcome} ${general(error)}`);
    }
  }
  expect([...met].filter((error) => !table.has(error))).toEqual([]);
  expect(met.size).toBeGreaterThan(7);
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['acknowledging at the first copy', acknowledgesAlone, 'as many copies as the level says'],
    ['checking a condition before a plain write', checksThenWrites, 'a seat is given away once'],
    ['keeping what came last instead of what is newer', keepsWhatComesLast, 'cells only get newer'],
  ];

  test.each(mistakes)('%s', { timeout: 120_000 }, (_, wrong, claim) => {
    let found = '';
    for (let seed = 1; seed <= 60 && found === ''; seed++) {
      const message = fuzz(cassandraFuzz({}, wrong), seed).violation?.message ?? '';
      if (message.startsWith(`${claim}: `)) found = message;
    }
    expect(found).not.toBe('');
  });

  test('not writing to who is on the way in', { timeout: 120_000 }, () => {
    const subject = cassandraMembersFuzz({ replicationFactor: 1 }, forgetsPending);
    let found = '';
    for (let seed = 20; seed <= 80 && found === ''; seed++) {
      const message = fuzz(subject, seed).violation?.message ?? '';
      if (message.startsWith('acknowledged writes stay: ')) found = message;
    }
    expect(found).not.toBe('');
  });
});
