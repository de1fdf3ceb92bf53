import type { NodeId } from '../../../sim/operation.ts';
import { movesOf } from '../ring.ts';
import { MOVEMENT_ERRORS, REMOVAL_ERRORS } from './movement-errors.ts';
import { isServing, stayingOf, statusOf } from './statuses.ts';
import { isAlive } from './turn.ts';
import type { CassandraState } from './types.ts';

/** Why a node cannot be started as a new one; null: it can. */
export function refuseStart(state: CassandraState): string | null {
  return isServing(state) ? MOVEMENT_ERRORS.exists(state.self) : refuseBusy(state);
}

/** Why a node that has found a cluster cannot join it; null: it can. */
export function refuseJoin(state: CassandraState): string | null {
  if (isServing(state)) return MOVEMENT_ERRORS.exists(state.self);
  const others = state.nodes.filter((node) => node !== state.self);
  const isOnItsWay = (node: NodeId) =>
    ['JOINING', 'LEAVING', 'REMOVING'].includes(statusOf(state, node) ?? '');
  return others.some(isOnItsWay) ? MOVEMENT_ERRORS.others : null;
}

/** Why a node cannot leave (service/StorageService.java, decommission); null: it can, or is about it already. */
export function refuseLeave(state: CassandraState): string | null {
  const { replicationFactor: factor } = state.knobs;
  const busy = refuseBusy(state);
  if (busy !== null) return busy;
  const status = statusOf(state, state.self);
  if (status === 'LEAVING') return null;
  if (status !== 'NORMAL') return MOVEMENT_ERRORS.state(status === 'JOINING' ? 'JOINING' : 'DECOMMISSIONED');
  const staying = stayingOf(state);
  if (staying.length < 2) return MOVEMENT_ERRORS.pointless;
  if (staying.length <= factor) return MOVEMENT_ERRORS.tooFew(factor, staying.length);
  return isTaking(state) ? MOVEMENT_ERRORS.moving : null;
}

/** Why this node cannot remove another (the same, removeNode); null: it can. */
export function refuseRemoval(state: CassandraState, node: NodeId): string | null {
  if (!isServing(state)) return REMOVAL_ERRORS.noServer;
  const status = state.nodes.includes(node) ? statusOf(state, node) : null;
  if (status === null || status === 'LEFT') return REMOVAL_ERRORS.stranger;
  if (status === 'JOINING') return REMOVAL_ERRORS.noMember;
  if (node === state.self) return REMOVAL_ERRORS.self;
  if (isAlive(state, node)) return REMOVAL_ERRORS.alive(node);
  return state.removal === undefined ? null : REMOVAL_ERRORS.busy;
}

function refuseBusy({ movement }: CassandraState): string | null {
  if (movement === undefined) return null;
  return MOVEMENT_ERRORS.state(movement.kind === 'join' ? 'JOINING' : 'LEAVING');
}

/** Whether a range is on its way to this node. */
function isTaking(state: CassandraState): boolean {
  const { self, ring = [], futures = [], knobs } = state;
  const moves = futures.flatMap((future) => movesOf(ring, future, knobs.replicationFactor));
  return moves.some(({ before, after }) => after.includes(self) && !before.includes(self));
}
