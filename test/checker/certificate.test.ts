import { describe, expect, test } from 'vitest';
import { isProof, type Certificate } from '../../shared/checker/certificate.ts';
import type { HistoryLine, Operation } from '../../shared/checker/history.ts';
import { decideRegister } from '../../shared/checker/register-blocks.ts';
import { prepareLines } from '../support/checker/agreement.ts';
import { isLinearizableByForce } from '../support/checker/brute-force.ts';
import { uniqueRegister } from '../support/checker/unique-registers.ts';

type Found = {
  readonly seed: number;
  readonly part: readonly Operation[];
  readonly certificate: Certificate;
};

/** The certificates of histories that certainly are not linearizable. */
function certificates(seeds: number, most: number, hasCas: boolean): Found[] {
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) => {
    const { operations: part } = prepareLines('register', uniqueRegister(seed, most, hasCas));
    const verdict = decideRegister(part);
    return verdict.kind === 'violated' ? [{ seed, part, certificate: verdict.certificate }] : [];
  });
}

describe.each([
  ['reads and writes', false],
  ['compare-and-sets too', true],
])('violated histories of unique values: %s', (_, hasCas) => {
  const found = certificates(6000, 14, hasCas);

  test('each carries a certificate that is accepted', () => {
    expect(found.length).toBeGreaterThan(1000);
    expect(
      found.filter(({ part, certificate }) => !isProof(certificate, part)).map(({ seed }) => seed),
    ).toEqual([]);
  });

  test('every kind of certificate comes up', () => {
    const kinds = [...new Set(found.map(({ certificate }) => certificate.kind))].sort();
    expect(kinds).toEqual(
      hasCas ? ['blocks', 'circle', 'fork', 'nobody', 'order'] : ['blocks', 'nobody', 'order'],
    );
  });
});

test('reads and plain writes need at most four operations and two writes', () => {
  const large: number[] = [];
  for (const { seed, certificate } of certificates(6000, 14, false)) {
    const writes = new Set(certificate.readsFrom.map(({ source }) => source));
    const others = certificate.operations.filter((operation) => !writes.has(operation));
    if (writes.size > 2 || others.length > 4) large.push(seed);
  }
  expect(large).toEqual([]);
});

test('no certificate is accepted for a history that has an order', () => {
  let refused = 0;
  for (const { part, certificate } of certificates(3000, 6, true)) {
    // The same arrows, said of the history with its answers given later, when anything can have come first.
    const later = new Map(part.map((operation) => [operation, { ...operation, ret: 1_000_000 }]));
    const changed = [...later.values()];
    const lines = changed.map(({ line }): HistoryLine => ({ ...line, ret: 1_000_000, status: 'ok' }));
    if (!isLinearizableByForce('register', lines)) continue;
    refused++;
    expect(isProof(translated(certificate, later), changed)).toBe(false);
  }
  expect(refused).toBeGreaterThan(50);
});

describe('a certificate that was changed is refused:', () => {
  const found = certificates(2000, 12, false).filter(({ certificate }) => certificate.kind === 'blocks');
  const changes: readonly (readonly [string, (found: Found) => Certificate])[] = [
    [
      'an arrow of time is missing',
      ({ certificate }) => ({ ...certificate, precedes: certificate.precedes.slice(1) }),
    ],
    [
      'an arrow of time points the other way',
      ({ certificate }) => {
        const precedes = certificate.precedes.map(({ ended, began }) => ({
          ended: began,
          began: ended ?? began,
        }));
        return { ...certificate, precedes };
      },
    ],
    ['nobody read from anybody', ({ certificate }) => ({ ...certificate, readsFrom: [] })],
    [
      'everybody read from the same',
      ({ certificate }) => {
        const source = certificate.readsFrom[0]?.source ?? null;
        return { ...certificate, readsFrom: certificate.readsFrom.map(({ reader }) => ({ reader, source })) };
      },
    ],
    [
      'an operation is not named',
      ({ certificate }) => ({ ...certificate, operations: certificate.operations.slice(1) }),
    ],
    ['it is said to be of another kind', ({ certificate }) => ({ ...certificate, kind: 'order' })],
    ['it is said to be a fork', ({ certificate }) => ({ ...certificate, kind: 'fork' })],
    ['it is said to be a circle', ({ certificate }) => ({ ...certificate, kind: 'circle' })],
    [
      'an operation is not of the history',
      ({ certificate }) =>
        translated(
          certificate,
          new Map(certificate.operations.map((operation) => [operation, { ...operation }])),
        ),
    ],
  ];

  test.each(changes)('%s', (name, change) => {
    expect(found.length).toBeGreaterThan(100);
    // Two readers of one write may read from the same to begin with; then nothing was changed.
    const changed = found.filter(({ certificate }) => {
      const sources = new Set(certificate.readsFrom.map(({ source }) => source));
      return name !== 'everybody read from the same' || sources.size > 1;
    });
    const accepted = changed.filter((each) => isProof(change(each), each.part));
    expect(accepted.map(({ seed }) => seed)).toEqual([]);
  });
});

test('what somebody wrote in time is not a value of nobody', () => {
  const write = {
    client: 1,
    op: 'write',
    key: 'x',
    value: 1,
    out: null,
    call: 0,
    ret: 1,
    status: 'ok',
  } as const;
  const read = {
    client: 2,
    op: 'read',
    key: 'x',
    value: null,
    out: 1,
    call: 2,
    ret: 3,
    status: 'ok',
  } as const;
  const certificateOf = (operations: readonly Operation[]): Certificate => {
    return { kind: 'nobody', precedes: [], readsFrom: [], operations };
  };
  const { operations } = prepareLines('register', [write, read]);
  expect(isProof(certificateOf(operations), operations)).toBe(false);
  const { operations: thinAir } = prepareLines('register', [read]);
  expect(isProof(certificateOf(thinAir), thinAir)).toBe(true);
});

/** The certificate with other operations in place of its own. */
function translated(certificate: Certificate, names: ReadonlyMap<Operation, Operation>): Certificate {
  const other = (operation: Operation) => names.get(operation) ?? operation;
  const otherOrNone = (operation: Operation | null) => (operation === null ? null : other(operation));
  return {
    kind: certificate.kind,
    operations: certificate.operations.map(other),
    precedes: certificate.precedes.map(({ ended, began }) => ({
      ended: otherOrNone(ended),
      began: other(began),
    })),
    readsFrom: certificate.readsFrom.map(({ reader, source }) => ({
      reader: other(reader),
      source: otherOrNone(source),
    })),
  };
}
