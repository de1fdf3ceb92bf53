import { askForNews } from './heartbeat.ts';
import { append, compare, knownPlace, lastOf } from './oplog.ts';
import { cancelTimer, mark, setTimer, type Step } from './step.ts';
import { leaveSource } from './sync-source.ts';

/** periodicNoopIntervalSecs: a primary without writes writes a no-op, so that members know who is behind. */
const NOOP_MS = 10_000;

/**
 * A new primary first fetches what a member has that it lacks. No majority needs to have that, so nothing
 * would be wrong without; but the fewer writes are rolled back the better.
 */
export function beginCatchUp(step: Step): void {
  const { state } = step;
  const limit = state.knobs.catchUpTimeoutMillis;
  if (limit >= 0) setTimer(step, 'catch-up', limit);
  for (const other of state.others) {
    const peer = state.peers[other];
    if (peer === undefined) continue;
    peer.silence = 0;
    peer.updated = !peer.up;
    askForNews(step, other);
  }
}

/** Whether all that can be heard have said how far they are, and this primary is as far. */
export function checkCatchUp(step: Step): void {
  const { state } = step;
  if (state.role !== 'primary' || state.writable) return;
  const isDone = state.others.every((other) => {
    const peer = state.peers[other];
    if (peer?.updated === false) return false;
    return peer?.up !== true || compare(knownPlace(state, other), lastOf(state)) <= 0;
  });
  if (isDone) takeWrites(step);
}

/** Enough: its time is up, or what the others have does not fit its own oplog. */
export function endCatchUp(step: Step): void {
  if (step.state.role === 'primary' && !step.state.writable) takeWrites(step);
}

/** The no-op of a primary without writes. */
export function onNoopTimer(step: Step): void {
  if (!step.state.writable) return;
  append(step, null, null);
  setTimer(step, 'noop', NOOP_MS);
}

/** The first entry of its term says that the primary is new. */
function takeWrites(step: Step): void {
  const { state } = step;
  leaveSource(step);
  cancelTimer(step, 'catch-up');
  state.writable = true;
  mark(step, 'role', `${state.self} takes writes in term ${state.term}`);
  onNoopTimer(step);
}
