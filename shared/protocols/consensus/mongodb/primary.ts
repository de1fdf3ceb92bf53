import type { NodeId } from '../../../sim/operation.ts';
import { beginCatchUp } from './catch-up.ts';
import { resetElectionTimer } from './election-timer.ts';
import { isStale } from './positions.ts';
import { cancelTimer, mark, type Step } from './step.ts';
import { leaveSource } from './sync-source.ts';
import { failReconfigs } from './reconfig.ts';
import { failWaiters } from './write-concern.ts';

/** An election is won. Writes wait until the new primary has caught up. */
export function becomePrimary(step: Step, voters: readonly NodeId[]): void {
  const { state } = step;
  state.role = 'primary';
  state.primary = state.self;
  state.campaign = null;
  state.takeover = false;
  cancelTimer(step, 'election');
  cancelTimer(step, 'takeover');
  leaveSource(step);
  mark(step, 'leader', `${state.self} is primary of term ${state.term}, elected by ${voters.join(', ')}`);
  beginCatchUp(step);
}

/** A higher term ends the time of whoever is primary or stands for election. */
export function meetTerm(step: Step, from: NodeId, term: number): void {
  const { state } = step;
  if (term <= state.term) return;
  state.term = term;
  state.primary = null;
  state.campaign = null;
  state.takeover = false;
  cancelTimer(step, 'takeover');
  if (state.role === 'primary') stepDown(step, `${from} is in term ${term}`);
}

/** A primary that has had no news of a majority, not even by way of others, may have been replaced. */
export function checkMajority(step: Step): void {
  const { state } = step;
  if (state.role !== 'primary') return;
  const heard = state.set.voters.filter((voter) => voter === state.self || !isStale(state, voter));
  if (heard.length >= state.set.majority) return;
  stepDown(step, `no news of a majority for ${state.knobs.electionTimeoutMillis} ms`);
}

function stepDown(step: Step, because: string): void {
  const { state } = step;
  state.role = 'secondary';
  state.writable = false;
  state.primary = null;
  cancelTimer(step, 'noop');
  cancelTimer(step, 'catch-up');
  leaveSource(step);
  mark(step, 'role', `${state.self} steps down: ${because}`);
  failWaiters(step);
  failReconfigs(step);
  resetElectionTimer(step);
}
