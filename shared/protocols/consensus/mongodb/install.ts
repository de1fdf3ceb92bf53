import type { NodeId } from '../../../sim/operation.ts';
import { comparePlaces, placeOf, type ReplicaSet } from './config.ts';
import { resetElectionTimer } from './election-timer.ts';
import { closeCursors } from './fetch.ts';
import { askForNews } from './heartbeat.ts';
import { createPeer } from './state.ts';
import { cancelTimer, mark, type Step } from './step.ts';
import { leaveSource } from './sync-source.ts';

/** Takes over a configuration that somebody has sent, if it is newer than this member's own. A primary makes its own. */
export function installNewer(step: Step, set: ReplicaSet): void {
  if (step.state.role === 'primary') return;
  if (comparePlaces(placeOf({ ...step.state, set }), placeOf(step.state)) > 0) install(step, set);
}

/** Makes a configuration this member's own: who is in it, and what that makes of this member. */
export function install(step: Step, set: ReplicaSet): void {
  const { state } = step;
  const before = state.set;
  state.set = set;
  step.unsaved = step.moved = true;
  const isMember = set.members.includes(state.self);
  const others = isMember ? set.members.filter((member) => member !== state.self) : [];
  for (const gone of state.others.filter((other) => !others.includes(other))) forget(step, gone);
  for (const added of others.filter((other) => !state.others.includes(other)))
    state.peers[added] = createPeer();
  state.others = others;
  if (
    state.role === 'primary' &&
    before.members.length + before.voters.length !== set.members.length + set.voters.length
  ) {
    const what = `the members are ${set.members.join(', ')}; of ${set.voters.length} votes ${set.majority} win`;
    mark(step, 'members', what);
  }
  if (!isMember) leave(step);
  else if (state.role === 'removed') enter(step);
  else if (state.role !== 'primary') resetElectionTimer(step);
  // Heartbeats begin anew: a primary spreads it with them, and whoever has got it says so.
  for (const other of others) askForNews(step, other);
}

function forget(step: Step, node: NodeId): void {
  const { state } = step;
  if (state.source === node) leaveSource(step);
  if (state.primary === node) state.primary = null;
  delete state.peers[node];
  delete state.awaiting[node];
  delete state.avoided[node];
  cancelTimer(step, `heartbeat-${node}`);
  cancelTimer(step, `await-${node}`);
}

/** Not in the configuration any more: REMOVED. What it holds stays on its disk. */
function leave(step: Step): void {
  const { state } = step;
  if (state.role === 'removed') return;
  closeCursors(step);
  leaveSource(step);
  cancelTimer(step, 'election');
  cancelTimer(step, 'takeover');
  Object.assign(state, { role: 'removed', primary: null, campaign: null, takeover: false } as const);
  mark(step, 'members', `${state.self} is REMOVED: the configuration has no place for it`);
}

/** A new member copies everything first; one that was here before goes on with what it has. */
function enter(step: Step): void {
  const { state } = step;
  state.role = state.log.length === 0 ? 'startup' : 'secondary';
  const doing = state.role === 'startup' ? 'in STARTUP2 and copies everything' : 'SECONDARY again';
  mark(step, 'members', `${state.self} is in the configuration: it is ${doing}`);
  resetElectionTimer(step);
}
