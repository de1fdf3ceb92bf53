import { etcdDriver } from '../protocols/consensus/etcd-driver.ts';
import { LOCK_TTL_MS } from '../protocols/consensus/etcd-locks.ts';
import { raft } from '../protocols/consensus/raft.ts';
import type { NodeId } from '../sim/operation.ts';
import { latestVoters, type Knobs, type SideMember, type SideStatus, type System } from './system.ts';

/** etcd: one log for all keys, kept by Raft. Facts and literal errors: etcd 3.5, its documentation and source. */
export const etcd: System = {
  id: 'etcd',
  title: 'etcd (Raft)',
  summary: 'A majority decides on every change; a side without a majority refuses instead of guessing.',
  label: 'CP',
  pacelc: 'PC/EC: consistent during a partition and without one; reads that may be stale must be asked for.',
  protocol: raft,
  driver: etcdDriver,
  hasLeader: true,
  knobs: [
    {
      kind: 'integer',
      name: 'heartbeatMs',
      text: 'How often the leader shows that it is there.',
      source: 'etcd --heartbeat-interval',
      default: 100,
      min: 10,
      max: 10_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'electionMs',
      text: 'How long nodes wait for a leader before they elect another; each draws from one to almost two of these.',
      source: 'etcd --election-timeout',
      default: 1000,
      min: 50,
      max: 50_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'preVote',
      text: 'Nodes ask whether they could win before they stand for election, so that one that was cut off does not unseat a healthy leader.',
      source: 'etcd --pre-vote',
      default: true,
    },
    {
      kind: 'boolean',
      name: 'checkQuorum',
      text: 'A leader that no longer hears a majority steps down, and nodes that hear a leader do not vote against it.',
      source: 'etcd server/etcdserver/bootstrap.go, raft.Config.CheckQuorum',
      default: true,
    },
    {
      kind: 'integer',
      name: 'deadlineMs',
      text: "How long the application waits for an answer. The Go client has no limit of its own, etcdctl's is 5000; this one lets the server's 7 seconds pass.",
      source: 'clientv3: the context of the call; etcdctl --command-timeout',
      default: 10_000,
      min: 100,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'lockTtlMs',
      text: 'How long a lock outlives its holder: the lease of its session, kept alive every third of it, counted by the leader’s clock.',
      source: 'clientv3/concurrency: NewSession, defaultSessionTTL; etcdctl lock --ttl',
      default: LOCK_TTL_MS,
      min: 2000,
      max: 600_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'learners',
      text: 'How many of the last members only receive the log: they do not vote or count, and answer serializable reads alone.',
      source: 'etcd documentation, learning: learner; etcdctl member add --learner',
      default: 0,
      min: 0,
      max: 299,
      unit: 'nodes',
    },
    {
      kind: 'boolean',
      name: 'strictReconfigCheck',
      text: 'Refuse changes of members that could cost the quorum: unless every voting member has been connected for 5 seconds, none is added.',
      source: 'etcd --strict-reconfig-check',
      default: true,
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'watch', 'lock', 'unlock', 'join', 'leave'],
  options: [
    {
      kind: 'choice',
      name: 'member',
      kinds: ['join'],
      choices: ['add', 'add-learner', 'promote'],
      default: 'add',
      text: 'add: it votes and counts from the moment the change is applied. add-learner: it only receives the log. promote: a learner that has caught up votes from then on.',
    },
    {
      kind: 'choice',
      name: 'consistency',
      kinds: ['read'],
      choices: ['linearizable', 'serializable'],
      default: 'linearizable',
      text: 'linearizable: confirmed by a majority, never stale. serializable: what this node has, perhaps stale.',
    },
    {
      kind: 'integer',
      name: 'startRevision',
      kinds: ['watch'],
      text: 'The revision to begin with: everything since then is told in order. Without it, what comes next.',
      min: 1,
      max: 1_000_000_000,
      unit: 'revision',
      default: null,
    },
  ],
  errors: [
    {
      error: 'etcdserver: request timed out',
      when: 'The change was proposed and not applied within 7 seconds; or nobody confirmed a read.',
      class: 'info',
    },
    {
      error: 'etcdserver: request timed out, possibly due to previous leader failure',
      when: 'The same, at a node that became leader up to 2 seconds after the request came.',
      class: 'info',
    },
    {
      error: 'etcdserver: request timed out, possibly due to connection lost',
      when: 'The same, and the connection to the leader, or of the leader to a majority, was broken.',
      class: 'info',
    },
    {
      error: 'context deadline exceeded',
      when: 'The application waited no longer; or no leader was known for 7 seconds. A read has then certainly failed.',
      class: 'info',
    },
    {
      error: 'etcdserver: leader changed',
      when: 'A linearizable read was under way when the leader changed. The client library tries again.',
      class: 'fail',
    },
    {
      error: 'etcdserver: rpc not supported for learner',
      when: 'The node is a learner: it answers serializable reads only.',
      class: 'fail',
    },
    {
      error: 'mutex: session is expired',
      when: 'While the client waited for a lock its lease ran out: its place in the line is gone.',
      class: 'fail',
    },
    {
      error: 'etcdserver: requested lease not found',
      when: 'The lease ran out, or was revoked, before the client came into the line for the lock.',
      class: 'fail',
    },
    {
      error: 'mutex: lock has already been released',
      when: 'An unlock by a client that does not hold the lock, or whose lease has run out by its own clock.',
      class: 'fail',
    },
    {
      error: 'etcdserver: unhealthy cluster',
      when: 'A member is added, and not every voting member has been connected for 5 seconds; or the removal of a healthy one would leave too few.',
      class: 'fail',
    },
    {
      error: 'etcdserver: re-configuration failed due to not enough started members',
      when: 'After the change fewer members would be known to run than a majority: the last member is removed, say.',
      class: 'fail',
    },
    {
      error: 'etcdserver: can only promote a learner member which is in sync with leader',
      when: "The learner has less than nine tenths of the leader's log.",
      class: 'fail',
    },
    {
      error: 'etcdserver: can only promote a learner member',
      when: 'The member that is to be promoted votes already.',
      class: 'fail',
    },
    {
      error: 'etcdserver: too many learner members in cluster',
      when: 'There is a learner already, and etcd takes one at a time.',
      class: 'fail',
    },
    {
      error: 'etcdserver: Peer URLs already exists',
      when: 'The node that is to join is a member.',
      class: 'fail',
    },
    {
      error: 'etcdserver: member not found',
      when: 'The node that is to leave, or to be promoted, is no member.',
      class: 'fail',
    },
    {
      error: 'etcdserver: server stopped',
      when: 'The member that was asked has been removed meanwhile.',
      class: 'info',
    },
    {
      error: etcdDriver.refused,
      when: 'The node is down, or no member of the cluster: nobody listens.',
      class: 'fail',
    },
    { error: etcdDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs({ heartbeatMs, electionMs, learners }, nodes) {
    if (Number(learners) >= nodes) return `learners: ${String(learners)} of ${nodes} leave no voter`;
    const least = 5 * Number(heartbeatMs);
    if (Number(electionMs) >= least) return null;
    return `electionMs: ${String(electionMs)} is less than 5 times heartbeatMs, which etcd refuses; use at least ${least}`;
  },
  judge,
};

function judge(running: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const voters = latestVoters(running, nodes.slice(0, nodes.length - Number(knobs['learners'] ?? 0)));
  const members = running.filter(({ node }) => voters.includes(node));
  const majority = Math.floor(voters.length / 2) + 1;
  if (running.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  const word = voters.length < nodes.length ? 'voter' : 'node';
  const count = `${members.length} of ${voters.length} ${voters.length === 1 ? word : `${word}s`}`;
  if (members.length < majority) {
    const text =
      `${count}: no majority, which takes ${majority}. Writes wait and fail; only serializable reads answer, ` +
      'maybe stale.';
    return { state: 'no-quorum', leader: null, text };
  }
  const leader = findLeader(members);
  if (leader === null) {
    const text = `${count}: a majority, but no leader yet. Writes wait until one is elected.`;
    return { state: 'electing', leader, text };
  }
  return { state: 'quorum', leader, text: `${count}: a majority. Writes are accepted; ${leader} leads.` };
}

/** Of those that say they lead, the one of the highest term: an older one has not yet heard that it was replaced. */
function findLeader(members: readonly SideMember[]): NodeId | null {
  let found: SideMember | null = null;
  for (const member of members) {
    if (member.view.role !== 'leader') continue;
    if (found === null || (member.view.term ?? 0) > (found.view.term ?? 0)) found = member;
  }
  return found?.node ?? null;
}
