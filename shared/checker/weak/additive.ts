import { byCall, isCertain, type Operation } from '../history.ts';
import { additiveSessions } from './additive-sessions.ts';
import type { Answer, Weaker } from './contradiction.ts';
import { GUARANTEES } from './sessions.ts';
import {
  accountsOf,
  amountOf,
  broken,
  explains,
  hasJointLooks,
  looksOf,
  poolOfOthers,
  together,
} from './shares.ts';
import { Pool } from './sums.ts';
import type { Tally } from './tallies.ts';

/**
 * What contradicts a weaker model in counters and banks, where a look tells how many changes its replica knew of and not
 * which: a model is kept when it can have been some that keep it. Exact where all changes of an account are of one
 * amount, and for what asks each look by itself, also where they are not; `undecided` otherwise. The models that are
 * about the past of the past are broken when a session guarantee is, and undecided when none is.
 */
export function additiveContradiction(tally: Tally, model: Weaker, bound: number): Answer {
  switch (model) {
    case 'bounded-staleness':
      return stale(tally, bound);
    case 'eventual':
      return converges(tally, bound);
    case 'sequential':
    case 'causal':
    case 'causal-convergence': {
      if (tally.looks.size === 0) return { isTested: false, contradiction: null };
      const broken = GUARANTEES.map((guarantee) => additiveSessions(tally, guarantee).contradiction);
      const found = broken.find((each) => each !== null && each !== 'undecided');
      return { isTested: true, contradiction: found ?? 'undecided' };
    }
    default:
      return additiveSessions(tally, model);
  }
}

/** A look that lacks what had been acknowledged for longer than the bound. */
function stale(tally: Tally, bound: number): Answer {
  const kept = new Set(tally.sessions.flat());
  const looking = byCall([...tally.looks.keys()]);
  const found = accountsOf(tally).map((account): Answer => {
    const amount = (operation: Operation) => amountOf(tally, operation, account);
    const aging = [...tally.changes.keys()]
      .filter((change) => kept.has(change) && isCertain(change))
      .sort((a, b) => a.ret - b.ret);
    const pool = poolOfOthers(tally, [], account);
    let old = 0;
    let sum = tally.start(account);
    let isOpen = false;
    for (const operation of looking) {
      for (; old < aging.length && (aging[old] as Operation).ret < operation.call - bound; old++) {
        pool.take(amount(aging[old] as Operation));
        sum += amount(aging[old] as Operation);
      }
      const looks = looksOf(tally, operation, account);
      if (looks.length === 0) continue;
      pool.take(amount(operation));
      const explained = looks.map((look) => explains(look, sum, pool));
      pool.add(amount(operation));
      if (explained.includes(false)) {
        return broken([...aging.slice(0, old).filter((each) => amount(each) !== 0), operation]);
      }
      if (explained.includes(null)) isOpen = true;
    }
    return { isTested: tally.changes.size > 0, contradiction: isOpen ? 'undecided' : null };
  });
  return together(found, hasJointLooks(tally));
}

/** Reads after all was quiet for so long show the same, and all that was acknowledged. */
function converges(tally: Tally, quiet: number): Answer {
  const kept = tally.sessions.flat();
  const changes = kept.filter((operation) => tally.changes.has(operation));
  const last = changes.reduce(
    (time, { call, ret }) => Math.max(time, ret === Infinity ? call : ret),
    -Infinity,
  );
  const late = byCall(
    [...tally.looks.keys()].filter(({ kind, call }) => kind === 'read' && call > last + quiet),
  );
  if (late.length === 0 || changes.length === 0) return { isTested: false, contradiction: null };
  const known = new Set(kept);
  const found = accountsOf(tally).map((account): Answer => {
    const pool = new Pool();
    let sum = tally.start(account);
    for (const change of tally.changes.keys()) {
      if (known.has(change) && isCertain(change)) sum += amountOf(tally, change, account);
      else pool.add(amountOf(tally, change, account));
    }
    const looking = late.flatMap((read) => looksOf(tally, read, account).map((look) => ({ read, look })));
    const [first] = looking;
    if (first === undefined) return { isTested: false, contradiction: null };
    const other = looking.find(({ look }) => look.amount !== first.look.amount);
    if (other !== undefined) return broken([first.read, other.read]);
    const explained = explains(first.look, sum, pool);
    if (explained === false) {
      return broken([
        ...changes.filter((each) => isCertain(each) && amountOf(tally, each, account) !== 0),
        first.read,
      ]);
    }
    return { isTested: true, contradiction: explained === null ? 'undecided' : null };
  });
  const isUnknown = [...tally.changes.keys()].some((change) => !known.has(change) || !isCertain(change));
  return together(found, isUnknown && (hasJointLooks(tally) || found.length > 1));
}
