import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { appendProposal } from './replication.ts';
import { mark, reply, send, type Step } from './step.ts';
import type { RaftMessage, RaftState } from './types.ts';

/** How long a leader waits before it proposes once more to revoke a lease that has run out. Milliseconds. */
const REVOKE_RETRY_MS = 5000;

/**
 * What a leader does about leases, after etcd's lessor: only the leader counts their time, by its own clock. A
 * new leader gives every lease its whole time again, and an election's on top, since it does not know what its
 * predecessor had promised. Called with every tick.
 */
export function expireLeases(step: Step): void {
  const { state, now } = step;
  const { leases } = state.store;
  if (leases === undefined) return;
  const expiry = (state.leaseExpiry ??= {});
  for (const lease of keysOf(expiry)) if (lookUp(leases, lease) === undefined) delete expiry[lease];
  for (const lease of keysOf(leases)) {
    const ttl = leases[lease]?.ttl ?? 0;
    const end = (expiry[lease] ??= now + ttl + state.electionTicks * state.heartbeatMs);
    if (now < end) continue;
    expiry[lease] = now + REVOKE_RETRY_MS;
    mark(step, 'expire', `lease ${lease} has run out by the clock of ${state.self}`);
    const id = `${state.self}/${state.incarnation}/${++state.proposals}`;
    appendProposal(step, { id, command: { kind: 'lease-revoke', lease } });
  }
}

/** A lease is granted; its leader begins to count. */
export function beginLease(step: Step, lease: string, ttl: number): void {
  const { state, now } = step;
  if (state.role !== 'leader') return;
  (state.leaseExpiry ??= {})[lease] = now + ttl;
  mark(step, 'lease', `lease ${lease} is granted for ${ttl} ms by the clock of ${state.self}`);
}

/** Another leads: what this node has counted means nothing any more. */
export function forgetExpiry(state: RaftState): void {
  if (state.leaseExpiry !== undefined) delete state.leaseExpiry;
}

/** A client keeps its lease alive. That goes to the leader and not through the log; without a leader nobody answers. */
export function onKeepAlive(step: Step, to: NodeId, request: number, lease: string): void {
  const { state } = step;
  if (state.role === 'leader')
    reply(step, to, request, { kind: 'kept-alive', lease, found: renew(step, lease) });
  else if (state.leader !== null) send(step, state.leader, { kind: 'renew', lease, to, request });
}

/** A member passes on what its client asked. */
export function onRenew(step: Step, from: NodeId, message: Extract<RaftMessage, { kind: 'renew' }>): void {
  if (step.state.role !== 'leader') return;
  const { lease, to, request } = message;
  send(step, from, { kind: 'renewed', lease, to, request, found: renew(step, lease) });
}

export function onRenewed(step: Step, message: Extract<RaftMessage, { kind: 'renewed' }>): void {
  const { lease, to, request, found } = message;
  reply(step, to, request, { kind: 'kept-alive', lease, found });
}

function renew({ state, now }: Step, lease: string): boolean {
  const found = state.store.leases === undefined ? undefined : lookUp(state.store.leases, lease);
  if (found === undefined) return false;
  (state.leaseExpiry ??= {})[lease] = now + found.ttl;
  return true;
}
