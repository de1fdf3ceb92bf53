import { byCall, byClient, byKey, isCertain, type History, type Operation } from '../history.ts';
import type { Contradiction } from './causal.ts';
import type { Answer, Weaker } from './contradiction.ts';
import { Graph } from './graph.ts';
import { successions } from './relations.ts';

/**
 * What a history of locks says without its clock: who got the lock with which fencing token. Tokens grow with every
 * holder (Kleppmann, "How to do distributed locking", 2016): whoever got one has seen all holders before.
 */
export type Tokens = {
  /** Those who got a lock and were told their token, by call. */
  readonly holders: readonly Operation[];
  /** Each client's operations in its order. */
  readonly sessions: readonly (readonly Operation[])[];
};

export type TokensFound =
  ({ readonly kind: 'known' } & Tokens) | { readonly kind: 'undecided'; readonly reason: string };

/** The tokens of a history of locks; none of other objects. */
export function tokensOf({ model, operations }: History): TokensFound {
  const holders =
    model === 'lock'
      ? operations.filter((each) => each.kind === 'acquire' && each.out !== false && isCertain(each))
      : [];
  if (holders.some(({ out }) => typeof out !== 'number')) {
    return { kind: 'undecided', reason: 'a lock without a fencing token does not tell who had it before' };
  }
  return { kind: 'known', holders, sessions: [...byClient(holders).values()] };
}

/** The same, with all forgotten but some operations. */
export function onlyTokens({ holders, sessions }: Tokens, kept: ReadonlySet<Operation>): Tokens {
  return {
    holders: holders.filter((each) => kept.has(each)),
    sessions: sessions.map((session) => session.filter((each) => kept.has(each))),
  };
}

/**
 * What contradicts a weaker model in locks with fencing tokens. To get a lock is to read the last token and to write the
 * next one, so that every session guarantee asks for the same: the tokens of a session grow. There is nothing that
 * could converge. That somebody else holds the lock is no matter of tokens: whether one order explains that, too, is left
 * undecided.
 */
export function tokenContradiction(tokens: Tokens, model: Weaker, bound: number): Answer {
  switch (model) {
    case 'eventual':
      return { isTested: false, contradiction: null };
    case 'bounded-staleness':
      return stale(tokens, bound);
    case 'causal':
      return causal(tokens);
    case 'causal-convergence': {
      const { isTested, contradiction } = causal(tokens);
      return { isTested, contradiction: contradiction ?? givenTwice(tokens) };
    }
    case 'sequential':
      return {
        isTested: true,
        contradiction: causal(tokens).contradiction ?? givenTwice(tokens) ?? 'undecided',
      };
    default:
      return growing(tokens);
  }
}

function growing({ sessions }: Tokens): Answer {
  let isTested = false;
  for (const session of sessions) {
    for (const own of byKey(session).values()) {
      for (const [place, holder] of own.entries()) {
        const before = own.slice(0, place).find((each) => tokenOf(each) >= tokenOf(holder));
        if (place > 0) isTested = true;
        if (before !== undefined) return { isTested, contradiction: [before, holder] };
      }
    }
  }
  return { isTested, contradiction: null };
}

/** What every session did after another, and every holder behind all with a smaller token: no circle. */
function causal({ holders, sessions }: Tokens): Answer {
  const numbers = new Map(holders.map((holder, number) => [holder, number]));
  const graph = new Graph(holders.length);
  const add = (from: Operation, to: Operation) =>
    graph.add(numbers.get(from) ?? -1, numbers.get(to) ?? -1, undefined);
  for (const session of sessions) for (const [before, after] of successions(session)) add(before, after);
  for (const part of byKey(holders).values()) {
    const groups = inGroups(part);
    groups.forEach((group, place) => {
      for (const after of groups[place + 1] ?? []) for (const before of group) add(before, after);
    });
  }
  const circle = graph.circle();
  const contradiction = circle === null ? null : byCall(circle.map((node) => holders[node] as Operation));
  return { isTested: holders.length > 1, contradiction };
}

/** Holders by their tokens, the smallest first: those of one group have the same. */
function inGroups(part: readonly Operation[]): Operation[][] {
  const groups: Operation[][] = [];
  for (const holder of [...part].sort((a, b) => tokenOf(a) - tokenOf(b))) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && tokenOf(last[0]) === tokenOf(holder)) last.push(holder);
    else groups.push([holder]);
  }
  return groups;
}

/** One order of all has one holder for a token. */
function givenTwice({ holders }: Tokens): Contradiction {
  for (const part of byKey(holders).values()) {
    const two = inGroups(part).find((group) => group.length > 1);
    if (two !== undefined) return two.slice(0, 2);
  }
  return null;
}

/** Somebody got the lock with a token that had been overtaken for longer than the bound. */
function stale({ holders }: Tokens, bound: number): Answer {
  let isTested = false;
  for (const part of byKey(holders).values()) {
    const byReturn = [...part].sort((a, b) => a.ret - b.ret);
    let old = 0;
    let newest: Operation | null = null;
    for (const holder of part) {
      for (; old < byReturn.length && (byReturn[old] as Operation).ret < holder.call - bound; old++) {
        const other = byReturn[old] as Operation;
        if (newest === null || tokenOf(other) > tokenOf(newest)) newest = other;
      }
      if (newest === null) continue;
      isTested = true;
      if (tokenOf(newest) >= tokenOf(holder)) return { isTested, contradiction: [newest, holder] };
    }
  }
  return { isTested, contradiction: null };
}

function tokenOf({ out }: Operation): number {
  return out as number;
}
