import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeOnce, type Inbox } from '../../shared/data/inbox.ts';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { outboxFuzz } from '../support/outbox-fuzz.ts';

describe('an inbox', () => {
  test('takes every message once, in whatever order and however often it comes, and keeps what is missing only', () => {
    const arrivals = fc.array(
      fc.record({
        sender: fc.constantFrom('n1', 'n2'),
        number: fc.integer({ min: 1, max: 12 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(arrivals, (messages) => {
        const inbox: Inbox = {};
        const taken = new Set<string>();
        for (const { sender, number } of messages) {
          expect(takeOnce(inbox, sender, number)).toBe(!taken.has(`${sender} ${number}`));
          taken.add(`${sender} ${number}`);
        }
        for (const sender of Object.keys(inbox)) {
          expect(inbox[sender]?.beyond).not.toContain((inbox[sender]?.upTo ?? 0) + 1);
        }
      }),
    );
  });
});

describe('a transactional outbox', { timeout: 60_000 }, () => {
  test('every event takes effect at every node, and once', () => {
    const seen = fuzzSeeds(outboxFuzz(), 1, 60);
    for (const what of ['mark repair', 'lost cut', 'command crash', 'operation ok'])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
  });

  test.each([
    ['without the outbox events are lost', { outbox: false }, /^no event is lost/],
    ['without numbers they count twice', { deduplicate: false }, /^an event counts once/],
  ])('%s', (_, knobs, claim) => {
    const found = Array.from(
      { length: 20 },
      (__, i) => fuzz(outboxFuzz(knobs), i + 1).violation?.message ?? '',
    );
    expect(found.filter((message) => claim.test(message)).length).toBeGreaterThan(10);
  });
});
