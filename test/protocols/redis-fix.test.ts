import { describe, expect, test } from 'vitest';
import { FIX_ERRORS, planFix } from '../../shared/protocols/ownership/redis/redis-cli-fix.ts';
import type { Known } from '../../shared/protocols/ownership/redis/redis-cli-moves.ts';
import type { ClusterNodes } from '../../shared/protocols/ownership/redis/requests.ts';

type Told = Partial<Pick<ClusterNodes, 'migrating' | 'importing'>> & { readonly has: readonly number[] };

/** What masters tell that know the ranges 0 to 2, and how many keys they have of those that are broken. */
function known(told: Readonly<Record<string, Told>>, counts: Known['counts'], failed: string[] = []): Known {
  const lines = Object.entries(told).map(([node, { has }]) => ({
    node,
    master: null,
    failed: false,
    ranges: has,
    slots: has.map((range) => `${range * 100}-${range * 100 + 99}`).join(' '),
  }));
  const others = failed.map((node) => ({ node, master: null, failed: true, ranges: [], slots: '' }));
  const seen = Object.fromEntries(
    Object.entries(told).map(([node, { migrating = {}, importing = {} }]) => [
      node,
      { lines: [...lines, ...others], ranges: [0, 1, 2], migrating, importing, isEmpty: false },
    ]),
  );
  const operation = { id: '1', kind: 'reshard', key: 'k', node: 'n1' } as const;
  return { operation, entry: 'n1', seen, counts };
}

/** The plan in words. */
function plan(...args: Parameters<typeof known>): string[] | string {
  const calls = planFix(known(...args), 0);
  if (typeof calls === 'string') return calls;
  return calls.map(({ to, request, then }) => {
    if (request.kind === 'keys') return `${to} moves keys of ${request.range} to ${then?.to ?? ''}`;
    if (request.kind === 'setslot') return `${to} setslot ${request.range} ${request.to} ${request.node}`;
    return `${to} ${request.kind}${'range' in request ? ` ${request.range}` : ''}`;
  });
}

describe('a fix of slots that are nobody’s', () => {
  test('gives them to any master where nobody has keys of them', () => {
    expect(plan({ n1: { has: [0] }, n2: { has: [1] } }, { n1: [0], n2: [0] })).toEqual(['n1 take 2']);
  });

  test('and to the one that has most keys of them, where the others send theirs', () => {
    expect(plan({ n1: { has: [0] }, n2: { has: [1] } }, { n1: [1], n2: [3] })).toEqual([
      'n2 take 2',
      'n1 setslot 2 node n2',
      'n1 setslot 2 importing n2',
      'n1 moves keys of 2 to n2',
      'n1 setslot 2 stable n1',
    ]);
  });

  test('is refused while a master cannot be asked that may have them', () => {
    const error = FIX_ERRORS.unreachable('1');
    expect(plan({ n1: { has: [0] }, n2: { has: [1] } }, { n1: [0], n2: [0] }, ['n3'])).toBe(error);
  });
});

describe('a fix of slots that are open', () => {
  const all = { n1: { has: [0] }, n2: { has: [1] }, n3: { has: [2] } };

  test('goes on with the move where the target has no key yet', () => {
    const told = {
      ...all,
      n1: { has: [0], migrating: { '0': 'n2' } },
      n2: { has: [1], importing: { '0': 'n1' } },
    };
    expect(plan(told, { n1: [4], n2: [0], n3: [0] })).toEqual([
      'n2 setslot 0 importing n1',
      'n1 setslot 0 migrating n2',
      'n1 moves keys of 0 to n2',
      'n2 setslot 0 node n2',
      'n1 setslot 0 node n2',
      'n3 setslot 0 node n2',
    ]);
  });

  test('sends back the keys of a node that takes what nobody gives', () => {
    const told = { ...all, n2: { has: [1], importing: { '0': 'n1' } } };
    expect(plan(told, { n1: [4], n2: [0], n3: [0] })).toEqual([
      'n2 moves keys of 0 to n1',
      'n2 setslot 0 stable n2',
      'n2 setslot 0 node n1',
      'n3 setslot 0 node n1',
    ]);
  });

  test('closes a slot that nobody takes', () => {
    const told = { ...all, n1: { has: [0], migrating: { '0': 'n2' } } };
    expect(plan(told, { n1: [4], n2: [0], n3: [0] })).toEqual(['n1 setslot 0 stable n1']);
  });

  test('of several that take it chooses the one that the owner means', () => {
    const told = {
      n1: { has: [0], migrating: { '0': 'n3' } },
      n2: { has: [1], importing: { '0': 'n1' } },
      n3: { has: [2], importing: { '0': 'n1' } },
    };
    const calls = plan(told, { n1: [4], n2: [0], n3: [0] });
    expect(calls).toContain('n3 setslot 0 node n3');
    expect(calls).toContain('n2 setslot 0 stable n2');
  });

  test('where several give it and one takes it gives up', () => {
    const told = {
      n1: { has: [0], migrating: { '0': 'n3' } },
      n2: { has: [1], migrating: { '0': 'n3' } },
      n3: { has: [2], importing: { '0': 'n1' } },
    };
    expect(plan(told, { n1: [4], n2: [0], n3: [0] })).toBe(FIX_ERRORS.cannotFix('0', 'n1,n2', 'n3', 'n1'));
  });
});
