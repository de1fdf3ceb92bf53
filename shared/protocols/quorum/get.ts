import { keysOf, lookUp } from '../../base/table.ts';
import { contextOf, describeVersions, labelOf, mergeVersions } from '../../data/versions.ts';
import type { NodeId } from '../../sim/operation.ts';
import { PEER_WAIT, ROUNDS_MAX } from './constants.ts';
import { suspect } from './detector.ts';
import { answers, isWaiting, ownersOf, placesOf, refill } from './places.ts';
import { held, keep, resolve } from './storage.ts';
import { endWork, mark, nextId, send, setTimer, tell, type Turn } from './turn.ts';
import type { Asker, Copies, GetWork, Place } from './types.ts';

/**
 * Coordinates a read (DeCandia et al. 2007 §4.5): asks the N places of the key, answers at R with every version
 * that none of the others supersedes, then waits a little for the rest and repairs who was behind (§5). Any
 * node coordinates reads: only writes need one of the first N, for the version that it makes (§6.4).
 */
export function startGet(turn: Turn, asker: Asker, key: string): void {
  const { state } = turn;
  const places = placesOf(state, key);
  if (places.length < state.knobs.r) {
    const error = `quorum not reached: R=${state.knobs.r}, healthy=${places.length}`;
    tell(turn, asker, { kind: 'refused', class: 'fail', error });
    return;
  }
  const work: GetWork = {
    kind: 'get',
    id: nextId(state),
    asker,
    key,
    places,
    found: {},
    rounds: 1,
    told: false,
  };
  state.work[work.id] = work;
  ask(turn, work, places);
  proceed(turn, work);
}

export function onGot(turn: Turn, from: NodeId, work: GetWork, versions: Copies): void {
  const place = work.places.find(({ node }) => node === from);
  if (place === undefined || place.state === 'answered') return;
  place.state = 'answered';
  work.found[from] = versions;
  proceed(turn, work);
}

export function onGetWait(turn: Turn, work: GetWork): void {
  for (const place of work.places) {
    if (place.state !== 'waiting') continue;
    place.state = 'silent';
    suspect(turn, place.node);
  }
  if (!work.told && work.rounds < ROUNDS_MAX) {
    work.rounds++;
    ask(turn, work, refill(turn.state, work.key, work.places));
  }
  proceed(turn, work);
}

function ask(turn: Turn, work: GetWork, places: readonly Place[]): void {
  const { state } = turn;
  for (const place of places) {
    if (place.node === state.self) {
      work.found[state.self] = held(state, work.key);
      place.state = 'answered';
    } else send(turn, place.node, { kind: 'get', id: work.id, key: work.key });
  }
  if (isWaiting(places)) setTimer(turn, `wait-${work.id}`, PEER_WAIT);
}

function proceed(turn: Turn, work: GetWork): void {
  const { knobs } = turn.state;
  const replies = answers(work.places);
  if (!work.told && replies >= knobs.r) {
    work.told = true;
    const all = allFound(work);
    // The context covers what the resolver hides, too: the next write ends the conflict.
    tell(turn, work.asker, { kind: 'found', versions: resolve(knobs, all), context: contextOf(all) });
  }
  if (isWaiting(work.places)) return;
  if (work.told) repair(turn, work);
  else {
    const error = `quorum not reached: R=${knobs.r}, replies=${replies}`;
    tell(turn, work.asker, { kind: 'refused', class: 'fail', error });
  }
  endWork(turn, work);
}

/** Read repair: owners that answered with less than all there is get the rest. */
function repair(turn: Turn, work: GetWork): void {
  const { self } = turn.state;
  const { key, found } = work;
  const all = allFound(work);
  const label = labelOf(all);
  for (const owner of ownersOf(turn.state, key)) {
    const known = lookUp(found, owner);
    if (known === undefined || labelOf(known) === label) continue;
    mark(turn, 'repair', `${self} repairs ${key} at ${owner} (${describeVersions(all)})`);
    if (owner === self) keep(turn, key, all, null);
    else send(turn, owner, { kind: 'repair', key, versions: all });
  }
}

function allFound(work: GetWork): Copies {
  let all: Copies = [];
  for (const node of keysOf(work.found)) all = mergeVersions(all, lookUp(work.found, node) ?? []);
  return all;
}
