import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { broadcastPong } from './bus.ts';
import { replicasOf } from './members.ts';
import { follow } from './replication.ts';
import { layoutOf } from './slots.ts';
import { isMaster, mark, memberOf, rangesOwnedBy, reconfigured, type Turn } from './turn.ts';

/** So long must a master have been without replicas: those of a failover make themselves known in that time. */
const MIGRATION_DELAY = 5000;
/** cluster-migration-barrier, unless set otherwise. */
export const MIGRATION_BARRIER = 1;

/**
 * A replica of the master that has most goes to a master that has lost all of its own, so that this one's failure
 * loses no slots either (redis cluster_legacy.c, clusterCron and clusterHandleSlaveMigration).
 */
export function considerMigration(turn: Turn): void {
  const { state, now } = turn;
  const { migrationBarrier: barrier = MIGRATION_BARRIER } = state;
  const { master } = memberOf(state, state.self);
  if (master === null || barrier === null) return;
  const working = new Map(state.nodes.map((node) => [node, workingReplicas(turn, node)]));
  const most = Math.max(...[...working.values()].map(({ length }) => length));
  const mine = working.get(master) ?? [];
  if (most < 2 || mine.length < most) return;
  const orphans = state.nodes.filter((node) => isOrphaned(turn, node, working.get(node) ?? []));
  noteOrphans(turn, orphans);
  if (!state.isClusterOk || mine.filter((node) => !(node in state.suspects)).length <= barrier) return;
  const target = orphans[0];
  const richest = [...working.values()].filter(({ length }) => length === most).flat();
  if (target === undefined || richest.some((node) => node < state.self)) return;
  if (now - (lookUp(state.orphans ?? {}, target) ?? now) <= MIGRATION_DELAY) return;
  mark(turn, 'role', `leaves ${master} for ${target}, which has no replica any more`);
  follow(turn, target);
  reconfigured(turn);
  broadcastPong(turn);
}

function workingReplicas(turn: Turn, node: NodeId): NodeId[] {
  if (!isMaster(turn.state, node)) return [];
  return replicasOf(turn, node).filter((replica) => !memberOf(turn.state, replica).failed);
}

/** A working master with slots that had replicas once, or was one itself, and has none that works. */
function isOrphaned(turn: Turn, node: NodeId, replicas: readonly NodeId[]): boolean {
  const { state } = turn;
  if (!isMaster(state, node) || memberOf(state, node).failed || replicas.length > 0) return false;
  return rangesOwnedBy(state, node).length > 0 && hadReplicas(turn, node);
}

/** Whom nobody was ever meant to replicate is left alone: a master that was made without replicas, or added. */
function hadReplicas(turn: Turn, node: NodeId): boolean {
  const { state } = turn;
  if (replicasOf(turn, node).length > 0) return true;
  const { masters, masterOf } = layoutOf(state.founders ?? state.nodes, state.knobs);
  return (
    (masterOf.get(node) ?? null) !== null || (masters.includes(node) && [...masterOf.values()].includes(node))
  );
}

function noteOrphans({ state, now }: Turn, orphans: readonly NodeId[]): void {
  const since = state.orphans ?? {};
  for (const node of keysOf(since)) if (!orphans.includes(node)) delete since[node];
  for (const node of orphans) since[node] ??= now;
  if (keysOf(since).length > 0) state.orphans = since;
  else delete state.orphans;
}
