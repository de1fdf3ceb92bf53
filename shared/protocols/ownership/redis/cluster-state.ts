import type { NodeId } from '../../../sim/operation.ts';
import { ownersIn } from './owners.ts';
import { isMaster, mark, memberOf, quorumOf, votersOf, type Turn } from './turn.ts';
import type { RedisState } from './types.ts';

/** A master that was started serves nothing for so long: CLUSTER_WRITABLE_DELAY. */
const WRITABLE_DELAY = 2000;
/** Bounds of how long a master waits that comes back from a minority: CLUSTER_MIN_REJOIN_DELAY and MAX. */
const REJOIN_DELAY_MIN = 500;
const REJOIN_DELAY_MAX = 5000;

/** Works out whether this node may serve at all (redis cluster_legacy.c, clusterUpdateState). */
export function updateClusterState(turn: Turn): void {
  const { state, now } = turn;
  const amMaster = isMaster(state, state.self);
  if (amMaster && !state.isClusterOk && now - state.startedAt < WRITABLE_DELAY) return;
  const reachable = reachableVoters(state).length;
  const isMinority = reachable < quorumOf(state);
  if (isMinority) state.minorityAt = now;
  const isOk =
    !isMinority && (!state.knobs.requireFullCoverage || ownersIn(state.durable).every(works(state)));
  if (isOk === state.isClusterOk) return;
  const delay = Math.min(REJOIN_DELAY_MAX, Math.max(REJOIN_DELAY_MIN, state.knobs.nodeTimeout));
  if (isOk && amMaster && state.minorityAt !== null && now - state.minorityAt < delay) return;
  state.isClusterOk = isOk;
  if (isOk) mark(turn, 'trust', 'finds the cluster up');
  else if (isMinority) {
    mark(
      turn,
      'suspect',
      `finds the cluster down: it reaches ${reachable} of ${votersOf(state).length} masters`,
    );
  } else mark(turn, 'suspect', 'finds the cluster down: slots are without a working owner');
}

/** The masters with slots that this node does not suspect, itself included. */
export function reachableVoters(state: RedisState): NodeId[] {
  return votersOf(state).filter(
    (node) => node === state.self || (!memberOf(state, node).failed && !(node in state.suspects)),
  );
}

/** Only FAIL counts here. A suspicion alone stops nothing while a majority can be reached. */
function works(state: RedisState): (owner: NodeId | null) => boolean {
  return (owner) => owner !== null && !memberOf(state, owner).failed;
}
