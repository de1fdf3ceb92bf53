import { mongoDriver } from '../protocols/consensus/mongodb/driver.ts';
import {
  createReplicaSet,
  MEMBERS_MAX,
  VOTERS_MAX,
  withMajorities,
} from '../protocols/consensus/mongodb/config.ts';
import { replicaSet } from '../protocols/consensus/mongodb/replica-set.ts';
import type { NodeId } from '../sim/operation.ts';
import { latestVoters, type Knobs, type SideMember, type SideStatus, type System } from './system.ts';

const WRITES = ['write', 'delete', 'add', 'remove', 'cas', 'increment', 'append'] as const;
const MANUAL = 'MongoDB manual, replica set configuration';
const DRIVER = 'mongodb/specifications, server selection; Node.js driver';

/** A MongoDB replica set. Facts and literal errors: MongoDB's manual and source, and its Node.js driver. */
export const mongodb: System = {
  id: 'mongodb',
  title: 'MongoDB (replica set)',
  summary:
    'One primary takes the writes; how many members must have a write before it counts is asked with each write.',
  label: 'CP',
  pacelc: 'PC/EC with majority concerns; with w: 1 and reads from secondaries PA/EL.',
  protocol: replicaSet,
  driver: mongoDriver,
  hasLeader: true,
  knobs: [
    {
      kind: 'integer',
      name: 'electionTimeoutMillis',
      text: 'How long members do without news of a primary before they elect another, and a primary without news of a majority.',
      source: `${MANUAL}: settings.electionTimeoutMillis`,
      default: 10_000,
      min: 100,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'chaining',
      text: 'Whether secondaries may copy from secondaries; then news travels round a broken link.',
      source: `${MANUAL}: settings.chainingAllowed`,
      default: true,
    },
    {
      kind: 'integer',
      name: 'arbiters',
      text: 'How many members, the last ones, vote and hold no data. They help to elect but not to keep a write.',
      source: `${MANUAL}: members[n].arbiterOnly`,
      default: 0,
      min: 0,
      max: VOTERS_MAX - 1,
      unit: 'members',
    },
    {
      kind: 'integer',
      name: 'priority',
      text: 'The priority of the first member; the others have 1. With more it takes over when it can, with 0 it is never primary.',
      source: `${MANUAL}: members[n].priority`,
      default: 1,
      min: 0,
      max: 1000,
      unit: 'points',
    },
    {
      kind: 'integer',
      name: 'catchUpTimeoutMillis',
      text: 'How long a new primary copies what others have that it lacks before it takes writes; -1: until it has all, 0: not at all.',
      source: `${MANUAL}: settings.catchUpTimeoutMillis`,
      default: -1,
      min: -1,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'serverSelectionTimeoutMS',
      text: 'How long an operation waits for a server that suits it, such as a primary, before it fails.',
      source: DRIVER,
      default: 30_000,
      min: 100,
      max: 120_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'retryWrites',
      text: 'Whether the driver tries a write once more after an error that another primary may not have.',
      source: 'mongodb/specifications, retryable writes',
      default: true,
    },
  ],
  kinds: ['read', ...WRITES, 'join', 'leave'],
  options: [
    {
      kind: 'choice',
      name: 'votes',
      kinds: ['join'],
      choices: [1, 0],
      default: 1,
      text: '1: the new member votes and counts once it has copied everything; at most seven do. 0: it only holds data.',
    },
    {
      kind: 'choice',
      name: 'w',
      kinds: WRITES,
      choices: ['majority', ...Array.from({ length: MEMBERS_MAX }, (_, i) => i + 1)],
      default: null,
      text: 'How many members must have the write before it is acknowledged. Unless asked: a majority, or 1 where arbiters leave no member with data to spare.',
    },
    {
      kind: 'integer',
      name: 'wtimeout',
      kinds: WRITES,
      text: 'How long to wait for them. The write stays even if the time is up.',
      min: 1,
      max: 600_000,
      unit: 'ms',
      default: null,
    },
    {
      kind: 'choice',
      name: 'readConcern',
      kinds: ['read'],
      choices: ['local', 'available', 'majority', 'linearizable'],
      default: 'local',
      text: 'local: what the member has, perhaps rolled back later. majority: only what stays. linearizable: also confirmed as the newest.',
    },
    {
      kind: 'choice',
      name: 'readPreference',
      kinds: ['read'],
      choices: ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'],
      default: 'primary',
      text: 'Which members may answer. A secondary may be behind.',
    },
    {
      kind: 'integer',
      name: 'maxTimeMS',
      kinds: ['read'],
      text: 'How long the server may work on the read: a linearizable one otherwise waits for a majority, and one in a causal session for the member to catch up.',
      min: 1,
      max: 600_000,
      unit: 'ms',
      default: null,
    },
    {
      kind: 'choice',
      name: 'session',
      kinds: ['read', ...WRITES],
      choices: ['causal'],
      default: null,
      text: 'causal: belongs to the causally consistent session of this client. A read waits until its member has all that the session has seen; full guarantees take readConcern and w majority.',
    },
  ],
  errors: [
    {
      error: 'Server selection timed out after 30000 ms',
      when: 'No server that suits the operation was known all that time: for a write, no primary.',
      class: 'fail',
    },
    {
      error: 'Server selection timed out after 30000 ms',
      when: 'The same, of the second attempt of a write whose first may have been carried out.',
      class: 'info',
    },
    {
      error: 'Primary stepped down while waiting for replication',
      when: 'The primary had the write and waited for others when it stepped down (code 189).',
      class: 'info',
    },
    {
      error: 'waiting for replication timed out',
      when: 'wtimeout has passed (code 64). The primary has the write and keeps it.',
      class: 'info',
    },
    {
      error: 'Not enough data-bearing nodes',
      when: 'w asks for more members than hold data (code 100). The primary has the write all the same.',
      class: 'info',
    },
    {
      error: 'not primary',
      when: 'The write came to a member that is not primary, and so did its second attempt (code 10107).',
      class: 'fail',
    },
    {
      error: 'not primary and secondaryOk=false',
      when: 'A read of the primary came to a member that is none (code 13435).',
      class: 'fail',
    },
    {
      error: 'not primary or secondary; cannot currently read from this replSet member',
      when: 'The member rolls back or copies everything anew (code 13436).',
      class: 'fail',
    },
    {
      error: 'cannot satisfy linearizable read concern on non-primary node',
      when: 'A linearizable read was sent to a secondary (code 10107).',
      class: 'fail',
    },
    {
      error: 'operation exceeded time limit',
      when: 'maxTimeMS has passed while a linearizable read waited for a majority, or one in a causal session for the member to catch up (code 50).',
      class: 'fail',
    },
    {
      error: 'afterClusterTime field can be set only if level is equal to majority, local, or snapshot',
      when: 'A read in a causal session with readConcern available or linearizable (code 72).',
      class: 'fail',
    },
    {
      error: 'Connection to n2:27017 interrupted due to server monitor timeout',
      when: 'The member has not answered its monitor for 40 seconds, and another attempt has failed as well.',
      class: 'info',
    },
    {
      error: 'connection 1 to n2:27017 closed',
      when: 'The process of the member died while the operation was under way there.',
      class: 'info',
    },
    {
      error: 'E11000 duplicate key error collection: test.class index: _id_ dup key: { _id: "x" }',
      when: 'A write that expected nothing under the key found a document (code 11000).',
      class: 'fail',
    },
    {
      error: `Cannot apply $inc to a value of non-numeric type. {_id: "x"} has the field 'value' of non-numeric type string`,
      when: 'What is there cannot be counted (code 14).',
      class: 'fail',
    },
    {
      error: `The field 'value' must be an array but is of type string in document {_id: "x"}`,
      when: 'What is there is no list to append to (code 2).',
      class: 'fail',
    },
    {
      error: "Cannot apply $addToSet to non-array field. Field named 'value' has non-array type string",
      when: 'What is there is no set to add to (code 2).',
      class: 'fail',
    },
    {
      error: 'Cannot apply $pull to a non-array value',
      when: 'What is there is no set to remove from (code 2).',
      class: 'fail',
    },
    {
      error:
        'Cannot run replSetReconfig because the current config: {version: 2, term: 1} is not majority committed.',
      when: 'The configuration before is not yet on a majority, or what was committed is not yet on a majority of it (code 308).',
      class: 'fail',
    },
    {
      error:
        'Quorum check failed because not enough voting nodes responded; required 2 but only the following 1 voting nodes responded: n1:27017',
      when: 'The primary hears fewer voters of the new configuration than a majority (code 74).',
      class: 'fail',
    },
    {
      error:
        'No host described in new configuration with {version: 2, term: 1} for replica set rs0 maps to this node',
      when: 'The primary itself is to leave: it must step down first (code 74).',
      class: 'fail',
    },
    {
      error: 'Replica set configuration contains 8 voting members, but must be at least 1 and no more than 7',
      when: 'An eighth voter is to join: it may with votes: 0 (code 103).',
      class: 'fail',
    },
    {
      error:
        'Found two member configurations with same host field, members.0.host == members.3.host == n1:27017',
      when: 'The node that is to join is a member (code 103).',
      class: 'fail',
    },
    {
      error: `Couldn't find n4:27017 in ["n1:27017","n2:27017","n3:27017"]`,
      when: 'The node that is to leave is no member: rs.remove() does not find it.',
      class: 'fail',
    },
    {
      error: 'Safe reconfig is only allowed on a writable PRIMARY. Current state SECONDARY',
      when: 'The member that was asked is primary no longer (code 10107).',
      class: 'fail',
    },
    {
      error: 'Reconfig finished but failed to propagate to a majority :: caused by :: Primary stepped down',
      when: 'The primary stepped down before a majority had the configuration (code 189).',
      class: 'info',
    },
    { error: mongoDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
    { error: mongoDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs({ arbiters, priority }, nodes) {
    if (Number(arbiters) >= nodes) return `arbiters: ${arbiters} of ${nodes} leave no member with data`;
    const electable = Math.min(nodes, VOTERS_MAX) - Number(arbiters);
    if (Number(priority) === 0 && electable === 1) return 'priority: with 0 no member could be primary';
    return null;
  },
  judge,
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const first = createReplicaSet(nodes, { arbiters: Number(knobs['arbiters']) });
  const set = withMajorities(first.members, latestVoters(members, first.voters), first.arbiters);
  const here = members.filter(({ view }) => view.role !== 'spare' && view.role !== 'client');
  const data = here.filter(({ node }) => !set.arbiters.includes(node));
  const voters = set.voters.filter((voter) => here.some(({ node }) => node === voter));
  const votersWithData = voters.filter((voter) => !set.arbiters.includes(voter));
  const count = `${voters.length} of ${set.voters.length} ${set.voters.length === 1 ? 'voter' : 'voters'}`;
  if (data.length === 0) return { state: 'down', leader: null, text: 'No member with data is running here.' };
  const leader = findPrimary(here);
  if (voters.length < set.majority) {
    const text =
      leader === null
        ? `${count}: no majority, which takes ${set.majority}. Writes find no primary; reads of secondaries answer, maybe stale.`
        : `${count}: no majority. ${leader} still takes writes with w: 1 until it steps down; they will be rolled back if others are elected.`;
    return { state: 'no-quorum', leader: null, text };
  }
  if (leader === null) {
    const text = `${count}: a majority, but no primary yet. Writes wait until one is elected.`;
    return { state: 'electing', leader, text };
  }
  if (votersWithData.length < set.writeMajority) {
    const text = `${count}: ${leader} is primary, but too few here hold data: only w: 1 is acknowledged, w: "majority" waits.`;
    return { state: 'partly', leader, text };
  }
  return {
    state: 'quorum',
    leader,
    text: `${count}: a majority. Writes are accepted; ${leader} is primary.`,
  };
}

/** Of those that say they are primary, the one of the newest election. */
function findPrimary(members: readonly SideMember[]): NodeId | null {
  let found: SideMember | null = null;
  for (const member of members) {
    if (member.view.role !== 'leader') continue;
    if (found === null || (member.view.term ?? 0) > (found.view.term ?? 0)) found = member;
  }
  return found?.node ?? null;
}
