import type { NodeId } from '../../../sim/operation.ts';
import { broadcastPong, claimOf, tell } from './bus.ts';
import { follow } from './replication.ts';
import { isMaster, masterOf, memberOf, rangesOwnedBy, reconfigured, type Turn } from './turn.ts';
import type { Claim, Head } from './types.ts';

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
  if (sender.master === head.master) return;
  // A master that became a replica: the one it follows has its slots now.
  if (sender.master === null && head.master !== null && sender.configEpoch <= head.claim.configEpoch) {
    moveSlots(turn, from, head.master, head.claim.configEpoch);
  }
  sender.master = head.master;
  reconfigured(turn);
  leaveSubReplica(turn);
}

/** Learns from the sender's claim, or tells the sender of a newer one. */
export function compareClaims(turn: Turn, from: NodeId, { claim }: Head): void {
  const { state } = turn;
  const { owners } = state.durable;
  const known = rangesOwnedBy(state, masterOf(state, from));
  if (known.join() === claim.ranges.join()) return;
  if (isMaster(state, from)) takeClaim(turn, from, claim);
  for (const range of claim.ranges) {
    const owner = owners[range] ?? null;
    if (owner === null || owner === from) continue;
    if (memberOf(state, owner).configEpoch <= claim.configEpoch) continue;
    tell(turn, from, { kind: 'update', node: owner, claim: claimOf(state, owner) });
    break;
  }
}

/** Somebody tells that a third node has slots which this node thinks are another's. */
export function onUpdate(turn: Turn, node: NodeId, claim: Claim): void {
  const member = memberOf(turn.state, node);
  if (node === turn.state.self || member.configEpoch >= claim.configEpoch) return;
  member.master = null;
  member.configEpoch = claim.configEpoch;
  reconfigured(turn);
  takeClaim(turn, node, claim);
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

function moveSlots(turn: Turn, from: NodeId, to: NodeId, configEpoch: number): void {
  const { state } = turn;
  const ranges = rangesOwnedBy(state, from);
  if (ranges.length === 0 || to === state.self) return;
  const master = memberOf(state, to);
  master.master = null;
  master.configEpoch = Math.max(master.configEpoch, configEpoch);
  for (const range of ranges) state.durable.owners[range] = to;
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

/** Slots go to the claimer with the greater configEpoch. Who has lost all of them follows the one that has them. */
function takeClaim(turn: Turn, claimer: NodeId, { configEpoch, ranges }: Claim): void {
  const { state } = turn;
  const { owners } = state.durable;
  const myMaster = masterOf(state, state.self);
  let lost = 0;
  for (const range of ranges) {
    const owner = owners[range] ?? null;
    if (owner === claimer) continue;
    if (owner !== null && memberOf(state, owner).configEpoch >= configEpoch) continue;
    if (owner === myMaster) lost++;
    owners[range] = claimer;
    reconfigured(turn);
  }
  if (lost === 0 || rangesOwnedBy(state, myMaster).length > 0) {
    leaveSubReplica(turn);
    return;
  }
  follow(turn, claimer);
  reconfigured(turn);
  broadcastPong(turn);
}
