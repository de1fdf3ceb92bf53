import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { broadcastPong, claimOf, tell } from './bus.ts';
import { apartIn, keysIn, ownerOf, setOwner, singleOf, takeApart } from './owners.ts';
import { change, follow } from './replication.ts';
import { rangesOf, SLOTS } from './slots.ts';
import { isMaster, knows, mark, masterOf, memberOf, rangesOwnedBy, reconfigured, type Turn } from './turn.ts';
import type { Claim, Head, RedisState } from './types.ts';

/** Nobody's epoch goes back: the greatest seen counts. */
export function adoptEpochs(turn: Turn, from: NodeId, head: Head): void {
  const { durable } = turn.state;
  if (head.currentEpoch > durable.currentEpoch) {
    durable.currentEpoch = head.currentEpoch;
    turn.isDirty = true;
  }
  const sender = memberOf(turn.state, from);
  if (head.claim.configEpoch > sender.configEpoch) {
    sender.configEpoch = head.claim.configEpoch;
    turn.isDirty = true;
  }
}

/** The sender says whether it is a master, and whose replica otherwise. */
export function adoptRole(turn: Turn, from: NodeId, head: Head): void {
  const { state } = turn;
  const sender = memberOf(state, from);
  if (sender.master === head.master || (head.master !== null && !knows(state, head.master))) return;
  // A master that became a replica: the one it follows has its slots now.
  if (sender.master === null && head.master !== null && sender.configEpoch <= head.claim.configEpoch) {
    moveSlots(turn, from, head.master, head.claim.configEpoch);
  }
  sender.master = head.master;
  reconfigured(turn);
  leaveSubReplica(turn);
}

/** Learns from the sender's claim, or tells the sender of a newer one. */
export function compareClaims(turn: Turn, from: NodeId, { claim, master }: Head): void {
  const { state } = turn;
  // A replica claims for its master: while that one is unknown here, for nobody.
  if (master !== null && !knows(state, master)) return;
  const ranges = rangesOfClaim(turn, claim);
  const known = rangesOwnedBy(state, masterOf(state, from));
  if (known.join() === ranges.join()) return;
  if (isMaster(state, from)) takeClaim(turn, from, claim.configEpoch, ranges);
  for (const range of ranges) {
    const owner = ownerOf(state.durable, range);
    if (owner === null || owner === from || isUnclaimed(state, range)) continue;
    if (memberOf(state, owner).configEpoch <= claim.configEpoch) continue;
    tell(turn, from, { kind: 'update', node: owner, claim: claimOf(state, owner) });
    break;
  }
}

/** Somebody tells that a third node has slots which this node thinks are another's. */
export function onUpdate(turn: Turn, node: NodeId, claim: Claim): void {
  if (node === turn.state.self || !knows(turn.state, node)) return;
  const member = memberOf(turn.state, node);
  if (member.configEpoch >= claim.configEpoch) return;
  member.master = null;
  member.configEpoch = claim.configEpoch;
  reconfigured(turn);
  takeClaim(turn, node, claim.configEpoch, rangesOfClaim(turn, claim));
}

/** The ranges of a claim as this node has them: a slot that only one of the two has apart goes with its range. */
export function rangesOfClaim(turn: Turn, { ranges, apart = [] }: Claim): readonly number[] {
  const { durable } = turn.state;
  for (const slot of apart) if (takeApart(durable, slot)) turn.isDirty = true;
  if (durable.apart === undefined) return ranges;
  const spans = rangesOf(durable.owners.length);
  const more = apartIn(durable).filter(
    (slot) =>
      !apart.includes(slot) &&
      ranges.some((range) => (spans[range]?.first ?? SLOTS) <= slot && slot <= (spans[range]?.last ?? -1)),
  );
  return [...ranges, ...more.map(singleOf)].sort((a, b) => a - b);
}

/** Two masters of one configEpoch: the one with the smaller name takes a new one, so that claims can be told apart. */
export function settleCollision(turn: Turn, from: NodeId, claim: Claim): void {
  const { state } = turn;
  const self = memberOf(state, state.self);
  if (!isMaster(state, state.self) || !isMaster(state, from)) return;
  if (claim.configEpoch !== self.configEpoch || from <= state.self) return;
  self.configEpoch = ++state.durable.currentEpoch;
  reconfigured(turn);
}

/**
 * Where the new master is this node, whatever else the other had is nobody's until its owner speaks (clusterDelNodeSlots):
 * a replica shows its master's epoch, which the owner's may not exceed.
 */
