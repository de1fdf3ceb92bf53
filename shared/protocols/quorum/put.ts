import { lookUp } from '../../base/table.ts';
import { truncate, withDot } from '../../data/version-vector.ts';
import { labelOf } from '../../data/versions.ts';
import type { NodeId } from '../../sim/operation.ts';
import { LATE_WAIT, PEER_WAIT, ROUNDS_MAX, VECTOR_MAX } from './constants.ts';
import { suspect } from './detector.ts';
import { copiesMade, isWaiting, placesOf, refill } from './places.ts';
import { dropHint, keep } from './storage.ts';
import { endWork, nextId, persist, send, setTimer, tell, type Turn } from './turn.ts';
import type { Asker, Copy, Place, PutRequest, PutWork } from './types.ts';

/**
 * Coordinates a write (DeCandia et al. 2007 §4.5): makes the version, has it kept in the N places of its key,
 * and reports success once W of them have it. Nothing is ever taken back: a write that misses W stays wherever
 * it has arrived and may turn up later.
 */
export function startPut(turn: Turn, asker: Asker, put: PutRequest): void {
  const { state } = turn;
  const places = placesOf(state, put.key);
  if (places.length < state.knobs.w) {
    // Refused before anything is kept or sent: certainly not done.
    const error = `quorum not reached: W=${state.knobs.w}, healthy=${places.length}`;
    tell(turn, asker, { kind: 'refused', class: 'fail', error });
    return;
  }
  const work: PutWork = {
    kind: 'put',
    id: nextId(state),
    asker,
    key: put.key,
    version: createVersion(turn, put),
    places,
    rounds: 1,
    told: false,
  };
  state.work[work.id] = work;
  ask(turn, work, places);
  proceed(turn, work);
}

export function onPutOk(turn: Turn, from: NodeId, work: PutWork): void {
  const place = work.places.find(({ node }) => node === from);
  if (place === undefined || place.state === 'answered') return;
  if (place.state === 'silent' && place.owner === from) cancelHints(turn, work, from);
  place.state = 'answered';
  proceed(turn, work);
}

/** Whoever is silent is thought down; the next healthy nodes get a chance. */
export function onPutWait(turn: Turn, work: PutWork): void {
  if (!isWaiting(work.places)) {
    endWork(turn, work);
    return;
  }
  for (const place of work.places) {
    if (place.state !== 'waiting') continue;
    place.state = 'silent';
    suspect(turn, place.node);
  }
  if (work.rounds < ROUNDS_MAX) {
    work.rounds++;
    ask(turn, work, refill(turn.state, work.key, work.places));
  }
  proceed(turn, work);
}

/** A copy asked of this replica, by itself or by another that coordinates. */
export function onPut(turn: Turn, key: string, version: Copy, standInFor: NodeId | null): void {
  keep(turn, key, [version], standInFor);
}

/**
 * The version of a write: a dot of this node's own, on top of what the writer had seen. The count is on disk
 * before anybody hears of the version; counted from memory it would start again after a crash, and the same dot
 * would name two values, of which copies keep whichever they met first.
 */
function createVersion(turn: Turn, put: PutRequest): Copy {
  const { writer, counters } = turn.state.durable;
  const counter = (lookUp(counters, put.key) ?? 0) + 1;
  counters[put.key] = counter;
  persist(turn);
  // The new dot is one entry of the vector, so the past may have one less.
  const own = lookUp(put.context, writer);
  const others = { ...put.context };
  delete others[writer];
  const past = truncate(others, VECTOR_MAX - 1);
  if (own !== undefined) past[writer] = own;
  return {
    dot: { node: writer, counter },
    past,
    value: put.value,
    deleted: put.deleted,
    at: turn.now,
  };
}

/** This node's own copy comes first, so that one write to disk goes before all messages. */
function ask(turn: Turn, work: PutWork, places: readonly Place[]): void {
  const { self } = turn.state;
  const { id, key, version } = work;
  for (const place of places) {
    if (place.node !== self) continue;
    onPut(turn, key, version, standInFor(place));
    place.state = 'answered';
  }
  for (const place of places) {
    if (place.node === self) continue;
    send(turn, place.node, { kind: 'put', id, key, version, standInFor: standInFor(place) });
  }
  if (isWaiting(places)) setTimer(turn, `wait-${id}`, PEER_WAIT);
}

function standInFor({ owner, node }: Place): NodeId | null {
  return node === owner ? null : owner;
}

function proceed(turn: Turn, work: PutWork): void {
  const { w } = turn.state.knobs;
  const acks = copiesMade(work.places);
  const { dot, past, at } = work.version;
  if (!work.told && acks >= w) {
    work.told = true;
    tell(turn, work.asker, { kind: 'stored', context: withDot(past, dot, at) });
  }
  if (isWaiting(work.places)) return;
  if (!work.told) {
    const error = `quorum not reached: W=${w}, acks=${acks}`;
    work.told = true;
    tell(turn, work.asker, { kind: 'refused', class: 'info', error });
  }
  if (work.places.some(({ state }) => state === 'silent')) setTimer(turn, `wait-${work.id}`, LATE_WAIT);
  else endWork(turn, work);
}

/** An owner thought down has the write after all: those who keep it for that owner need not. */
function cancelHints(turn: Turn, work: PutWork, owner: NodeId): void {
  const { key, places, version } = work;
  const label = labelOf([version]);
  for (const place of places) {
    if (place.owner !== owner || place.node === owner) continue;
    if (place.node === turn.state.self) dropHint(turn, owner, key, label);
    else send(turn, place.node, { kind: 'drop-hint', owner, key, label });
  }
}
