import { byCall, type Operation } from '../history.ts';
import type { Answer } from './contradiction.ts';
import { Pool } from './sums.ts';
import type { Look, Tally } from './tallies.ts';

/** How much an operation adds to an account; 0 when it is no change of it. */
export function amountOf({ changes }: Tally, operation: Operation, account: string): number {
  return changes.get(operation)?.get(account) ?? 0;
}

/** The accounts that a tally is about, each once. */
export function accountsOf({ changes, looks }: Tally): string[] {
  const changed = [...changes.values()].flatMap((change) => [...change.keys()]);
  const looked = [...looks.values()].flat().map(({ account }) => account);
  return [...new Set([...changed, ...looked])];
}

/** The changes of an account by all but one session: each may be known to that session or not. */
export function poolOfOthers(tally: Tally, session: readonly Operation[], account: string): Pool {
  const own = new Set(session);
  const pool = new Pool();
  for (const change of tally.changes.keys()) {
    if (!own.has(change)) pool.add(amountOf(tally, change, account));
  }
  return pool;
}

/** Whether a look can be explained by a sum that was there and some of a pool; null when there are too many to tell. */
export function explains(look: Look, sum: number, pool: Pool): boolean | null {
  switch (look.kind) {
    case 'at least':
      return sum + pool.highest >= look.amount;
    case 'less than':
      return sum + pool.lowest < look.amount;
    case 'is':
      return pool.reaches(look.amount - sum);
  }
}

/**
 * The one amount of all changes of an account, where there is one. What a look tells is then how many of them it knew,
 * and which ones does not matter.
 */
export function unitOf(tally: Tally, account: string): number | null {
  const amounts = new Set<number>();
  for (const change of tally.changes.values()) amounts.add(change.get(account) ?? 0);
  amounts.delete(0);
  const [unit, ...others] = amounts;
  return others.length > 0 ? null : (unit ?? 1);
}

/** How many changes a look can have known, at least and at most. */
export type Span = { readonly least: number; readonly most: number };

/** A look as a number of changes of one amount. */
export function spanOf({ kind, amount }: Look, start: number, unit: number): Span {
  const count = (amount - start) / unit;
  if (kind === 'is') return { least: Number.isInteger(count) ? count : Infinity, most: count };
  // To have at least so much takes many that add to it, or few that take from it.
  const isMany = (kind === 'at least') === unit > 0;
  if (isMany)
    return { least: kind === 'at least' ? Math.ceil(count) : Math.floor(count) + 1, most: Infinity };
  return { least: 0, most: kind === 'at least' ? Math.floor(count) : Math.ceil(count) - 1 };
}

/** What was found of each account, together; `isOpen`: one choice has to explain what was found of several. */
export function together(found: readonly Answer[], isOpen: boolean): Answer {
  const isTested = found.some((each) => each.isTested);
  const contradicted = found.find(
    ({ contradiction }) => contradiction !== null && contradiction !== 'undecided',
  );
  if (contradicted !== undefined) return contradicted;
  const isUndecided = isOpen || found.some((each) => each.contradiction === 'undecided');
  return { isTested, contradiction: isUndecided ? 'undecided' : null };
}

/** Whether somebody looked at several accounts at once. */
export function hasJointLooks({ looks }: Tally): boolean {
  return [...looks.values()].some((some) => new Set(some.map(({ account }) => account)).size > 1);
}

/** What an operation was told of one account. */
export function looksOf({ looks }: Tally, operation: Operation, account: string): Look[] {
  return (looks.get(operation) ?? []).filter((look) => look.account === account);
}

/** Operations that contradict a model. */
export function broken(operations: readonly Operation[]): Answer {
  return { isTested: true, contradiction: byCall([...new Set(operations)]) };
}
