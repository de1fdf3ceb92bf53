import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send, setTimer } from '../../turn.ts';
import { advanced } from './claimant.ts';
import { GOSSIP, GOSSIP_LIMIT } from './constants.ts';
import { CONNECTION_CLOSED } from './errors.ts';
import { forget, meet } from './liveness.ts';
import { membersOf, peersOf, ringOf } from './membership.ts';
import { agreedStatus, reconciled } from './reconcile.ts';
import { activeMembers, changedBy, isReady, type Ring, seenBy, statusOf, withStatus } from './ring-state.ts';
import { endWork, tell, type Turn } from './turn.ts';
import { fallbacks, watchFallbacks } from './vnode.ts';

/**
 * A ring arrives (riak_core_gossip.erl, `reconcile`). One from a node that is no member any more is not looked at:
 * its sender has not heard that it is gone. A spare machine that is in the ring has lost its disk, and is given
 * its ring back, as an administrator would do it.
 */
export function onRing(turn: Turn, from: NodeId, arrived: Ring): void {
  const { self } = turn.state;
  const mine = ringOf(turn.state);
  if (mine === null) {
    if (activeMembers(arrived).includes(self)) accept(turn, seenBy(arrived, self));
  } else if (agreedStatus(mine, arrived, from) === 'invalid') {
    send(turn, from, { kind: 'ring', ring: mine });
  } else {
    const ring = reconciled(mine, arrived, self);
    if (ring !== mine) accept(turn, ring);
  }
}

/** Takes a changed ring over, does what it asks of this node, and tells two others, who tell two others each. */
export function accept(turn: Turn, ring: Ring): void {
  const { state } = turn;
  const next = isReady(ring) ? advanced(ring, state.self) : ring;
  if (statusOf(next, state.self) === 'invalid') {
    stop(turn);
    return;
  }
  const struckOff =
    next === ring ? [] : activeMembers(ring).filter((node) => statusOf(next, node) === 'invalid');
  install(turn, next);
  spread(turn, next);
  for (const node of struckOff) send(turn, node, { kind: 'ring', ring: next });
  exitWhenDone(turn);
}

/** Every ten seconds: the claimant looks what there is to do, and one member chosen by chance is told the ring. */
export function onGossip(turn: Turn): void {
  const { state } = turn;
  const { ring } = state.durable;
  if (!ring) return;
  setTimer(turn, 'gossip', GOSSIP);
  state.tokens = GOSSIP_LIMIT;
  const next = isReady(ring) ? advanced(ring, state.self) : ring;
  if (next !== ring) accept(turn, next);
  else exitWhenDone(turn);
  const peers = peersOf(state);
  const peer = peers[below(turn.random, Math.max(1, peers.length))];
  const latest = ringOf(state);
  if (peer !== undefined && latest !== null) send(turn, peer, { kind: 'ring', ring: latest });
}

/** After a start: goes on telling the ring, where it has ever changed. */
export function startGossip(turn: Turn): void {
  if (turn.state.durable.ring) setTimer(turn, 'gossip', 1 + below(turn.random >>> 12, GOSSIP));
}

function install(turn: Turn, ring: Ring): void {
  const { state } = turn;
  const before = membersOf(state);
  if (!state.durable.ring) setTimer(turn, 'gossip', 1 + below(turn.random >>> 12, GOSSIP));
  state.durable.ring = ring;
  persist(turn);
  const after = membersOf(state);
  if (after !== before) meetAndForget(turn, before, after);
  if (ring.pending.some(({ from }) => from === state.self) || fallbacks(state).length > 0)
    watchFallbacks(turn);
}

function meetAndForget(turn: Turn, before: readonly NodeId[], after: readonly NodeId[]): void {
  for (const peer of before) if (!after.includes(peer)) forget(turn, peer);
  const met = after.filter((peer) => peer !== turn.state.self && !before.includes(peer));
  for (const peer of met) meet(turn, peer);
}

/** To this node's children in a tree of all members (riak_core_gossip.erl, `recursive_gossip`). */
function spread(turn: Turn, ring: Ring): void {
  const { state } = turn;
  const members = activeMembers(ring);
  const place = members.indexOf(state.self);
  for (const child of [2 * place + 1, 2 * place + 2]) {
    const node = members[child % members.length];
    const tokens = state.tokens ?? GOSSIP_LIMIT;
    if (node === undefined || node === state.self || tokens === 0) continue;
    state.tokens = tokens - 1;
    send(turn, node, { kind: 'ring', ring });
  }
}

/**
 * A leaving node that has neither a partition nor anything in one says that it exits; the claimant strikes it off
 * once all have heard that (riak_core_ring_handler.erl, `ensure_vnodes_started`).
 */
function exitWhenDone(turn: Turn): void {
  const { state } = turn;
  const { ring } = state.durable;
  if (!ring || statusOf(ring, state.self) !== 'leaving' || !isReady(ring)) return;
  const isHolding =
    ring.owners.includes(state.self) ||
    ring.pending.some(({ from, to }) => from === state.self || to === state.self) ||
    fallbacks(state).length > 0;
  if (isHolding) return;
  mark(turn, 'members', `${state.self} has handed everything off and exits`);
  accept(turn, changedBy(withStatus(ring, state.self, 'exiting'), state.self));
}

/** "node removal completed, exiting." What it was asked is left open. */
function stop(turn: Turn): void {
  const { state } = turn;
  state.durable.ring = null;
  persist(turn);
  for (const id of keysOf(state.work)) {
    const work = lookUp(state.work, id);
    if (work === undefined) continue;
    if (work.asker.kind === 'driver') tell(turn, work.asker, CONNECTION_CLOSED);
    endWork(turn, work);
  }
  for (const peer of keysOf(state.down)) delete state.down[peer];
  for (const peer of keysOf(state.silent)) delete state.silent[peer];
  delete state.transfers;
  delete state.staged;
  mark(turn, 'members', `${state.self} is no member any more and stops`);
}
