import { below } from '../../../base/random.ts';
import { priorityOf } from './config.ts';
import { setTimer, type Step } from './step.ts';

/** replElectionTimeoutOffsetLimitFraction: up to 15 % more, so that not all stand at once. */
const JITTER_PERCENT = 15;

/** News of a primary: the wait for an election begins anew. Members that cannot be elected do not wait. */
export function resetElectionTimer(step: Step): void {
  const { state } = step;
  if (priorityOf(state.set, state.knobs, state.self) === 0) return;
  const timeout = state.knobs.electionTimeoutMillis;
  const offset = Math.floor((timeout * JITTER_PERCENT) / 100);
  setTimer(step, 'election', timeout + below(step.random, offset + 1));
}

/** A primary of this term is heard of, from itself or by way of a source. */
export function hearPrimary(step: Step, primary: string): void {
  const { state } = step;
  state.primary = primary;
  state.campaign = null;
  resetElectionTimer(step);
}