function moveSlots(turn: Turn, from: NodeId, to: NodeId, configEpoch: number): void {
  const { state } = turn;
  const ranges = rangesOwnedBy(state, from);
  if (to === state.self) {
    for (const range of ranges) setOwner(state.durable, range, null);
    return;
  }
  if (ranges.length === 0) return;
  const master = memberOf(state, to);
  master.master = null;
  master.configEpoch = Math.max(master.configEpoch, configEpoch);
  for (const range of ranges) setOwner(state.durable, range, to);
}

/** Nobody replicates a replica: when one's master becomes one, its master is the one to follow. */
function leaveSubReplica(turn: Turn): void {
  const { state } = turn;
  const { master } = memberOf(state, state.self);
  const grandmaster = master === null ? null : memberOf(state, master).master;
  if (grandmaster === null || grandmaster === state.self) return;
  follow(turn, grandmaster);
  reconfigured(turn);
}

/**
 * Slots go to the claimer with the greater configEpoch, but for those that are being moved here: only the tool that
 * began that ends it. Who has lost all slots follows the one that has them; who has some left drops the keys of the
 * others (redis cluster_legacy.c, clusterUpdateSlotsConfigWith).
 */
function takeClaim(turn: Turn, claimer: NodeId, configEpoch: number, ranges: readonly number[]): void {
  const { state } = turn;
  const { durable } = state;
  const myMaster = masterOf(state, state.self);
  let lost = 0;
  const abandoned: number[] = [];
  for (const range of ranges) {
    const owner = ownerOf(durable, range);
    if (owner === claimer || String(range) in (durable.importing ?? {})) continue;
    if (!isFree(state, range, configEpoch)) continue;
    if (owner === myMaster) lost++;
    if (owner === state.self) abandoned.push(range);
    setOwner(durable, range, claimer);
    reconfigured(turn);
  }
  noteUnclaimed(turn, claimer, ranges);
  const isBare = lost > 0 && rangesOwnedBy(state, myMaster).length === 0;
  if (isBare && (state.migrationBarrier !== null || lost === ranges.length)) {
    const isGiven = abandoned.length > 0 && abandoned.every((range) => isMovedTo(turn, range, claimer));
    follow(turn, claimer);
    if (isGiven) state.replication.wasMaster = false;
    reconfigured(turn);
    broadcastPong(turn);
    return;
  }
  leaveSubReplica(turn);
  for (const range of abandoned) dropKeys(turn, claimer, range);
}

/** Whether a claim with this epoch gets a range. */
function isFree(state: RedisState, range: number, configEpoch: number): boolean {
  const owner = ownerOf(state.durable, range);
  return owner === null || isUnclaimed(state, range) || memberOf(state, owner).configEpoch < configEpoch;
}

/**
 * What its owner does not claim any more stays bound to it until another claims it, with whatever epoch: that one's may
 * be smaller, where the former owner has taken another slot since (owner_not_claiming_slot).
 */
function isUnclaimed({ durable, unclaimed = {} }: RedisState, range: number): boolean {
  const owner = ownerOf(durable, range);
  return owner !== null && lookUp(unclaimed, String(range)) === owner;
}

function noteUnclaimed({ state }: Turn, claimer: NodeId, ranges: readonly number[]): void {
  const { unclaimed = {} } = state;
  for (const range of keysOf(unclaimed)) {
    if (unclaimed[range] === claimer || !isUnclaimed(state, Number(range))) delete unclaimed[range];
  }
  for (const range of rangesOwnedBy(state, claimer)) {
    if (!ranges.includes(range)) unclaimed[String(range)] = claimer;
  }
  if (keysOf(unclaimed).length > 0) state.unclaimed = unclaimed;
  else delete state.unclaimed;
}

/** Whether a range without keys was on its way there: then nothing is lost with it. */
function isMovedTo({ state }: Turn, range: number, claimer: NodeId): boolean {
  const { durable } = state;
  return durable.migrating?.[String(range)] === claimer && keysIn(durable, range).length === 0;
}

function dropKeys(turn: Turn, claimer: NodeId, range: number): void {
  const keys = keysIn(turn.state.durable, range);
  if (keys.length === 0) return;
  mark(turn, 'rollback', `drops its own ${keys.join(', ')}: the slots are ${claimer}'s now`);
  for (const key of keys) change(turn, key, null);
}
