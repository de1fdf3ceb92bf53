import { describe, expect, test } from 'vitest';
import type { QuorumKnobs } from '../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { dynamoMembersFuzz, quorumFuzz } from '../support/quorum-fuzz.ts';
import { doubleCount } from '../support/wrong/quorum-double-count.ts';
import { dropsSibling } from '../support/wrong/quorum-drops-sibling.ts';
import { earlyAck } from '../support/wrong/quorum-early-ack.ts';
import { forgetsHandoff } from '../support/wrong/quorum-forgets-handoff.ts';
import { reusesCounters } from '../support/wrong/quorum-reuses-counters.ts';

/** `SEED=42 npx vitest run test/fuzz/dynamo.fuzz.ts` replays one; 10,000 of them: `npm run fuzz`. */
describe('Dynamo under faults', () => {
  const runs: readonly [name: string, knobs: Partial<QuorumKnobs>, seeds: number][] = [
    ['the defaults', {}, 240],
    ['no stand-ins', { sloppy: false }, 60],
    ['last write wins', { resolver: 'last-write-wins' }, 50],
    ['W = 3, R = 1', { w: 3, r: 1 }, 50],
  ];

  test.each(runs)('is safe and converges: %s', { timeout: 300_000 }, (_, knobs, seeds) => {
    const seen = fuzzSeeds(quorumFuzz(knobs), 1, seeds);
    // The runs were worth something: each of these really happened.
    const expected = ['mark conflict', 'mark merge', 'mark repair', 'operation fail', 'operation info'];
    if (knobs.sloppy !== false) expected.push('mark hint', 'mark handoff');
    for (const what of expected) expect(seen.get(what) ?? 0, what).toBeGreaterThan(20);
  });
});

describe('Dynamo with nodes that join and leave under faults', () => {
  const runs: readonly [name: string, knobs: Partial<QuorumKnobs>][] = [
    ['the defaults', {}],
    ['a single copy', { n: 1, r: 1, w: 1 }],
  ];

  test.each(runs)('is safe and converges: %s', { timeout: 120_000 }, (_, knobs) => {
    const seen = fuzzSeeds(dynamoMembersFuzz(knobs), 1, 12);
    for (const what of ['join ok', 'leave ok', 'mark handoff'])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
  });
});

test('every error that a client gets is in the table of errors, with its class', { timeout: 120_000 }, () => {
  const withoutNumbers = (text: string) => text.replace(/\d+/g, '#');
  const entries = dynamo.errors.map(({ error, when, class: outcome }) => {
    // What the administrator's tool answers is met where members come and go: dynamo-members.test.ts.
    return { text: `${outcome} ${withoutNumbers(error)}`, isOfMembers: /^(join|leave)/.test(when) };
  });
  const table = new Set(entries.map(({ text }) => text));
  const met = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    for (const knobs of [{}, { sloppy: false }]) {
      for (const { class: outcome, error } of fuzz(quorumFuzz(knobs), seed).world.operations) {
        if (error !== null) met.add(`${outcome} ${withoutNumbers(error)}`);
      }
    }
  }
  expect([...met].filter((error) => !table.has(error))).toEqual([]);
  const expected = entries.filter(({ isOfMembers }) => !isOfMembers);
  expect(expected.filter(({ text }) => !met.has(text))).toEqual([]);
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, knobs: Partial<QuorumKnobs>, claim: string][] = [
    ['acknowledging before W nodes have it', earlyAck, {}, 'W copies'],
    ['counting a stand-in twice', doubleCount, { w: 3, r: 1 }, 'W copies'],
    ['dropping a concurrent sibling', dropsSibling, {}, 'acknowledged writes stay'],
    ['reusing counters after a crash', reusesCounters, {}, 'dots are not reused'],
  ];

  test.each(mistakes)('%s', { timeout: 120_000 }, (_, wrong, knobs, claim) => {
    const found = Array.from({ length: 25 }, (_, i) => fuzz(quorumFuzz(knobs, wrong), i + 1).violation);
    expect(
      found.map((violation) => violation?.message ?? '').find((text) => text.startsWith(`${claim}: `)),
    ).toBeDefined();
  });

  test('forgetting to hand over what is not owned any more', { timeout: 120_000 }, () => {
    const subject = dynamoMembersFuzz({ n: 1, r: 1, w: 1 }, forgetsHandoff);
    const found = Array.from({ length: 4 }, (_, i) => fuzz(subject, i + 1).violation?.message ?? '');
    expect(found.filter((text) => text.startsWith('acknowledged writes stay: '))).not.toEqual([]);
  });
});
