import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { applyUpTo, completeRequest } from './clients.ts';
import { currentVoters, haveQuorum, isVoter, prepareReconfig } from './configuration.ts';
import { isSynced, tell, tellAll } from './learners.ts';
import { append, lastZxid } from './log.ts';
import { mark, type Step } from './step.ts';
import type { Leading, Learner, Transaction } from './types.ts';
import { describeChange } from './words.ts';
import { makeZxid, showZxid } from './zxid.ts';

/** Gives a change its place in the order and proposes it; it is committed once a quorum has it on disk. */
export function propose(step: Step, origin: Transaction['origin'], change: Transaction['change']): void {
  const { role } = step.state;
  if (role.kind !== 'leading' || role.phase !== 'serve') return;
  const prepared = change.kind === 'reconfig' ? prepareReconfig(step.state, role, change) : change;
  const transaction: Transaction = { zxid: makeZxid(role.epoch, ++role.counter), origin, change: prepared };
  append(step, transaction);
  tellAll(step, role, { kind: 'proposal', transaction });
  commit(step, role);
}

/** A sync is answered once everything proposed before it is committed (Leader.processSync): no quorum is asked. */
export function sync(step: Step, to: NodeId | null, connection: string, xid: number): void {
  const { role } = step.state;
  if (role.kind !== 'leading') return;
  role.syncs.push({ zxid: lastZxid(step.state), to, connection, xid });
  answerSyncs(step, role);
}

/** Commits in order whatever a quorum has acknowledged. */
export function commit(step: Step, role: Leading): void {
  const { state } = step;
  if (role.phase !== 'serve') return;
  for (;;) {
    const next = state.log[state.applied];
    if (next === undefined) break;
    const { zxid } = next;
    const holds = (learner: Learner) => isSynced(learner) && learner.acknowledged >= zxid;
    if (!haveQuorum(state, role, holds)) break;
    mark(step, 'commit', `${showZxid(zxid)} (${describeChange(next.change)}) is on a quorum: committed`);
    tellAll(step, role, { kind: 'commit', zxid });
    applyUpTo(step, zxid);
    if (next.change.kind === 'reconfig') onReconfigured(step);
  }
  answerSyncs(step, role);
}

/** A leader that the new configuration has no place for gives up; the others elect another. */
export function onReconfigured(step: Step): void {
  const { state } = step;
  const { voters } = currentVoters(state);
  const quorum = Math.floor(voters.length / 2) + 1;
  mark(step, 'members', `the servers that vote are ${voters.join(', ')}; a quorum is ${quorum}`);
  if (!isVoter(state, state.self)) step.quit = 'it is not in the new configuration';
}

function answerSyncs(step: Step, role: Leading): void {
  const isDone = ({ zxid }: Leading['syncs'][number]): boolean =>
    (step.state.log[step.state.applied]?.zxid ?? Infinity) > zxid;
  const done = role.syncs.filter(isDone);
  if (done.length === 0) return;
  role.syncs = role.syncs.filter((waiting) => !isDone(waiting));
  for (const { to, connection, xid } of done) {
    if (to === null) completeRequest(step, connection, xid, { kind: 'synced' });
    else {
      const learner = lookUp(role.learners, to);
      if (learner !== undefined) tell(step, to, learner, { kind: 'synced', connection, xid });
    }
  }
}
