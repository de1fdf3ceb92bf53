import { unreachable } from '../../base/assert.ts';
import { freeze } from '../../base/json.ts';
import type { Table } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { createNewPeer } from './peer.ts';
import type { Command } from './store.ts';
import type { RaftState } from './types.ts';
import { countVoters } from './voters.ts';

/**
 * What the log carries about members: etcd's conf changes, and the name that a new member publishes once it runs.
 * A change counts from the moment at which a member applies it (etcd-io/raft, node.ApplyConfChange).
 */
export type MemberChange =
  | { readonly kind: 'member-add'; readonly node: NodeId; readonly learner: boolean }
  | { readonly kind: 'member-promote' | 'member-remove' | 'member-publish'; readonly node: NodeId };

export type Membership = {
  /** The entry that made the configuration applied last; 0: the one of the beginning. */
  index: number;
  /** Members that were added and have not published their name: nobody knows whether they run. */
  unstarted: readonly NodeId[];
  /** The entries that removed nodes which are no members now. A node finds itself here once it knows. */
  readonly removed: Table<number>;
};

/** What a client meets where no etcd listens: at a spare machine, and at a member that was removed and has stopped. */
export const CONNECTION_REFUSED =
  'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ' +
  'dial tcp 127.0.0.1:2379: connect: connection refused"';

export function createMembership(): Membership {
  return { index: 0, unstarted: [], removed: {} };
}

export function isMemberChange(command: Command | { readonly kind: string }): command is MemberChange {
  return command.kind.startsWith('member-');
}

/** Applies a change. Returns etcd's error where it cannot be (membership/cluster.go, ValidateConfigurationChange). */
export function changeMembers(state: RaftState, index: number, change: MemberChange): string | null {
  const refusal = refuse(state, change);
  if (refusal !== null) return refusal;
  const { kind, node } = change;
  const membership = (state.membership ??= createMembership());
  membership.unstarted = membership.unstarted.filter((other) => other !== node);
  if (kind === 'member-publish') return null;
  membership.index = index;
  const others = state.nodes.filter((other) => other !== node);
  const learners = (state.learners ?? []).filter((other) => other !== node);
  switch (kind) {
    case 'member-add':
      delete membership.removed[node];
      membership.unstarted = [...membership.unstarted, node];
      if (node !== state.self) state.peers[node] = createNewPeer(state.log.length + 1);
      settle(state, [...others, node], change.learner ? [...learners, node] : learners);
      return null;
    case 'member-promote':
      settle(state, state.nodes, learners);
      return null;
    case 'member-remove':
      membership.removed[node] = index;
      delete state.peers[node];
      settle(state, others, learners);
      return null;
    default:
      return unreachable(kind);
  }
}

export function describeChange(change: MemberChange): string {
  switch (change.kind) {
    case 'member-add':
      return `add ${change.node} to the members${change.learner ? ' as a learner' : ''}`;
    case 'member-promote':
      return `let learner ${change.node} vote`;
    case 'member-remove':
      return `remove ${change.node} from the members`;
    case 'member-publish':
      return `${change.node} has started`;
    default:
      return unreachable(change);
  }
}

function refuse({ nodes, learners = [] }: RaftState, change: MemberChange): string | null {
  const { kind, node } = change;
  const isMember = nodes.includes(node);
  switch (kind) {
    case 'member-add':
      if (isMember) return 'etcdserver: Peer URLs already exists';
      // --experimental-max-learners is 1.
      return change.learner && learners.length > 0 ? 'etcdserver: too many learner members in cluster' : null;
    case 'member-promote':
      if (!isMember) return 'etcdserver: member not found';
      return learners.includes(node) ? null : 'etcdserver: can only promote a learner member';
    case 'member-remove':
      return isMember ? null : 'etcdserver: member not found';
    case 'member-publish':
      return null;
    default:
      return unreachable(kind);
  }
}

function settle(state: RaftState, nodes: readonly NodeId[], learners: readonly NodeId[]): void {
  state.nodes = freeze(nodes);
  state.others = freeze(nodes.filter((node) => node !== state.self));
  if (learners.length === 0) delete state.learners;
  else state.learners = learners;
  state.quorum = Math.floor(countVoters(state) / 2) + 1;
}
