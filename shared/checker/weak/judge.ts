import type { History, Operation } from '../history.ts';
import { impliedBy, spared } from '../implied.ts';
import { DEFAULT_BOUND, OK, UNTESTED, type Judged, type Options } from '../judgement.ts';
import { tell } from '../tell.ts';
import { additiveContradiction } from './additive.ts';
import { collectionsOf } from './collections.ts';
import { contradictionOf, type Answer, type Weaker } from './contradiction.ts';
import { relationsOf } from './relations.ts';
import { onlyTally, talliesOf } from './tallies.ts';
import { onlyTokens, tokenContradiction, tokensOf } from './tokens.ts';
import { visibilityContradiction } from './visibility.ts';
import { fewest, smallest, smallestOfCollections } from './witness.ts';

/**
 * Judges a history against a weaker model than linearizability, by what its objects tell of who saw whom: registers by
 * their values, sets and lists by their items, counters and banks by their sums, locks by their fencing tokens.
 */
export function judgeWeaker(history: History, model: Weaker, options: Options): Judged {
  const known = spared(history, model, options);
  if (known !== null) return known;
  const judged = [
    judgeRegisters(history, model, options),
    judgeCollections(history, model, options),
    judgeTallies(history, model, options),
    judgeTokens(history, model, options),
  ].filter((each) => each !== null);
  const broken = judged.find(({ verdict }) => verdict === 'violated');
  if (broken !== undefined) return broken;
  const open = judged.find(({ verdict }) => verdict === 'unknown') ?? leftOpen(judged, model);
  // What was searched for one order already is not searched again.
  if (open === SEARCHED && judged.length === 1) return open;
  if (open !== null) return impliedBy([history], model, options) ?? open;
  return judged.find(({ verdict }) => verdict === 'ok') ?? UNTESTED;
}

/** Models that are about all keys at once do not follow from what holds of some keys each. */
export function leftOpen(judged: readonly Judged[], model: Weaker): Judged | null {
  const isOfAllKeys = ['sequential', 'causal', 'causal-convergence'].includes(model);
  if (!isOfAllKeys || judged.length < 2) return null;
  return {
    verdict: 'unknown',
    reason: 'objects of several kinds hold each for themselves, and were not compared',
  };
}

/** Null when there are none. */
function judgeRegisters(history: History, model: Weaker, options: Options): Judged | null {
  const { steps, bound = DEFAULT_BOUND } = options;
  const relations = relationsOf(history);
  if (relations.kind === 'thin-air') return contradicted([relations.reader], history, options);
  if (relations.kind === 'undecided') return undecided(relations.reason);
  const { operations, sources } = relations;
  const hasFailed = model === 'sequential' && history.operations.some(isFailedCompare);
  const why = hasFailed ? 'a compare-and-set that failed is not part of this check' : null;
  const doubt = relations.doubt ?? why;
  if (sources.size === 0 && doubt === null) return operations.length === 0 ? null : UNTESTED;
  const answer = contradictionOf(relations, model, bound, steps);
  if (answer.contradiction === 'undecided') return doubt === null ? SEARCHED : undecided(doubt);
  return judgedBy(answer, doubt, history, options, (contradiction) =>
    smallest(relations, contradiction, model, bound),
  );
}

/** Null when there are none. */
function judgeCollections(history: History, model: Weaker, options: Options): Judged | null {
  const { bound = DEFAULT_BOUND } = options;
  const collections = collectionsOf(history);
  if (collections.kind === 'thin-air') return contradicted(collections.witness, history, options);
  if (collections.kind === 'undecided') return undecided(collections.reason);
  const { operations, shown, doubt } = collections;
  if (operations.length === 0) return doubt === null ? null : undecided(doubt);
  if (shown.size === 0) return doubt === null ? UNTESTED : undecided(doubt);
  const answer = visibilityContradiction(collections, model, bound);
  return judgedBy(answer, doubt, history, options, (contradiction) =>
    smallestOfCollections(collections, contradiction, model, bound),
  );
}

/** Null when there are none. */
function judgeTallies(history: History, model: Weaker, options: Options): Judged | null {
  const { bound = DEFAULT_BOUND } = options;
  const found = talliesOf(history);
  if (found.kind === 'undecided') return undecided(found.reason);
  const judged = found.tallies.map((tally) => {
    const answer = additiveContradiction(tally, model, bound);
    return judgedBy(answer, null, history, options, (contradiction) =>
      fewest(history.operations, contradiction, (kept) =>
        isBroken(additiveContradiction(onlyTally(tally, kept), model, bound)),
      ),
    );
  });
  const worst = ['violated', 'unknown', 'ok', 'vacuous'] as const;
  return worst.map((verdict) => judged.find((each) => each.verdict === verdict)).find(Boolean) ?? null;
}

/** Null when there are none. */
function judgeTokens(history: History, model: Weaker, options: Options): Judged | null {
  if (history.model !== 'lock') return null;
  const { bound = DEFAULT_BOUND } = options;
  const tokens = tokensOf(history);
  if (tokens.kind === 'undecided') return undecided(tokens.reason);
  const answer = tokenContradiction(tokens, model, bound);
  return judgedBy(answer, null, history, options, (contradiction) =>
    fewest(history.operations, contradiction, (kept) =>
      isBroken(tokenContradiction(onlyTokens(tokens, kept), model, bound)),
    ),
  );
}

/** What an answer says; without a contradiction there may be a `doubt` left. */
function judgedBy(
  { isTested, contradiction }: Answer,
  doubt: string | null,
  history: History,
  options: Options,
  shrink: (contradiction: readonly Operation[]) => Operation[],
): Judged {
  if (contradiction === 'undecided') return undecided('its answers do not tell whose changes are in them');
  if (contradiction !== null) return contradicted(shrink(contradiction), history, options);
  if (doubt !== null) return undecided(doubt);
  return isTested ? OK : UNTESTED;
}

function isBroken({ contradiction }: Answer): boolean {
  return contradiction !== null && contradiction !== 'undecided';
}

function isFailedCompare({ kind, out, ret }: Operation): boolean {
  return kind === 'cas' && out === false && ret !== Infinity;
}

const SEARCHED: Judged = undecided('neither an order nor a contradiction was found in time');

function undecided(reason: string): Judged {
  return { verdict: 'unknown', reason };
}

function contradicted(witness: readonly Operation[], { model }: History, { cuts }: Options): Judged {
  const story = tell(model, witness, cuts);
  return { verdict: 'violated', reason: 'these contradict each other', witness, story };
}
