import { jedisDriver } from '../protocols/ownership/redis/jedis-driver.ts';
import { redis } from '../protocols/ownership/redis/redis.ts';
import { layoutOf, rangeOf, rangesOf, slotOf } from '../protocols/ownership/redis/slots.ts';
import { EPOCH_FACT, SLOTS_FACT, STATE_FACT } from '../protocols/ownership/redis/view.ts';
import type { NodeId } from '../sim/operation.ts';
import { REDIS_ERRORS } from './redis-cluster-errors.ts';
import { REDIS_KNOBS } from './redis-cluster-knobs.ts';
import type { Knobs, SideMember, SideStatus, System } from './system.ts';

const WRITES = ['write', 'delete', 'add', 'remove', 'cas', 'increment', 'append'] as const;

/** Redis Cluster. Facts and literal errors: redis 7.4, its configuration file, specification and source; Jedis 5. */
export const redisCluster: System = {
  id: 'redis-cluster',
  title: 'Redis Cluster',
  summary:
    'Each key has one master, which acknowledges before anybody else has the write: quick, and not safe.',
  label: 'neither CP nor AP, though often called CP',
  pacelc:
    'Neither C nor A in a partition: acknowledged writes are lost, and a minority refuses; EL without one.',
  protocol: redis,
  driver: jedisDriver,
  knobs: REDIS_KNOBS,
  kinds: ['read', ...WRITES, 'join', 'leave', 'reshard'],
  options: [
    {
      kind: 'record',
      name: 'wait',
      kinds: WRITES,
      text: 'WAIT after the write: how many replicas to wait for and how long. It tells how many have the write and undoes nothing.',
      fields: [
        { name: 'replicas', kind: 'integer', min: 0, max: 299, unit: 'replicas', default: null },
        { name: 'timeout', kind: 'integer', min: 0, max: 60_000, unit: 'ms', default: null },
      ],
      default: null,
    },
    {
      kind: 'choice',
      name: 'readonly',
      kinds: ['read'],
      choices: [true, false],
      default: false,
      text: 'READONLY: a replica may answer, perhaps with old data.',
    },
    {
      kind: 'choice',
      name: 'as',
      kinds: ['join'],
      choices: ['master', 'replica'],
      default: 'master',
      text: 'As a master without slots, or as a replica of the master that has the fewest (--cluster-slave).',
    },
    {
      kind: 'choice',
      name: 'slots',
      kinds: ['reshard'],
      choices: ['one', 'all'],
      default: 'one',
      text: 'The slot of the key alone, or all slots of the master that has it.',
    },
    {
      kind: 'choice',
      name: 'fix',
      kinds: ['reshard'],
      choices: [true, false],
      default: false,
      text: 'redis-cli --cluster fix: closes the slots that an earlier attempt left open, gives those that are nobody’s to somebody, and begins nothing new.',
    },
  ],
  errors: REDIS_ERRORS,
  hasLeader: false,
  refuseKnobs({ masters, replicasPerMaster, minReplicasToWrite }) {
    if (Number(minReplicasToWrite) <= Number(replicasPerMaster)) return null;
    return `minReplicasToWrite: no master of ${String(masters)} has ${String(minReplicasToWrite)} replicas, as replicasPerMaster is ${String(replicasPerMaster)}`;
  },
  judge,
  placement,
  judgeKey(key, members, _, knobs) {
    const owner = ownerOf(slotOf(key), members);
    if (owner !== undefined && isUp(owner)) return 'read-write';
    return owner !== undefined && knobs['allowReadsWhenDown'] === true ? 'read' : 'none';
  },
};

/** The master of the key's slot and its replicas, as the cluster was made: failovers change places. */
function placement(key: string, nodes: readonly NodeId[], knobs: Knobs): readonly NodeId[] {
  const { masters, masterOf } = layoutOf(nodes, {
    masters: Number(knobs['masters']),
    replicasPerMaster: Number(knobs['replicasPerMaster']),
  });
  const master = masters[rangeOf(key, masters.length)];
  return nodes.filter((node) => node === master || masterOf.get(node) === master);
}

/** Availability is by slot: a range is served where its master is, and where that one finds the cluster up. */
function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  if (members.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  const slots = firstSlotsOf(members, rangesOf(Math.min(Number(knobs['masters']), nodes.length)));
  const owners = slots.map((slot) => ownerOf(slot, members));
  const served = owners.filter((owner) => owner !== undefined && isUp(owner)).length;
  const count = `of ${slots.length} slot ranges`;
  if (served === slots.length) {
    return { state: 'serving', leader: null, text: `All ${slots.length} slot ranges are served here.` };
  }
  const here = owners.filter((owner) => owner !== undefined).length;
  if (served > 0) {
    return {
      state: 'partly',
      leader: null,
      text: `${served} ${count} are served here; other keys are out of reach.`,
    };
  }
  const text = `None ${count} are served: ${here} of the ${slots.length} masters ${here === 1 ? 'is' : 'are'} here, and the cluster is down for them.`;
  return { state: 'down', leader: null, text: here === 0 ? `None ${count} has its master here.` : text };
}

/** A slot of every range: of those that the cluster was made with, and of those that were moved since. */
function firstSlotsOf(
  members: readonly SideMember[],
  ranges: readonly { readonly first: number }[],
): number[] {
  const claimed = members.flatMap(spansOf).map(([first]) => first);
  return [...new Set([...ranges.map(({ first }) => first), ...claimed])];
}

/** Of the masters that claim a slot the one with the greatest epoch: the older has not heard yet. */
function ownerOf(slot: number, members: readonly SideMember[]): SideMember | undefined {
  let found: SideMember | undefined;
  for (const member of members) {
    if (!claims(member, slot)) continue;
    if (found === undefined || epochOf(member) > epochOf(found)) found = member;
  }
  return found;
}

function claims(member: SideMember, slot: number): boolean {
  return spansOf(member).some(([first, last]) => first <= slot && slot <= last);
}

function spansOf(member: SideMember): [first: number, last: number][] {
  const text = factOf(member, SLOTS_FACT);
  if (text === '') return [];
  return text.split(', ').map((span) => {
    const [first = '', last = first] = span.split('-');
    return [Number(first), Number(last)];
  });
}

function epochOf(member: SideMember): number {
  return Number(factOf(member, EPOCH_FACT));
}

function isUp(member: SideMember): boolean {
  return factOf(member, STATE_FACT) === 'ok';
}

function factOf({ view }: SideMember, label: string): string {
  return view.facts.find(([name]) => name === label)?.[1] ?? '';
}
