import { persist, send } from '../../turn.ts';
import { SIBLINGS_MAX } from './constants.ts';
import { countAnswers, isEnough, writeNeeds } from './demands.ts';
import { EMPTY, updated } from './entry.ts';
import {
  insufficientVnodes,
  REQUEST_TIMED_OUT,
  tooManySiblings,
  unsatisfied,
  writeValuesInvalid,
} from './errors.ts';
import { isUp } from './liveness.ts';
import { ownersOf } from './membership.ts';
import { preferenceList } from './ring.ts';
import { begin, endWork, nextId, tell, type Turn } from './turn.ts';
import type { Asker, Asked, Needs, PutRequest, PutWork, Reply } from './types.ts';
import { actorFor, heldAt, keep, replicate } from './vnode.ts';

/**
 * Coordinates a write (riak_kv_put_fsm.erl): a vnode of the key at this node makes the new object and stores it,
 * then the others get it. Nothing is ever taken back: a write that misses what was demanded stays wherever it
 * has arrived.
 */
export function startPut(turn: Turn, asker: Asker, put: PutRequest): void {
  const { state } = turn;
  const list = preferenceList(put.key, ownersOf(state), state.knobs.n, (node) => isUp(state, node));
  const places = list.map((place): Asked => ({ ...place, answered: false }));
  const needs = writeNeeds(put.wanted, state.knobs.n);
  const refusal = needs === null ? writeValuesInvalid(state.knobs.n) : refuse(places, needs);
  const own = places.find(({ node }) => node === state.self);
  if (needs === null || refusal !== null || own === undefined) {
    tell(turn, asker, refusal ?? insufficientVnodes(0, 1));
    return;
  }
  const held = heldAt(state, own.partition, put.key);
  const actor = actorFor(turn, put.key, held);
  const entry = updated(state.knobs, held?.entry ?? EMPTY, put.update, put.context, actor, turn.now);
  const siblings = entry.object.values.length;
  if (siblings > SIBLINGS_MAX) {
    persist(turn);
    tell(turn, asker, tooManySiblings(siblings));
    return;
  }
  keep(turn, own.partition, put.key, { entry, actor });
  own.answered = true;
  const work: PutWork = { kind: 'put', id: nextId(state), asker, key: put.key, entry, places, needs };
  begin(turn, work);
  askOthers(turn, work);
  proceed(turn, work);
}

export function onPutOk(turn: Turn, partition: number, work: PutWork): void {
  const place = work.places.find((other) => other.partition === partition);
  if (place === undefined || place.answered) return;
  place.answered = true;
  proceed(turn, work);
}

export function onPutTimeout(turn: Turn, work: PutWork): void {
  tell(turn, work.asker, { ...REQUEST_TIMED_OUT, class: 'info' });
  endWork(turn, work);
}

/** Refused before anything is written: certainly not done. */
function refuse(places: readonly Asked[], needs: Needs): Reply | null {
  const primaries = places.filter(({ isPrimary }) => isPrimary).length;
  if (needs.primaries > primaries) return unsatisfied('PW', primaries, needs.primaries, 'fail');
  const least = Math.max(1, needs.vnodes, needs.primaries);
  return places.length < least ? insufficientVnodes(places.length, least) : null;
}

/** This node's other vnodes first, so that one write to disk goes before all messages. */
function askOthers(turn: Turn, { id, key, entry, places }: PutWork): void {
  const { self } = turn.state;
  for (const place of places) {
    if (place.node !== self || place.answered) continue;
    replicate(turn, place.partition, key, entry);
    place.answered = true;
  }
  for (const { node, partition } of places) {
    if (node !== self) send(turn, node, { kind: 'put', id, partition, key, entry });
  }
}

function proceed(turn: Turn, work: PutWork): void {
  const have = countAnswers(work.places);
  if (isEnough(have, work.needs)) tell(turn, work.asker, { kind: 'stored', entry: work.entry });
  else if (have.vnodes < work.places.length) return;
  else tell(turn, work.asker, unsatisfied('node_confirms', have.nodes, work.needs.nodes, 'info'));
  endWork(turn, work);
}
