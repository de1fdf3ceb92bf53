import { mongoDriver } from '../protocols/consensus/mongodb/driver.ts';
import {
  createReplicaSet,
  MEMBERS_MAX,
  VOTERS_MAX,
  withMajorities,
} from '../protocols/consensus/mongodb/config.ts';
import { replicaSet } from '../protocols/consensus/mongodb/replica-set.ts';
import type { NodeId } from '../sim/operation.ts';
import { MONGODB_ERRORS } from './mongodb-errors.ts';
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
  errors: MONGODB_ERRORS,
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
