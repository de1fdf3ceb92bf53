import { unreachable as closed } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, send } from '../../turn.ts';
import { ADMIN_ERRORS, nameOf } from './admin-errors.ts';
import { callNode, endCall, lost, unreachable } from './calls.ts';
import { isSamePlan, plannedRing } from './claimant.ts';
import { accept } from './gossip.ts';
import { isUp } from './liveness.ts';
import { ringOf } from './membership.ts';
import {
  activeMembers,
  changedBy,
  isReady,
  membersWith,
  type Ring,
  statusOf,
  withStatus,
} from './ring-state.ts';
import { tell, type Turn } from './turn.ts';
import type { AdminRequest, Asker, Call, CallWork, Message, Reply, Staged } from './types.ts';

/** What an administrator runs at this node: `riak admin cluster join`, `leave`, `plan` or `commit`. */
export function onAdminRequest(turn: Turn, asker: Asker, request: AdminRequest): void {
  const { state } = turn;
  const ring = ringOf(state);
  if (request.kind === 'join') startJoin(turn, asker, request.to);
  else if (ring === null) tell(turn, asker, certain(ADMIN_ERRORS.notRunning));
  else if (ring.claimant === state.self) tell(turn, asker, claim(turn, ring, request.call));
  else if (!isUp(state, ring.claimant)) tell(turn, asker, lost(turn, ring.claimant, request.call));
  else callNode(turn, asker, ring.claimant, request.call);
}

export function onCall(turn: Turn, from: NodeId, id: string, call: Call): void {
  const ring = ringOf(turn.state);
  const answer = (reply: (Message & { kind: 'called' })['reply']): void =>
    send(turn, from, { kind: 'called', id, reply });
  if (ring === null) answer(unreachable(turn.state.self));
  else answer(call.kind === 'ring' ? { kind: 'ring', ring } : claim(turn, ring, call));
}

export function onCalled(turn: Turn, work: CallWork, reply: (Message & { kind: 'called' })['reply']): void {
  endCall(turn, work, reply.kind === 'ring' ? join(turn, reply.ring) : reply);
}

/**
 * Riak is started at a spare machine, and joins the cluster of another node. It stays `joining` until a plan is
 * committed; to ask again goes on from there.
 */
function startJoin(turn: Turn, asker: Asker, to: NodeId): void {
  const { state } = turn;
  const ring = ringOf(state);
  if (to === state.self) tell(turn, asker, certain(ADMIN_ERRORS.selfJoin));
  else if (ring === null) callNode(turn, asker, to, { kind: 'ring' });
  else if (statusOf(ring, state.self) === 'joining') tell(turn, asker, { kind: 'done' });
  else tell(turn, asker, certain(ADMIN_ERRORS.alreadyMember));
}

/** The new node adds itself to the other's ring, and gossip tells everybody (riak_core.erl, `standard_join`). */
function join(turn: Turn, ring: Ring): Reply {
  const { self } = turn.state;
  if (ringOf(turn.state) !== null) return { kind: 'done' };
  mark(turn, 'members', `${self} is joining`);
  accept(turn, changedBy(withStatus(ring, self, 'joining'), self));
  return { kind: 'done' };
}

/** Who is taken for the claimant and is it no more notes what is asked, and commits nothing. */
function claim(turn: Turn, ring: Ring, call: Exclude<Call, { kind: 'ring' }>): Reply {
  switch (call.kind) {
    case 'leave':
      return stage(turn, ring, call.node);
    case 'plan':
      return plan(turn, ring);
    case 'commit':
      return commit(turn, ring);
    default:
      return closed(call);
  }
}

function stage(turn: Turn, ring: Ring, node: NodeId): Reply {
  const status = statusOf(ring, node) ?? 'invalid';
  const name = nameOf(node);
  if (status === 'invalid') return certain(ADMIN_ERRORS.notMember(name));
  if (activeMembers(ring).length === 1) return certain(ADMIN_ERRORS.onlyMember(name));
  if (status !== 'valid' && status !== 'joining') return certain(ADMIN_ERRORS.alreadyLeaving(name));
  const { leaving, plan: shown } = stagedAt(turn);
  turn.state.staged = { leaving: [...new Set([...leaving, node])].sort(), plan: shown };
  return { kind: 'done' };
}

function plan(turn: Turn, ring: Ring): Reply {
  if (!isReady(ring)) return uncertain(ADMIN_ERRORS.cannotPlan);
  const leaving = stillMembers(turn, ring);
  const changes = [
    ...membersWith(ring, 'joining').map((node) => `join ${nameOf(node)}`),
    ...leaving.map((node) => `leave ${nameOf(node)}`),
  ];
  if (changes.length > 0) {
    turn.state.staged = { leaving, plan: plannedRing(ring, turn.state.self, leaving) };
  }
  return { kind: 'planned', changes };
}

function commit(turn: Turn, ring: Ring): Reply {
  const { self } = turn.state;
  const { plan: shown } = stagedAt(turn);
  if (shown === null) return uncertain(ADMIN_ERRORS.nothingPlanned);
  if (!isReady(ring)) return uncertain(ADMIN_ERRORS.cannotCommit);
  const next = plannedRing(ring, self, stillMembers(turn, ring));
  if (ring.claimant !== self) return uncertain(ADMIN_ERRORS.unableToCommit);
  if (!isSamePlan(shown, next)) return uncertain(ADMIN_ERRORS.planChanged);
  delete turn.state.staged;
  mark(turn, 'members', `${self} commits: ${next.pending.length} partitions are to change hands`);
  accept(turn, changedBy(next, self));
  return { kind: 'done' };
}

function stagedAt({ state }: Turn): Staged {
  return state.staged ?? { leaving: [], plan: null };
}

function stillMembers(turn: Turn, ring: Ring): NodeId[] {
  return stagedAt(turn).leaving.filter((node) => activeMembers(ring).includes(node));
}

function certain(error: string): Reply {
  return { kind: 'refused', class: 'fail', error };
}

/** What has been staged stays staged, for whoever commits next. */
function uncertain(error: string): Reply {
  return { kind: 'refused', class: 'info', error };
}
