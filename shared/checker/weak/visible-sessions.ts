import { byClient, byKey, isCertain, type Operation } from '../history.ts';
import type { Contradiction } from './causal.ts';
import { inTime, isLook, type Collections } from './collections.ts';
import type { Answer } from './contradiction.ts';
import type { Guarantee } from './sessions.ts';

/** A put that has to be known to whoever knows what follows it, and by which operation of the session. */
type Demand = { readonly put: Operation; readonly by: Operation };

/**
 * Terry et al. ask of every look that its replica knew certain puts: the session's own (read your writes), those it
 * had seen (monotonic reads), and for each put that it shows, those that the putting session had made (monotonic
 * writes) or seen before (writes follow reads). In a list these stand before it, too.
 */
export function visibleSessions(collections: Collections, guarantee: Guarantee): Answer {
  const isAboutPuts = guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads';
  const isOfOwn = guarantee === 'read-your-writes' || guarantee === 'monotonic-writes';
  let isTested = false;
  for (const part of byKey(collections.sessions.flat()).values()) {
    const looks = part.filter(isLook);
    for (const own of byClient(part).values()) {
      const demands: Demand[] = [];
      const demanded = new Set<Operation>();
      const targets: { readonly of: Operation; readonly count: number }[] = [];
      for (const operation of own) {
        if (isLook(operation) !== isAboutPuts && demands.length > 0) {
          targets.push({ of: operation, count: demands.length });
        }
        if (!isCertain(operation) || isLook(operation) === isOfOwn) continue;
        for (const put of isOfOwn ? [operation] : (collections.shown.get(operation) ?? [])) {
          if (demanded.has(put)) continue;
          demanded.add(put);
          demands.push({ put, by: operation });
        }
      }
      if (targets.length > 0 && looks.length > 0) isTested = true;
      const contradiction = isAboutPuts
        ? first(looks, (look) => unmetBehindPuts(collections, demands, targets, look))
        : first(targets, (target) => unmetByLook(collections, demands, target));
      if (contradiction !== null) return { isTested, contradiction };
    }
  }
  return { isTested, contradiction: null };
}

/** A later operation of a session, and how many of the session's demands count for it. */
type Target = { readonly of: Operation; readonly count: number };

function first<T>(items: readonly T[], find: (item: T) => Contradiction): Contradiction {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** A look of the session itself that lacks what is demanded. */
function unmetByLook(
  { lacking }: Collections,
  demands: readonly Demand[],
  { of, count }: Target,
): Contradiction {
  const missing = new Set(lacking.get(of));
  const demand = demands.slice(0, count).find(({ put }) => missing.has(put));
  return demand === undefined ? null : inTime(demand.by, of);
}

/** Anybody's look that shows a put of the session, and lacks what is demanded of that, or has it behind the put. */
function unmetBehindPuts(
  { shown, lacking, isOrdered }: Collections,
  demands: readonly Demand[],
  targets: readonly Target[],
  look: Operation,
): Contradiction {
  const places = new Map((shown.get(look) ?? []).map((put, place) => [put, place]));
  const missing = new Set(lacking.get(look));
  const placeOf = (put: Operation): number => places.get(put) ?? -1;
  let next = 0;
  let latest: Demand | undefined;
  for (const { of, count } of targets) {
    if (!places.has(of)) continue;
    for (; next < count; next++) {
      const demand = demands[next] as Demand;
      if (missing.has(demand.put)) return inTime(demand.by, of, look);
      if (latest === undefined || placeOf(demand.put) > placeOf(latest.put)) latest = demand;
    }
    if (latest === undefined || !isOrdered(look.key)) continue;
    if (placeOf(latest.put) > placeOf(of)) return inTime(latest.by, of, look);
  }
  return null;
}
