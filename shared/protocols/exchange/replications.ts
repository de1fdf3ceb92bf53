import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { reply } from '../turn.ts';
import { TIMEOUT } from './errors.ts';
import type { Turn } from './types.ts';

/** A target has everything: whoever asked for that waits for one less. */
export function onCaughtUp(turn: Turn, target: NodeId): void {
  const { work } = turn.state;
  for (const id of keysOf(work)) {
    const replication = lookUp(work, id);
    if (replication?.kind !== 'replicate') continue;
    replication.waiting = replication.waiting.filter((node) => node !== target);
    if (replication.waiting.length > 0) continue;
    delete work[id];
    reply(turn, replication.asker.node, replication.asker.id, { kind: 'replicated', status: 200 });
  }
}

/** A target cannot be reached. What has arrived stays there. */
export function failReplication(turn: Turn, target: NodeId): void {
  const { work } = turn.state;
  for (const id of keysOf(work)) {
    const replication = lookUp(work, id);
    if (replication?.kind !== 'replicate' || !replication.waiting.includes(target)) continue;
    delete work[id];
    const { node, id: request } = replication.asker;
    reply(turn, node, request, { kind: 'error', class: 'info', error: TIMEOUT });
  }
}
