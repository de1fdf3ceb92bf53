import type { Consistency } from '../../../shared/checker/check.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import type { Chance } from '../runs.ts';
import { isUnknown } from './brute-force.ts';
import { subsets } from './enumeration.ts';
import { BOUND } from './weak-by-force.ts';

/** Few clients that count under one key, by one or by more, and look at the count; some are told it by their change. */
export function countHistory(chance: Chance): HistoryLine[] {
  const isUnit = chance(2) === 0;
  const count = 2 + chance(4);
  const times = Array.from({ length: count }, () => chance(12)).sort((a, b) => a - b);
  return times.flatMap((call, index): HistoryLine[] => {
    const status = chance(8) === 0 ? ('info' as const) : ('ok' as const);
    const ret = status === 'info' ? null : (call + chance(4)) * 100 + index;
    const base = { client: chance(3), key: 'x', call: call * 100 + index, ret, status };
    const value = isUnit ? 1 : 1 + chance(3);
    if (chance(2) === 0) {
      const out = status === 'ok' && chance(3) === 0 ? value + chance(3) : null;
      return [{ ...base, op: 'increment', value, out }];
    }
    return status === 'info' ? [] : [{ ...base, op: 'read', value: null, out: chance(4) }];
  });
}

/** Few clients that move money between two accounts, and look at one or both. */
export function bankHistory(chance: Chance): HistoryLine[] {
  const opened = { a: chance(4), b: chance(4) };
  const open = {
    client: 9,
    op: 'open',
    key: null,
    value: opened,
    out: null,
    call: -2,
    ret: -1,
    status: 'ok',
  } as const;
  const times = Array.from({ length: 2 + chance(3) }, () => chance(12)).sort((a, b) => a - b);
  const lines = times.flatMap((call, index): HistoryLine[] => {
    const status = chance(8) === 0 ? ('info' as const) : ('ok' as const);
    const ret = status === 'info' ? null : (call + chance(4)) * 100 + index;
    const base = { client: chance(2), key: null, call: call * 100 + index, ret, status };
    if (chance(2) === 0) {
      const [from, to] = chance(2) === 0 ? ['a', 'b'] : ['b', 'a'];
      const out = status === 'ok' && chance(5) === 0 ? false : null;
      return [
        { ...base, op: 'transfer', value: { from: from ?? '', to: to ?? '', amount: 1 + chance(3) }, out },
      ];
    }
    if (status === 'info') return [];
    const both = { a: chance(5), b: chance(5) };
    const { a, b } = both;
    return [{ ...base, op: 'read', value: null, out: [both, { a }, { b }][chance(3)] ?? both }];
  });
  return [open, ...lines];
}

type Balances = Readonly<Record<string, number>>;

/**
 * Whether some choice of what everybody knew keeps a session guarantee, or what replicas agree on: by trying every choice
 * for every look. Who looks knows of changes by others, and of its own earlier ones.
 */
export function sumsSatisfy(consistency: Consistency, lines: readonly HistoryLine[]): boolean {
  const start = (lines.find(({ op }) => op === 'open')?.value ?? {}) as Balances;
  const all = lines.filter(({ op }) => op !== 'open').sort((a, b) => a.call - b.call);
  const changes = all.filter(isChange);
  const looks = all.filter((line) => !isUnknown(line) && looksAt(line));
  const isByClock = consistency === 'bounded-staleness' || consistency === 'eventual';
  const isOwnLater = (look: HistoryLine, change: HistoryLine) =>
    change === look ||
    (!isByClock && change.client === look.client && all.indexOf(change) > all.indexOf(look));
  const inSession = (a: HistoryLine, b: HistoryLine) =>
    a.client === b.client && !isUnknown(a) && all.indexOf(a) < all.indexOf(b);
  const last = changes.reduce((time, { ret, call }) => Math.max(time, ret ?? call), -Infinity);
  const isLate = ({ op, call }: HistoryLine) => op === 'read' && changes.length > 0 && call > last + BOUND;
  const choices = looks.map((look) => {
    return subsets(changes.filter((change) => !isOwnLater(look, change))).filter((known) => {
      if (!isExplained(look, known, start)) return false;
      const knows = (change: HistoryLine) => known.includes(change);
      switch (consistency) {
        case 'read-your-writes':
          return changes.every((change) => !inSession(change, look) || knows(change));
        case 'monotonic-writes':
          return known.every((late) => changes.every((early) => !inSession(early, late) || knows(early)));
        case 'bounded-staleness':
          return changes.every(
            ({ ret }, i) => ret === null || ret >= look.call - BOUND || knows(changes[i] as HistoryLine),
          );
        case 'eventual':
          return !isLate(look) || changes.every((change) => isUnknown(change) || knows(change));
        default:
          return true;
      }
    });
  });
  if (consistency === 'eventual') return agree(looks, choices, changes, isLate);
  const keeps = (known: ReadonlyMap<HistoryLine, readonly HistoryLine[]>, look: HistoryLine) => {
    const isWithin = (some: HistoryLine, others: HistoryLine) =>
      known.get(some)?.every((change) => known.get(others)?.includes(change)) ?? true;
    if (consistency === 'monotonic-reads') {
      return looks.every((other) => !known.has(other) || !inSession(other, look) || isWithin(other, look));
    }
    if (consistency !== 'writes-follow-reads') return true;
    return looks.every(
      (seer) =>
        known.get(seer)?.every((change) =>
          looks.every((before) => {
            const isDemanded = (before === change || inSession(before, change)) && known.has(before);
            return !isDemanded || isWithin(before, seer);
          }),
        ) ?? true,
    );
  };
  const choose = (at: number, known: ReadonlyMap<HistoryLine, readonly HistoryLine[]>): boolean => {
    const look = looks[at];
    if (look === undefined) return true;
    return (choices[at] ?? []).some((choice) => {
      const next = new Map([...known, [look, choice]]);
      return keeps(next, look) && choose(at + 1, next);
    });
  };
  return choose(0, new Map());
}

/** All late reads know the same, and what each account shows is one. */
function agree(
  looks: readonly HistoryLine[],
  choices: readonly (readonly (readonly HistoryLine[])[])[],
  changes: readonly HistoryLine[],
  isLate: (look: HistoryLine) => boolean,
): boolean {
  if (changes.length === 0) return true;
  return subsets(changes).some((known) =>
    looks.every((look, at) => {
      const same = (choice: readonly HistoryLine[]) =>
        choice.length === known.length && choice.every((change) => known.includes(change));
      return !isLate(look) || (choices[at] ?? []).some(same);
    }),
  );
}

const isChange = ({ op, out }: HistoryLine): boolean =>
  op === 'increment' || (op === 'transfer' && out !== false);
const looksAt = ({ op, out }: HistoryLine): boolean =>
  op === 'read' || op === 'transfer' || typeof out === 'number';

function isExplained(look: HistoryLine, known: readonly HistoryLine[], start: Balances): boolean {
  const balance = (account: string) =>
    known.reduce((sum, { op, value }) => {
      if (op === 'increment') return sum + (value as number);
      const { from, to, amount } = value as { from: string; to: string; amount: number };
      return sum + (to === account ? amount : 0) - (from === account ? amount : 0);
    }, start[account] ?? 0);
  const { op, value, out } = look;
  if (op === 'increment') return balance('x') === (out as number) - (value as number);
  if (op === 'transfer') {
    const { from, amount } = value as { from: string; amount: number };
    return balance(from) >= amount === (out !== false);
  }
  if (typeof out === 'number') return balance('x') === out;
  return Object.entries(out as Balances).every(([account, amount]) => balance(account) === amount);
}
