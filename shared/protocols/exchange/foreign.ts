import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { mark, persist } from '../turn.ts';
import { changesSince } from './database.ts';
import { belongsAt, copiesAt, mapRevisionOf } from './membership.ts';
import type { CouchState, Turn } from './types.ts';

/** Whether documents are here whose shard is kept by others now. */
export function hasForeign(state: CouchState): boolean {
  return state.durable.cluster !== undefined && foreignKeys(state).length > 0;
}

/** Whether replication to a target is under way: it has not come to the end of what there was to be sent. */
export function isSending({ jobs, knobs, durable }: CouchState, target: NodeId): boolean {
  const stage = lookUp(jobs, target)?.stage;
  if (stage === undefined) return durable.sequence > 0;
  return (
    stage !== 'idle' && !(stage === 'stopped' && knobs.mode === 'peers' && knobs.replication === 'one-shot')
  );
}

/** Whether a target is not known to have everything that is to be sent to it from here. */
export function lacksSomething(state: CouchState, target: NodeId): boolean {
  const through = lookUp(state.jobs, target)?.through ?? 0;
  return isSending(state, target) || changesSince(state, target, through).length > 0;
}

/**
 * The last step of moving a shard, `rm` of its file: once those that keep it now have all of it and know that they do.
 * Until then what is in it goes on to them, so nothing that was acknowledged here is lost.
 */
export function removeForeign(turn: Turn): void {
  const { state } = turn;
  if (state.durable.cluster === undefined) return;
  const removed = foreignKeys(state).filter((key) => {
    const copies = copiesAt(state, key);
    return copies.length > 0 && copies.every((node) => hasAll(state, node));
  });
  if (removed.length === 0) return;
  for (const key of removed) delete state.durable.documents[key];
  persist(turn);
  mark(turn, 'handoff', `${state.self} removes what others keep now: ${removed.join(', ')}`);
}

function foreignKeys(state: CouchState): string[] {
  return keysOf(state.durable.documents).filter((key) => !belongsAt(state, key, state.self));
}

function hasAll(state: CouchState, node: NodeId): boolean {
  const job = lookUp(state.jobs, node);
  return job?.map === mapRevisionOf(state) && !lacksSomething(state, node);
}
