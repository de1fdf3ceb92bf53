import { CLIENT_ERRORS, primaryDriver } from '../protocols/ownership/primary/driver.ts';
import { primary } from '../protocols/ownership/primary/primary.ts';
import { ERRORS } from '../protocols/ownership/primary/writes.ts';
import type { NodeId } from '../sim/operation.ts';
import type { Knobs, SideMember, SideStatus, System } from './system.ts';

const OURS = 'a setting of ours: the source text names none';

/** One primary and its replicas, as in the source text's bank. */
export const primaryReplica: System = {
  id: 'primary-replica',
  title: 'Textbook: primary and replicas',
  summary: 'One node takes all writes and copies them; what that is worth depends on when it says "done".',
  label: 'CP when synchronous, AP-like when asynchronous',
  pacelc: 'Synchronous PC/EC, asynchronous PA/EL; reads of replicas may be old in either',
  protocol: primary,
  driver: primaryDriver,
  hasLeader: true,
  knobs: [
    {
      kind: 'choice',
      name: 'mode',
      text: 'When a write is acknowledged: all replicas have promised it, some have, or the primary alone has it.',
      source: 'the source text: writes must succeed on the primary and one replica',
      default: 'semi-synchronous',
      choices: ['synchronous', 'semi-synchronous', 'asynchronous'],
    },
    {
      kind: 'integer',
      name: 'acks',
      text: 'How many replicas that is when semi-synchronous.',
      source: 'the source text: primary and one replica',
      default: 1,
      min: 1,
      max: 299,
      unit: 'replicas',
    },
    {
      kind: 'choice',
      name: 'failover',
      text: 'Whether replicas replace a primary that they do not hear, or wait for it to come back.',
      source: 'the source text says nothing of failover: manual',
      default: 'manual',
      choices: ['manual', 'automatic'],
    },
    {
      kind: 'boolean',
      name: 'majority',
      text: 'Whether a majority must agree to a failover; without that each side of a partition gets a primary of its own.',
      source: OURS,
      default: true,
    },
    {
      kind: 'integer',
      name: 'heartbeat',
      text: 'How often the primary shows that it is there.',
      source: OURS,
      default: 1000,
      min: 50,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'failoverAfter',
      text: 'How long primary and replicas may be silent before they count as gone.',
      source: OURS,
      default: 5000,
      min: 200,
      max: 300_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'prepareTimeout',
      text: 'How long the primary waits for promises before it gives a write up.',
      source: OURS,
      default: 1000,
      min: 50,
      max: 60_000,
      unit: 'ms',
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append'],
  options: [
    {
      kind: 'choice',
      name: 'from',
      kinds: ['read'],
      choices: ['any', 'primary'],
      default: 'any',
      text: 'any: the copy of this node, perhaps old. primary: what the node has that takes the writes.',
    },
  ],
  errors: [
    {
      error: ERRORS.unavailable,
      when: 'Too few replicas can be reached, or have promised the write in time. After a failover one that has may yet bring it back.',
      class: 'fail',
    },
    { error: ERRORS['wrong type'], when: 'An increment of a set, say.', class: 'fail' },
    { error: ERRORS['not an integer'], when: 'An increment of what is no whole number.', class: 'fail' },
    {
      error: CLIENT_ERRORS.noAnswer,
      when: 'The primary has not answered for 5 seconds. A read has then certainly failed.',
      class: 'info',
    },
    {
      error: CLIENT_ERRORS.lost,
      when: 'The primary crashed, or is down. A read has then certainly failed.',
      class: 'info',
    },
    { error: CLIENT_ERRORS.noPrimary, when: 'Every node sends the client on to another.', class: 'fail' },
    { error: primaryDriver.refused, when: 'The node is down.', class: 'fail' },
    { error: primaryDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs({ mode, acks, heartbeat, failoverAfter }, nodes) {
    if (Number(failoverAfter) < 2 * Number(heartbeat)) {
      return `failoverAfter: ${String(failoverAfter)} is less than two heartbeats; use at least ${2 * Number(heartbeat)}`;
    }
    if (mode !== 'semi-synchronous' || Number(acks) <= Math.max(1, nodes - 1)) return null;
    return `acks: ${String(acks)} replicas cannot promise when there are ${nodes - 1}`;
  },
  judge,
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  if (members.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  const leader = primaryOf(members);
  if (leader === null) {
    const text = 'The primary is not here: reads of copies answer, maybe old, and writes fail.';
    return { state: 'no-quorum', leader, text };
  }
  const needed = neededFor(knobs, nodes.length);
  if (members.length - 1 < needed) {
    const text = `${leader} is primary and reaches ${members.length - 1} of the ${needed} replicas it needs: writes fail.`;
    return { state: 'no-quorum', leader, text };
  }
  return { state: 'quorum', leader, text: `Writes are accepted; ${leader} is primary.` };
}

function neededFor(knobs: Knobs, nodes: number): number {
  if (knobs['mode'] === 'asynchronous') return 0;
  return knobs['mode'] === 'synchronous' ? nodes - 1 : Math.min(Number(knobs['acks']), nodes - 1);
}

/** Of several that think they are, the one of the latest epoch. */
function primaryOf(members: readonly SideMember[]): NodeId | null {
  let found: SideMember | null = null;
  for (const member of members) {
    if (member.view.role !== 'primary') continue;
    if (found === null || (member.view.term ?? 0) > (found.view.term ?? 0)) found = member;
  }
  return found?.node ?? null;
}
