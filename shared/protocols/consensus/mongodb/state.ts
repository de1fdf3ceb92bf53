import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Config } from '../../../sim/protocol.ts';
import { createReplicaSet, type ReplicaSet } from './config.ts';
import { BEGINNING, dataUpTo } from './oplog.ts';
import type { MemberState, MongoDurable, MongoKnobs, Peer, Role } from './types.ts';

/** A member before its start. Its term is what it has voted in or written in, whichever is later. */
export function init(
  { self, nodes, members, knobs, incarnation }: Config<MongoKnobs>,
  durable: MongoDurable | null,
): MemberState {
  const first = createReplicaSet(members, knobs);
  const isFixed = members.length === nodes.length;
  const set = durable?.set ?? (isFixed ? first : { ...first, place: { term: 0, version: 1 } });
  // A node beyond the 50th of the first members has no place in any configuration that was made here.
  const isSpare = !members.includes(self) || set.place !== undefined;
  const isMember = set.members.includes(self);
  const others = isMember ? set.members.filter((member) => member !== self) : [];
  const peers: Table<Peer> = {};
  for (const other of others) peers[other] = createPeer();
  const log = durable?.log ?? [];
  return {
    self,
    incarnation,
    knobs,
    set,
    others,
    peers,
    term: Math.max(durable?.vote?.term ?? 0, log.at(-1)?.term ?? 0),
    vote: durable?.vote ?? null,
    log,
    commit: durable?.commit ?? 0,
    rollbackFiles: [...(durable?.rollbackFiles ?? [])],
    data: dataUpTo(log, log.length),
    committed: dataUpTo(log, durable?.commit ?? 0),
    role: firstRole(set, self, { isSpare, hasLostDisk: incarnation > 1 && durable === null }),
    writable: false,
    primary: null,
    campaign: null,
    takeover: false,
    source: null,
    avoided: {},
    awaiting: {},
    waiters: [],
    readers: [],
    waits: 0,
    version: 1,
    hellos: {},
  };
}

/** A member that comes back without its disk copies everything first. */
function firstRole(
  set: ReplicaSet,
  self: NodeId,
  { isSpare, hasLostDisk }: { readonly isSpare: boolean; readonly hasLostDisk: boolean },
): Role {
  if (!set.members.includes(self)) return isSpare ? 'removed' : 'outside';
  if (set.arbiters.includes(self)) return 'arbiter';
  return hasLostDisk ? 'startup' : 'secondary';
}

/** A member of which nothing is known yet. */
export function createPeer(): Peer {
  return {
    up: false,
    unanswered: null,
    silence: 0,
    askedAt: 0,
    ping: null,
    role: null,
    at: BEGINNING,
    updated: true,
  };
}
