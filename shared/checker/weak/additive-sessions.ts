import { isCertain, type Operation } from '../history.ts';
import type { Answer } from './contradiction.ts';
import { hasSumOf, Prefixes } from './prefixes.ts';
import type { Guarantee } from './sessions.ts';
import {
  accountsOf,
  amountOf,
  broken,
  explains,
  hasJointLooks,
  looksOf,
  poolOfOthers,
  spanOf,
  together,
  unitOf,
} from './shares.ts';
import type { Tally } from './tallies.ts';

/**
 * Terry et al.: whoever looks knows the session's own changes (read your writes), all that it knew before (monotonic
 * reads), with every change all that its session had made (monotonic writes) or known (writes follow reads) before it.
 * Nobody knows of what the own session does later.
 */
export function additiveSessions(tally: Tally, guarantee: Guarantee): Answer {
  const found: Answer[] = accountsOf(tally).map((account) => {
    switch (guarantee) {
      case 'read-your-writes':
        return ownChanges(tally, account);
      case 'monotonic-reads':
        return onwards(tally, account);
      case 'monotonic-writes':
        return inOrder(tally, account);
      case 'writes-follow-reads':
        return behindLooks(tally, account);
    }
  });
  const isOfAllLooks = guarantee === 'monotonic-reads' || guarantee === 'writes-follow-reads';
  const looks = [...tally.looks.values()].flat();
  const isOfSeveral = new Set(looks.map(({ account }) => account)).size > 1;
  return together(found, hasJointLooks(tally) || (isOfAllLooks && isOfSeveral));
}

function ownChanges(tally: Tally, account: string): Answer {
  let isTested = false;
  let isOpen = false;
  for (const own of tally.sessions) {
    const pool = poolOfOthers(tally, own, account);
    const certain: Operation[] = [];
    let sum = tally.start(account);
    for (const operation of own) {
      for (const look of looksOf(tally, operation, account)) {
        if (certain.length > 0) isTested = true;
        const explained = explains(look, sum, pool);
        if (explained === false) return broken([...certain, operation]);
        if (explained === null) isOpen = true;
      }
      const amount = amountOf(tally, operation, account);
      if (amount === 0) continue;
      if (isCertain(operation)) certain.push(operation);
      if (isCertain(operation)) sum += amount;
      else pool.add(amount);
    }
  }
  return { isTested, contradiction: isOpen ? 'undecided' : null };
}

function onwards(tally: Tally, account: string): Answer {
  const exact = unitOf(tally, account);
  const { lowest, highest } = poolOfOthers(tally, [], account);
  // Where all changes go one way the sum itself can only go on.
  const unit = exact ?? (lowest === 0 ? 1 : highest === 0 ? -1 : null);
  let isTested = false;
  let isOpen = false;
  for (const own of tally.sessions) {
    const pool = poolOfOthers(tally, own, account);
    let known = 0;
    let latest: Operation | null = null;
    for (const operation of own) {
      for (const look of looksOf(tally, operation, account)) {
        if (latest !== null) isTested = true;
        const explained = explains(look, tally.start(account), pool);
        if (explained === false) return broken([operation]);
        if (explained === null || (exact === null && latest !== null)) isOpen = true;
        if (unit === null) continue;
        const { least, most } = spanOf(look, tally.start(account), unit);
        if (known > most) return broken([...(latest === null ? [] : [latest]), operation]);
        known = Math.max(known, least);
      }
      if (looksOf(tally, operation, account).length > 0) latest = operation;
      pool.add(amountOf(tally, operation, account));
    }
  }
  return { isTested, contradiction: isOpen ? 'undecided' : null };
}

function inOrder(tally: Tally, account: string): Answer {
  const changesOf = (own: readonly Operation[]) => own.filter((each) => amountOf(tally, each, account) !== 0);
  const isDemanded = tally.sessions.some((own) => changesOf(own).slice(0, -1).some(isCertain));
  const prefixes = new Prefixes(tally, account);
  let isTested = false;
  let isOpen = false;
  for (const own of tally.sessions) {
    if (!own.some((operation) => looksOf(tally, operation, account).length > 0)) continue;
    isTested ||= isDemanded;
    const known = unitOf(tally, account) === null ? prefixes.knownIn(own) : null;
    const pool = poolOfOthers(tally, own, account);
    for (const [place, operation] of own.entries()) {
      for (const look of looksOf(tally, operation, account)) {
        // Of one amount any number can be known in the order of the sessions.
        const explained = explains(look, tally.start(account), pool);
        if (explained === false) return broken([operation]);
        if (unitOf(tally, account) !== null) continue;
        const sums = known?.[place];
        if (sums === undefined) isOpen = true;
        else if (!hasSumOf(look, tally.start(account), sums)) {
          return broken([...tally.sessions.flatMap(changesOf), operation]);
        }
      }
      pool.add(amountOf(tally, operation, account));
    }
  }
  return { isTested, contradiction: isOpen ? 'undecided' : null };
}

/**
 * Of one amount, it may be taken that all know the first so many changes in one order of all: a change stands behind as
 * many as its session had known before it. There is such an order exactly when for every number, more changes than that
 * ask for no more.
 */
function behindLooks(tally: Tally, account: string): Answer {
  const unit = unitOf(tally, account);
  const demands = new Map<Operation, { readonly count: number; readonly by: Operation | null }>();
  for (const change of tally.changes.keys()) {
    if (amountOf(tally, change, account) !== 0) demands.set(change, { count: 0, by: null });
  }
  let most = { count: 0, by: null as Operation | null };
  let isDemanded = false;
  let isOpen = false;
  for (const own of tally.sessions) {
    const pool = poolOfOthers(tally, own, account);
    let latest = { count: 0, by: null as Operation | null };
    let hasLooked = false;
    for (const operation of own) {
      for (const look of looksOf(tally, operation, account)) {
        hasLooked = true;
        const explained = explains(look, tally.start(account), pool);
        if (explained === false) return broken([operation]);
        if (explained === null || unit === null) isOpen = true;
        if (unit === null) continue;
        const { least } = spanOf(look, tally.start(account), unit);
        if (least > latest.count) latest = { count: least, by: operation };
        if (least > most.count) most = { count: least, by: operation };
      }
      const amount = amountOf(tally, operation, account);
      pool.add(amount);
      if (amount === 0) continue;
      if (hasLooked) isDemanded = true;
      demands.set(operation, latest);
    }
  }
  const sorted = [...demands.values()].sort((a, b) => a.count - b.count);
  for (let place = 0; place < most.count; place++) {
    const demand = sorted[place];
    if (demand !== undefined && demand.count <= place) continue;
    const late = [...demands].filter(([, { count }]) => count > place);
    const named = late.flatMap(([change, { by }]) => [change, ...(by === null ? [] : [by])]);
    return broken([...named, ...(most.by === null ? [] : [most.by])]);
  }
  return { isTested: isDemanded, contradiction: isOpen ? 'undecided' : null };
}
