import { unreachable } from '../../../base/assert.ts';
import { keysOf } from '../../../base/table.ts';
import { broadcastPong } from './bus.ts';
import { firstSlotOf, keysIn, ownerOf, rangeAt, setOwner, singleOf, slotAlone, takeApart } from './owners.ts';
import { follow } from './replication.ts';
import type { ClusterRequest } from './requests.ts';
import { slotOf } from './slots.ts';
import { isMaster, knows, mark, memberOf, rangesOwnedBy, reconfigured, type Turn } from './turn.ts';
import type { Durable } from './types.ts';

type SetSlot = ClusterRequest & { readonly kind: 'setslot' };

/** CLUSTER SETSLOT (redis cluster_legacy.c). Returns the error, or null. */
export function setSlot(turn: Turn, request: SetSlot): string | null {
  const { state } = turn;
  const { durable, self } = state;
  const { range, to, node } = request;
  if (!isMaster(state, self)) return 'ERR Please use SETSLOT only with masters.';
  if (!knows(state, node))
    return to === 'node' ? `ERR Unknown node ${node}` : `ERR I don't know about node ${node}`;
  if (to !== 'stable' && !isMaster(state, node)) return 'ERR Target node is not a master';
  const single = slotAlone(range);
  if (single !== null) takeApart(durable, single);
  reconfigured(turn);
  const slot = firstSlotOf(durable, range);
  const isMine = ownerOf(durable, range) === self;
  switch (to) {
    case 'migrating':
      if (!isMine) return `ERR I'm not the owner of hash slot ${slot}`;
      (durable.migrating ??= {})[String(range)] = node;
      return null;
    case 'importing':
      if (isMine) return `ERR I'm already the owner of hash slot ${slot}`;
      (durable.importing ??= {})[String(range)] = node;
      return null;
    case 'stable':
      closeRange(durable, range);
      return null;
    case 'node':
      return assign(turn, request);
    default:
      return unreachable(to);
  }
}

/**
 * A master that starts with keys of slots that are not its own takes those that are nobody's and opens the others, so
 * that a fix finds them (verifyClusterConfigWithData).
 */
export function openWhatIsHeld(turn: Turn): void {
  const { durable, self } = turn.state;
  for (const key of keysOf(durable.data)) {
    const slot = slotOf(key);
    const owner = ownerOf(durable, rangeAt(durable, slot));
    if (owner === self || String(rangeAt(durable, slot)) in (durable.importing ?? {})) continue;
    takeApart(durable, slot);
    if (owner === null) setOwner(durable, singleOf(slot), self);
    else (durable.importing ??= {})[String(singleOf(slot))] = owner;
    reconfigured(turn);
  }
}

/**
 * CLUSTER DELSLOTS, ADDSLOTS and BUMPEPOCH in one transaction: in between, the claim of an owner with a greater epoch
 * would take the slots away again (redis-cli.c, clusterManagerSetSlotOwner).
 */
export function takeSlots(turn: Turn, range: number): void {
  const { durable, self } = turn.state;
  deleteSlots(turn, range);
  setOwner(durable, range, self);
  delete durable.importing?.[String(range)];
  tidy(durable);
  bumpEpoch(turn);
  reconfigured(turn);
  mark(turn, 'failover', `owns ${describeSlots(durable, range)} now`);
}

/** CLUSTER DELSLOTS: for this node the slots are nobody's. Returns the error, or null. */
export function deleteSlots(turn: Turn, range: number): string | null {
  const { durable } = turn.state;
  const single = slotAlone(range);
  if (single !== null) takeApart(durable, single);
  if (ownerOf(durable, range) === null)
    return `ERR Slot ${firstSlotOf(durable, range)} is already unassigned`;
  setOwner(durable, range, null);
  reconfigured(turn);
  return null;
}

/**
 * SETSLOT NODE. Who imported the slot takes an epoch greater than all, without asking for votes: so that its claim
 * wins over the former owner's.
 */
function assign(turn: Turn, { range, node }: SetSlot): string | null {
  const { state } = turn;
  const { durable, self } = state;
  const wasMine = ownerOf(durable, range) === self;
  const isHeld = keysIn(durable, range).length > 0;
  if (wasMine && node !== self && isHeld) {
    return `ERR Can't assign hashslot ${firstSlotOf(durable, range)} to a different node while I still hold keys for this hash slot.`;
  }
  if (!isHeld) delete durable.migrating?.[String(range)];
  const isTaken = node === self && String(range) in (durable.importing ?? {});
  setOwner(durable, range, node);
  if (isTaken) {
    delete durable.importing?.[String(range)];
    bumpEpoch(turn);
    mark(turn, 'failover', `owns ${describeSlots(durable, range)} now`);
    broadcastPong(turn);
  } else if (
    wasMine &&
    node !== self &&
    rangesOwnedBy(state, self).length === 0 &&
    state.migrationBarrier !== null
  ) {
    follow(turn, node);
    // Its last slot was given away with all that was in it: nothing is here that others do not have.
    state.replication.wasMaster = false;
  }
  tidy(durable);
  return null;
}

/** Takes the greatest epoch of all, unless it has that (clusterBumpConfigEpochWithoutConsensus). */
function bumpEpoch(turn: Turn): void {
  const { state } = turn;
  const { durable } = state;
  const greatest = Math.max(
    durable.currentEpoch,
    ...state.nodes.map((node) => memberOf(state, node).configEpoch),
  );
  const self = memberOf(state, state.self);
  if (self.configEpoch !== 0 && self.configEpoch === greatest) return;
  self.configEpoch = ++durable.currentEpoch;
  reconfigured(turn);
}

function describeSlots(durable: Durable, range: number): string {
  const slot = slotAlone(range);
  return slot === null ? `the slots from ${firstSlotOf(durable, range)}` : `slot ${slot}`;
}

function closeRange(durable: Durable, range: number): void {
  delete durable.migrating?.[String(range)];
  delete durable.importing?.[String(range)];
  tidy(durable);
}

/** What is empty is left out. */
function tidy(durable: Durable): void {
  if (keysOf(durable.migrating ?? {}).length === 0) delete durable.migrating;
  if (keysOf(durable.importing ?? {}).length === 0) delete durable.importing;
}
