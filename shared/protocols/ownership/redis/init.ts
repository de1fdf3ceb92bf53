import type { NodeId } from '../../../sim/operation.ts';
import type { Config } from '../../../sim/protocol.ts';
import { MIGRATION_BARRIER } from './replica-migration.ts';
import { newReplication, streamId } from './replication.ts';
import { layoutOf, type Layout } from './slots.ts';
import type { Durable, Member, RedisKnobs, RedisState } from './types.ts';

/** A cluster that was made before the class came: everybody knows everybody, and replicas are attached. */
export function init(config: Config<RedisKnobs>, durable: Durable | null): RedisState {
  const { self, incarnation } = config;
  const { migrationBarrier, allowReplicaMigration, ...knobs } = config.knobs;
  const layout = layoutOf(config.members, knobs);
  const { masterOf } = layout;
  const isFirst = incarnation <= 1;
  const master = masterOf.get(self) ?? null;
  const stream = streamId(master ?? self, 1, config.nodes.indexOf(master ?? self) + 1);
  const replicas = config.members.filter((node) => masterOf.get(node) === self);
  const disk = durable ?? emptyDisk(config, layout);
  const nodes = config.nodes.filter((node) => node in disk.members);
  const barrier = allowReplicaMigration ? migrationBarrier : null;
  return {
    self,
    nodes,
    ...(nodes.join() === config.members.join() ? {} : { founders: config.members }),
    knobs,
    ...(barrier === MIGRATION_BARRIER ? {} : { migrationBarrier: barrier }),
    incarnation,
    durable: disk,
    pongs: [],
    pings: {},
    suspects: {},
    failures: {},
    reports: {},
    votes: {},
    offsets: {},
    replication: newReplication(isFirst ? stream : '', isFirst && master === null ? replicas : [], 0),
    election: null,
    isClusterOk: isFirst && disk.isMember,
    startedAt: 0,
    minorityAt: null,
    ticks: 0,
  };
}

/**
 * As `redis-cli --cluster create` leaves a cluster: every node has its own epoch, in order. A spare machine knows
 * nobody but itself. A disk that is empty at a later start has lost the node's name, so it is no member of the
 * cluster any more and knows no slots.
 */
function emptyDisk({ self, members, incarnation }: Config<RedisKnobs>, layout: Layout): Durable {
  const isMember = incarnation <= 1 && members.includes(self);
  const known = members.includes(self) ? members : [self];
  const lines = known.map((node, index): [NodeId, Member] => {
    const master = isMember ? (layout.masterOf.get(node) ?? null) : null;
    return [node, { configEpoch: isMember ? index + 1 : 0, master, failed: false }];
  });
  return {
    isMember,
    currentEpoch: isMember ? members.length : 0,
    lastVoteEpoch: 0,
    members: Object.fromEntries(lines),
    owners: layout.masters.map((node) => (isMember ? node : null)),
    data: {},
  };
}
