import type { NodeId } from '../../../sim/operation.ts';
import {
  changeSet,
  comparePlaces,
  describeConfig,
  MEMBERS_MAX,
  placeOf,
  VOTERS_MAX,
  type ReplicaSet,
} from './config.ts';
import { install } from './install.ts';
import { compare, knownPlace, placeAt } from './oplog.ts';
import type { MemberChange, Request, ServerError } from './requests.ts';
import { reply, type Step } from './step.ts';
import type { MemberState } from './types.ts';

/**
 * rs.add() and rs.remove(): replSetReconfig at the primary. It installs the new configuration at once and answers when a
 * majority of its voters has installed it. Safe since 4.4: one voter more or less at a time, and only once the
 * configuration before is on a majority, and with it what was committed (src/mongo/db/repl/README.md, "Safe Reconfig";
 * Schultz et al., "Design and Analysis of a Logless Dynamic Reconfiguration Protocol", 2021).
 */
export function onReconfig(
  step: Step,
  from: NodeId,
  id: number,
  { change }: Request & { kind: 'reconfig' },
): void {
  const { state } = step;
  if (state.reconfigs?.some((waiter) => waiter.to === from && waiter.id === id) === true) return;
  const next = nextSet(state, change);
  const error = refuse(state, change, next);
  if (error !== null) {
    reply(step, from, id, { kind: 'error', error: { ...error, retryable: false } });
    return;
  }
  install(step, next);
  (state.reconfigs ??= []).push({ to: from, id });
}

/** What a primary does about its configuration when anything has changed: called at the end of every step. */
export function advanceReconfig(step: Step): void {
  const { state } = step;
  const { set } = state;
  if (state.role !== 'primary' || set.place === undefined) return;
  // A new primary makes the configuration one of its own term: an older primary's is then older whatever its version.
  if (set.place.term < state.term) install(step, { ...set, place: { ...set.place, term: state.term } });
  if (!state.writable || !isCommitted(state)) return;
  for (const { to, id } of state.reconfigs ?? []) {
    reply(step, to, id, { kind: 'reconfigured', members: state.set.members });
  }
  delete state.reconfigs;
  admit(step);
}

/** This member is no longer primary: nobody can say what becomes of the configuration. */
export function failReconfigs(step: Step): void {
  const { state } = step;
  const message =
    'Reconfig finished but failed to propagate to a majority :: caused by :: Primary stepped down';
  for (const { to, id } of state.reconfigs ?? []) {
    reply(step, to, id, { kind: 'error', error: { code: 189, message, retryable: false, doubtful: true } });
  }
  delete state.reconfigs;
}

/** A member that has copied everything may vote: the primary takes the mark `newlyAdded` from it by itself. */
function admit(step: Step): void {
  const { set, peers, term } = step.state;
  const ready = set.newlyAdded?.find((node) => peers[node]?.role === 'secondary');
  if (ready === undefined) return;
  const newlyAdded = (set.newlyAdded ?? []).filter((node) => node !== ready);
  const place = { term, version: placeOf(step.state).version + 1 };
  install(step, changeSet(set, place, set.members, [...set.voters, ready], newlyAdded));
}

function nextSet(state: MemberState, change: MemberChange): ReplicaSet {
  const { set, term } = state;
  const { node } = change;
  const place = { term, version: placeOf(state).version + 1 };
  const newlyAdded = (set.newlyAdded ?? []).filter((other) => other !== node);
  if (change.kind === 'remove') {
    const without = (nodes: readonly NodeId[]) => nodes.filter((other) => other !== node);
    return changeSet(set, place, without(set.members), without(set.voters), newlyAdded);
  }
  const added = change.votes === 0 ? newlyAdded : [...newlyAdded, node];
  return changeSet(set, place, [...set.members, node], set.voters, added);
}

type Refusal = Pick<ServerError, 'code' | 'message'>;

/** Why the primary refuses, in the words and with the codes of MongoDB. */
function refuse(state: MemberState, change: MemberChange, next: ReplicaSet): Refusal | null {
  const { set, role } = state;
  if (!state.writable) {
    const message = `Safe reconfig is only allowed on a writable PRIMARY. Current state ${role.toUpperCase()}`;
    return { code: 10107, message };
  }
  if (change.kind === 'remove' && !set.members.includes(change.node)) {
    // mongosh looks it up before it asks anybody.
    const known = JSON.stringify(set.members.map(hostOf));
    return { code: 93, message: `Couldn't find ${hostOf(change.node)} in ${known}` };
  }
  if (!isCommitted(state)) {
    const message = `Cannot run replSetReconfig because the current config: ${describeConfig(placeOf(state))} is not majority committed.`;
    return { code: 308, message };
  }
  return refuseSet(change, next, set) ?? refuseQuorum(state, next);
}

function refuseSet({ node }: MemberChange, next: ReplicaSet, { members }: ReplicaSet): Refusal | null {
  const at = next.members.lastIndexOf(node);
  if (members.includes(node) && at >= 0) {
    const before = next.members.indexOf(node);
    const hosts = `members.${before}.host == members.${at}.host == ${hostOf(node)}`;
    return { code: 103, message: `Found two member configurations with same host field, ${hosts}` };
  }
  if (next.members.length > MEMBERS_MAX) {
    const message = `Replica set configuration contains ${next.members.length} members, but must have at least 1 and no more than  ${MEMBERS_MAX}`;
    return { code: 103, message };
  }
  const voters = next.voters.length + (next.newlyAdded?.length ?? 0);
  if (voters <= VOTERS_MAX) return null;
  const message = `Replica set configuration contains ${voters} voting members, but must be at least 1 and no more than ${VOTERS_MAX}`;
  return { code: 103, message };
}

/** The new configuration must have a place for the primary itself, and a majority of its voters must answer. */
function refuseQuorum({ self, peers }: MemberState, next: ReplicaSet): Refusal | null {
  if (!next.members.includes(self)) {
    const config = describeConfig(next.place ?? { term: 0, version: 0 });
    return {
      code: 74,
      message: `No host described in new configuration with ${config} for replica set rs0 maps to this node`,
    };
  }
  const up = next.voters.filter((voter) => voter === self || peers[voter]?.up === true);
  if (up.length >= next.majority) return null;
  const found = `required ${next.majority} but only the following ${up.length} voting nodes responded: ${up.map(hostOf).join(', ')}`;
  return { code: 74, message: `Quorum check failed because not enough voting nodes responded; ${found}` };
}

/** A majority of the voters has this configuration, and with it what had been committed before; and this term has committed. */
function isCommitted(state: MemberState): boolean {
  const { set, self, peers, term } = state;
  const commit = placeAt(state, state.commit);
  if (commit.term !== term) return false;
  if (set.place === undefined) return true;
  const place = set.place;
  const installed = set.voters.filter((voter) => {
    const other = peers[voter]?.config;
    return voter === self || (other !== undefined && comparePlaces(other, place) === 0);
  });
  const withData = set.voters.filter((voter) => !set.arbiters.includes(voter));
  const reached = withData.filter((voter) => compare(knownPlace(state, voter), commit) >= 0);
  return installed.length >= set.majority && reached.length >= set.writeMajority;
}

function hostOf(node: NodeId): string {
  return `${node}:27017`;
}
