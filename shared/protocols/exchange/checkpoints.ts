import { keysOf, lookUp } from '../../base/table.ts';
import { persist, send, setTimer } from '../turn.ts';
import type { Turn } from './types.ts';

/** replicator.ini: checkpoint_interval. */
const CHECKPOINT_INTERVAL = 30_000;

/** A target has more than before: that is to be noted in a while. */
export function noteProgress(turn: Turn): void {
  const { state } = turn;
  if (state.checkpointing) return;
  state.checkpointing = true;
  setTimer(turn, 'checkpoint', CHECKPOINT_INTERVAL);
}

/** Notes on both sides how far each target is. Every half minute, while there is progress. */
export function onCheckpointTimer(turn: Turn): void {
  const { state } = turn;
  state.checkpointing = false;
  for (const target of keysOf(state.jobs)) {
    const job = lookUp(state.jobs, target);
    if (job === undefined || job.through <= (lookUp(state.durable.sent, target) ?? 0)) continue;
    state.durable.sent[target] = job.through;
    persist(turn);
    send(turn, target, { kind: 'checkpoint', sequence: job.through });
  }
}
