import { keysOf, lookUp } from '../../../base/table.ts';
import { mark, send } from '../../turn.ts';
import { countAnswers, isEnough, readNeeds } from './demands.ts';
import { EMPTY, type Entry, labelOf, mergeEntries } from './entry.ts';
import { insufficientVnodes, readValuesInvalid, REQUEST_TIMED_OUT, unsatisfied } from './errors.ts';
import { isUp } from './liveness.ts';
import { ownersOf } from './membership.ts';
import { preferenceList } from './ring.ts';
import { begin, endWork, nextId, tell, type Turn } from './turn.ts';
import type { Asker, Asked, GetRequest, GetWork, Needs, Reply } from './types.ts';
import { absorb, heldAt } from './vnode.ts';

/**
 * Coordinates a read (riak_kv_get_fsm.erl): asks all N vnodes, answers at r with the merge of what they have,
 * and repairs who was behind once all have answered or time is up. A vnode that has nothing counts as an answer
 * (`notfound_ok`).
 */
export function startGet(turn: Turn, asker: Asker, { key, wanted }: GetRequest): void {
  const { state } = turn;
  const list = preferenceList(key, ownersOf(state), state.knobs.n, (node) => isUp(state, node));
  const places = list.map((place): Asked => ({ ...place, answered: false }));
  const needs = readNeeds(wanted, state.knobs.n);
  const refusal = needs === null ? readValuesInvalid(state.knobs.n) : refuse(places, needs);
  if (needs === null || refusal !== null) {
    tell(turn, asker, refusal ?? REQUEST_TIMED_OUT);
    return;
  }
  const id = nextId(state);
  const work: GetWork = { kind: 'get', id, asker, key, places, needs, found: {}, told: false };
  begin(turn, work);
  for (const place of places) {
    if (place.node === state.self) note(work, place, heldAt(state, place.partition, key)?.entry ?? null);
    else send(turn, place.node, { kind: 'get', id, partition: place.partition, key });
  }
  proceed(turn, work);
}

export function onGot(turn: Turn, partition: number, work: GetWork, entry: Entry | null): void {
  const place = work.places.find((other) => other.partition === partition);
  if (place === undefined || place.answered) return;
  note(work, place, entry);
  proceed(turn, work);
}

export function onGetTimeout(turn: Turn, work: GetWork): void {
  repair(turn, work);
  if (!work.told) tell(turn, work.asker, REQUEST_TIMED_OUT);
  endWork(turn, work);
}

function refuse(places: readonly Asked[], needs: Needs): Reply | null {
  const primaries = places.filter(({ isPrimary }) => isPrimary).length;
  if (needs.primaries > primaries) return unsatisfied('PR', primaries, needs.primaries, 'fail');
  const least = Math.max(1, needs.vnodes);
  return places.length < least ? insufficientVnodes(places.length, least) : null;
}

function note(work: GetWork, place: Asked, entry: Entry | null): void {
  place.answered = true;
  work.found[String(place.partition)] = entry;
}

/** With the last answer the repair of this node's own copies goes first: they are on disk before the reader hears of it. */
function proceed(turn: Turn, work: GetWork): void {
  const have = countAnswers(work.places);
  const isComplete = have.vnodes === work.places.length;
  if (isComplete) repair(turn, work);
  if (!work.told && isEnough(have, work.needs)) {
    work.told = true;
    tell(turn, work.asker, { kind: 'found', entry: allFound(turn, work) });
  }
  if (isComplete) endWork(turn, work);
}

/** Read repair: vnodes that have answered with less than all there is get the rest. */
function repair(turn: Turn, work: GetWork): void {
  const { self } = turn.state;
  const { key, found } = work;
  const entry = allFound(turn, work);
  const label = labelOf(entry);
  const stale = work.places.filter((place) => {
    return place.answered && labelOf(lookUp(found, String(place.partition)) ?? EMPTY) !== label;
  });
  for (const { node, partition } of stale) if (node === self) absorb(turn, partition, key, entry);
  for (const { node, partition } of stale) {
    mark(turn, 'repair', `${self} repairs ${key} at ${node}`);
    if (node !== self) send(turn, node, { kind: 'repair', partition, key, entry });
  }
}

function allFound({ state }: Turn, { found }: GetWork): Entry {
  const [first = EMPTY, ...others] = keysOf(found).flatMap((partition) => lookUp(found, partition) ?? []);
  return others.reduce((all, entry) => mergeEntries(state.knobs, all, entry), first);
}
