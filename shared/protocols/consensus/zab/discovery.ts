import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { onReconfigured } from './broadcast.ts';
import { haveQuorum, mayLead } from './configuration.ts';
import { halfTick, hear, isSynced, syncedWith, tell, tellEach } from './learners.ts';
import { enforceConfiguration, historyFor, lastZxid } from './log.ts';
import { touchAll } from './sessions.ts';
import { cancelTimer, mark, save, setTimer, type Step } from './step.ts';
import type { Leading, Learner, LearnerBody, Transaction } from './types.ts';
import { showZxid } from './zxid.ts';

/** Goes on to the next phase when a quorum is ready for it; this server counts in each. */
export function advance(step: Step, role: Leading): void {
  const { state } = step;
  if (role.phase === 'discovery' && haveQuorum(state, role, () => true)) {
    const known = keysOf(role.learners).map((name) => role.learners[name]?.acceptedEpoch ?? 0);
    role.epoch = state.acceptedEpoch = Math.max(state.acceptedEpoch, ...known) + 1;
    role.phase = 'epoch';
    save(step);
    tellEach(step, role, { kind: 'leader-info', epoch: role.epoch });
  }
  if (role.phase === 'epoch' && haveQuorum(state, role, (learner) => learner.counts)) {
    state.currentEpoch = role.epoch;
    role.phase = 'sync';
    save(step);
    for (const name of keysOf(role.learners)) {
      const learner = role.learners[name];
      if (learner?.phase === 'epoch') synchronise(step, role, name, learner);
    }
  }
  if (role.phase === 'sync' && haveQuorum(state, role, isSynced)) open(step, role);
}

/** NEWLEADER is on a quorum's disks: the history is committed, and clients may come. */
function open(step: Step, role: Leading): void {
  const { state } = step;
  role.phase = 'serve';
  state.vote = { ...state.vote, epoch: role.epoch };
  cancelTimer(step, 'init');
  setTimer(step, 'tick', halfTick(step));
  if (enforceConfiguration(step, lastZxid(state))) onReconfigured(step);
  touchAll(state);
  for (const name of keysOf(role.learners)) {
    const learner = role.learners[name];
    if (learner === undefined) continue;
    hear(step, role, learner);
    if (learner.phase === 'synced') tell(step, name, learner, { kind: 'up-to-date' });
  }
  mark(step, 'leader', `${state.self} leads epoch ${role.epoch}, synced with ${syncedWith(step, role)}`);
}

/** Brings a learner's log to ours, and lets it hear of everything that follows. */
function synchronise(step: Step, role: Leading, from: NodeId, learner: Learner): void {
  const { state } = step;
  const length = role.phase === 'serve' ? state.applied : role.history;
  learner.phase = 'sync';
  tell(step, from, learner, historyFor(state, role.epoch, length, learner.zxid));
  for (let i = length; i < state.log.length; i++) {
    tell(step, from, learner, { kind: 'proposal', transaction: state.log[i] as Transaction });
  }
}

export function onAckEpoch(
  step: Step,
  role: Leading,
  from: NodeId,
  learner: Learner,
  { currentEpoch, zxid }: LearnerBody & { kind: 'ack-epoch' },
): void {
  const { state } = step;
  learner.phase = 'epoch';
  learner.zxid = zxid;
  learner.counts = currentEpoch !== null;
  if (role.phase === 'epoch' && currentEpoch !== null) {
    const isNewer =
      mayLead(state, from) &&
      (currentEpoch > state.currentEpoch || (currentEpoch === state.currentEpoch && zxid > lastZxid(state)));
    if (isNewer) step.quit = `${from} has a newer history: ${showZxid(zxid)} of epoch ${currentEpoch}`;
    else advance(step, role);
  } else if (role.phase !== 'epoch') synchronise(step, role, from, learner);
}
