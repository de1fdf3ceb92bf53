import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Reply, ServerType } from './requests.ts';
import { cancelTimer, reply, setTimer, type Step } from './step.ts';
import type { MemberState } from './types.ts';

/** maxAwaitTimeMS of a driver's `hello`: its heartbeatFrequencyMS. */
const AWAIT_MS = 10_000;

/** A driver asks who this member is. One that knows the newest waits until that changes, or for ten seconds. */
export function onHello(step: Step, from: NodeId, id: number, known: string | null): void {
  const { state } = step;
  if (known !== versionOf(state)) {
    reply(step, from, id, describeSelf(state));
    return;
  }
  state.hellos[from] = { id };
  setTimer(step, `hello-${from}`, AWAIT_MS);
}

export function onHelloTimer(step: Step, from: NodeId): void {
  answer(step, from);
}

/** Tells the drivers that wait when what they would be told has changed in this step. */
export function announce(step: Step, before: string): void {
  const { state } = step;
  if (standing(state) === before) return;
  state.version++;
  for (const from of keysOf(state.hellos)) {
    cancelTimer(step, `hello-${from}`);
    answer(step, from);
  }
}

/** What drivers must hear of when it changes. */
export function standing(state: MemberState): string {
  const { version = '' } = state.set.place ?? {};
  return `${typeOf(state)} ${state.primary ?? ''} ${state.writable ? state.term : ''} ${version}`;
}

function answer(step: Step, to: NodeId): void {
  const { state } = step;
  const waiter = state.hellos[to];
  if (waiter === undefined) return;
  delete state.hellos[to];
  reply(step, to, waiter.id, describeSelf(state));
}

function describeSelf(state: MemberState): Reply {
  return {
    kind: 'hello',
    version: versionOf(state),
    type: typeOf(state),
    primary: state.primary,
    electionId: state.term,
    ...(state.set.place === undefined ? {} : { hosts: state.set.members }),
  };
}

function versionOf(state: MemberState): string {
  return `${state.incarnation}.${state.version}`;
}

/** A primary that has not caught up says that it is none. */
function typeOf({ role, writable }: MemberState): ServerType {
  switch (role) {
    case 'primary':
      return writable ? 'primary' : 'secondary';
    case 'secondary':
    case 'arbiter':
      return role;
    case 'rollback':
    case 'startup':
    case 'outside':
    case 'removed':
      return 'other';
  }
}
