import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dotted,
  NO_SIBLINGS,
  type SiblingRules,
  type Siblings,
  undotted,
} from '../../shared/data/siblings.ts';
import { describeClock, type VectorClock } from '../../shared/data/vector-clock.ts';

const actors = ['r1', 'r2', 'r3'];

/** Three servers: one takes a write of a client that has seen some server's copy, or learns another's copy. */
const events = fc.array(
  fc.record({ at: fc.nat({ max: 2 }), from: fc.nat({ max: 2 }), merges: fc.boolean() }),
  { maxLength: 16 },
);

function play(rules: SiblingRules, happened: readonly { at: number; from: number; merges: boolean }[]) {
  const servers: Siblings<number>[] = [NO_SIBLINGS, NO_SIBLINGS, NO_SIBLINGS];
  for (const [value, { at, from, merges }] of happened.entries()) {
    const own = servers[at] ?? NO_SIBLINGS;
    const other = servers[from] ?? NO_SIBLINGS;
    servers[at] = merges ? rules.merge(own, other) : rules.put(own, other.seen, value, actors[at] ?? '');
  }
  return servers as [Siblings<number>, Siblings<number>, Siblings<number>];
}

const valuesOf = ({ values }: Siblings<string | number>) => values.map(({ value }) => value);

/** P and Q write in turns; each keeps only the context that its own last write returned. */
function takeTurns(rules: SiblingRules, rounds: number): Siblings<string> {
  let server: Siblings<string> = NO_SIBLINGS;
  const contexts: { [client: string]: VectorClock } = { P: {}, Q: {} };
  for (let round = 1; round <= rounds; round++) {
    for (const client of ['P', 'Q']) {
      server = rules.put(server, contexts[client] ?? {}, `${client}${round}`, 'r1');
      contexts[client] = server.seen;
    }
  }
  return server;
}

describe('siblings', () => {
  test('[DV1] clients that take turns without reading: with dots two siblings, without dots more every round', () => {
    expect(valuesOf(takeTurns(dotted, 10))).toEqual(['P10', 'Q10']);
    expect(takeTurns(undotted, 10).values.length).toBe(20);
    expect(takeTurns(undotted, 5).values.length).toBe(10);
  });

  test('[DV2] copies with dots merge in any order, grouping and number to the same', () => {
    fc.assert(
      fc.property(events, (happened) => {
        const [a, b, c] = play(dotted, happened);
        expect(dotted.merge(a, b)).toEqual(dotted.merge(b, a));
        expect(dotted.merge(dotted.merge(a, b), c)).toEqual(dotted.merge(a, dotted.merge(b, c)));
        expect(dotted.merge(a, { ...a })).toEqual(a);
      }),
    );
  });

  test.each([
    ['with dots', dotted],
    ['without', undotted],
  ] as const)('[DV3] a write that has seen all leaves one value: %s', (_, rules) => {
    fc.assert(
      fc.property(events, (happened) => {
        const [a, b, c] = play(rules, happened);
        const all = [a, b, c].reduce((merged, next) => rules.merge(merged, next));
        expect(valuesOf(rules.put(all, all.seen, 99, 'r1'))).toEqual([99]);
      }),
    );
  });

  test('a context that is a little old still removes what its client has seen', () => {
    const first = dotted.put<string>(NO_SIBLINGS, {}, 'old', 'r1');
    const second = dotted.put(first, {}, 'unseen', 'r1');
    expect(valuesOf(dotted.put(second, first.seen, 'new', 'r1'))).toEqual(['unseen', 'new']);
    expect(valuesOf(undotted.put(second, first.seen, 'new', 'r1'))).toEqual(['old', 'unseen', 'new']);
    expect(describeClock(second.seen)).toBe('r1:2');
  });
});
