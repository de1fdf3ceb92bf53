import { below } from '../../../base/random.ts';
import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { broadcast, broadcastPong, news, tell } from './bus.ts';
import { rangesOfClaim } from './claims.ts';
import { ownerOf, setOwner } from './owners.ts';
import { lead, REPLICA_PING } from './replication.ts';
import {
  isMaster,
  mark,
  memberOf,
  quorumOf,
  rangesOwnedBy,
  reconfigured,
  votersOf,
  type Turn,
} from './turn.ts';
import type { Head, RedisState } from './types.ts';

/** Every replica waits before it stands, so that FAIL is known everywhere, and longer by rank. Milliseconds. */
const ELECTION_DELAY = 500;
const ELECTION_JITTER = 500;
const RANK_DELAY = 1000;
/** Votes count for two node timeouts, two seconds at least; an attempt is repeated after twice that. */
const VOTE_TIMEOUTS = 2;
const VOTE_TIME_MIN = 2000;

/** A replica of a failed master stands for election (redis cluster_legacy.c, clusterHandleSlaveFailover). */
export function considerFailover(turn: Turn): void {
  const { state, now } = turn;
  const master = failedMaster(state);
  if (master === null || !isFresh(state, now)) return;
  const patience = Math.max(VOTE_TIME_MIN, VOTE_TIMEOUTS * state.knobs.nodeTimeout);
  const { election } = state;
  if (election === null || now - election.startAt > 2 * patience) {
    schedule(turn, master);
    return;
  }
  if (election.epoch === null) {
    const rank = rankOf(state, master);
    if (rank > election.rank) {
      election.startAt += (rank - election.rank) * RANK_DELAY;
      election.rank = rank;
    }
  }
  if (now < election.startAt || now - election.startAt > patience) return;
  if (election.epoch === null) stand(turn, election);
  else if (keysOf(election.votes).length >= quorumOf(state)) replaceMaster(turn, master);
}

/** A replica asks for this master's vote: one an epoch, and one failed master's replicas once in two timeouts. */
export function onVoteRequest(turn: Turn, from: NodeId, head: Head): void {
  const { state, now } = turn;
  const { durable, knobs, self } = state;
  if (!isMaster(state, self) || rangesOwnedBy(state, self).length === 0) return;
  if (head.currentEpoch < durable.currentEpoch || durable.lastVoteEpoch === durable.currentEpoch) return;
  const { master } = memberOf(state, from);
  if (master === null || master === self || !memberOf(state, master).failed) return;
  const votedAt = state.votes[master];
  if (votedAt !== undefined && now - votedAt < VOTE_TIMEOUTS * knobs.nodeTimeout) return;
  const isOutdated = rangesOfClaim(turn, head.claim).some((range) => {
    const owner = ownerOf(durable, range);
    return owner !== null && memberOf(state, owner).configEpoch > head.claim.configEpoch;
  });
  if (isOutdated) return;
  durable.lastVoteEpoch = durable.currentEpoch;
  state.votes[master] = now;
  turn.isDirty = true;
  tell(turn, from, { kind: 'vote' });
}

export function onVote(turn: Turn, from: NodeId, head: Head): void {
  const { state } = turn;
  const { election } = state;
  if (election === null || election.epoch === null || head.currentEpoch < election.epoch) return;
  if (!votersOf(state).includes(from)) return;
  election.votes[from] = true;
  considerFailover(turn);
}

/** The master this node replicates, if it has failed and has slots to take over. */
function failedMaster(state: RedisState): NodeId | null {
  const { master } = memberOf(state, state.self);
  if (master === null || !memberOf(state, master).failed) return null;
  return rangesOwnedBy(state, master).length > 0 ? master : null;
}

/** Whether the data is recent enough (cluster-replica-validity-factor). A node timeout of age is the least there is. */
function isFresh({ knobs, replication }: RedisState, now: number): boolean {
  if (knobs.replicaValidityFactor === 0) return true;
  if (replication.heardAt === null) return false;
  const age = now - replication.heardAt;
  const beyond = age > knobs.nodeTimeout ? age - knobs.nodeTimeout : age;
  return beyond <= REPLICA_PING + knobs.nodeTimeout * knobs.replicaValidityFactor;
}

/** How many other replicas of the same master have more of its data. */
function rankOf(state: RedisState, master: NodeId): number {
  return siblingsOf(state, master).filter((node) => (state.offsets[node] ?? 0) > state.replication.offset)
    .length;
}

function siblingsOf(state: RedisState, master: NodeId): NodeId[] {
  return state.nodes.filter((node) => node !== state.self && memberOf(state, node).master === master);
}

function schedule(turn: Turn, master: NodeId): void {
  const { state, now, random } = turn;
  const rank = rankOf(state, master);
  const startAt = now + ELECTION_DELAY + below(random, ELECTION_JITTER) + rank * RANK_DELAY;
  state.election = { startAt, rank, epoch: null, votes: {} };
  // The others learn how far this one's data is, and give way if theirs is behind.
  const told = news(turn);
  for (const node of siblingsOf(state, master)) tell(turn, node, { kind: 'pong', ...told });
}

function stand(turn: Turn, election: NonNullable<RedisState['election']>): void {
  const { durable } = turn.state;
  election.epoch = ++durable.currentEpoch;
  reconfigured(turn);
  mark(turn, 'role', `asks the masters for their votes in epoch ${election.epoch}`);
  broadcast(turn, { kind: 'vote-request' });
}

function replaceMaster(turn: Turn, master: NodeId): void {
  const { state } = turn;
  const self = memberOf(state, state.self);
  const ranges = rangesOwnedBy(state, master);
  self.configEpoch = Math.max(self.configEpoch, state.election?.epoch ?? 0);
  self.master = null;
  state.election = null;
  for (const range of ranges) setOwner(state.durable, range, state.self);
  lead(state);
  reconfigured(turn);
  mark(turn, 'failover', `takes over the slots of ${master}`);
  broadcastPong(turn);
}
