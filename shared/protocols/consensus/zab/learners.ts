import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { closed, openEnd, push, type Frame } from '../../connection.ts';
import { mark, send, type Step } from './step.ts';
import type { LeaderBody, Leading, Learner, LearnerBody } from './types.ts';

/** The learner that a frame comes from. Null where the frame fits no connection, and opens none. */
export function learnerOf(
  step: Step,
  role: Leading,
  from: NodeId,
  frame: Frame<LearnerBody>,
): Learner | null {
  const known = lookUp(role.learners, from);
  if (known?.end.connection === frame.connection) return known;
  const { accepted } = step.state;
  const opens = frame.kind === 'data' && frame.serial === 1 && frame.body.kind === 'follower-info';
  if (!opens || frame.connection <= (lookUp(accepted, from) ?? 0)) return null;
  accepted[from] = frame.connection;
  const { initLimit, syncLimit } = step.state.knobs;
  return (role.learners[from] = {
    end: openEnd(frame.connection),
    acceptedEpoch: frame.body.acceptedEpoch,
    phase: 'info',
    counts: false,
    zxid: 0,
    acknowledged: 0,
    deadline: role.ticks + initLimit + syncLimit,
  });
}

export function hear(step: Step, role: Leading, learner: Learner): void {
  const { syncLimit } = step.state.knobs;
  if (isSynced(learner)) learner.deadline = role.ticks + syncLimit;
}

export function dropSilent(step: Step, role: Leading): void {
  for (const name of keysOf(role.learners)) {
    const learner = role.learners[name];
    if (learner !== undefined && role.ticks > learner.deadline) drop(step, role, name, 'is silent');
  }
}

export function drop(step: Step, role: Leading, name: NodeId, why: string): void {
  const learner = lookUp(role.learners, name);
  if (learner === undefined) return;
  delete role.learners[name];
  sendFrame(step, name, closed(learner.end.connection));
  if (isSynced(learner)) mark(step, 'suspect', `${step.state.self} drops its follower ${name}, which ${why}`);
}

export function isSynced(learner: Learner): boolean {
  return learner.phase === 'synced';
}

export function syncedWith(step: Step, role: Leading): string {
  const names = step.state.others.filter((name) => role.learners[name]?.phase === 'synced');
  return [step.state.self, ...names].join(',');
}

export function halfTick(step: Step): number {
  return Math.floor(step.state.knobs.tickTime / 2);
}

/** To everybody who takes part in what is proposed. */
export function tellAll(step: Step, role: Leading, body: LeaderBody): void {
  for (const name of keysOf(role.learners)) {
    const learner = role.learners[name];
    if (learner?.phase === 'sync' || learner?.phase === 'synced') tell(step, name, learner, body);
  }
}

export function tellEach(step: Step, role: Leading, body: LeaderBody): void {
  for (const name of keysOf(role.learners)) {
    const learner = role.learners[name];
    if (learner !== undefined) tell(step, name, learner, body);
  }
}

export function tell(step: Step, to: NodeId, learner: Learner, body: LeaderBody): void {
  sendFrame(step, to, push(learner.end, body));
}

export function sendFrame(step: Step, to: NodeId, frame: Frame<LeaderBody>): void {
  send(step, to, { kind: 'frame', toward: 'learner', frame });
}
