import { unreachable } from '../../base/assert.ts';
import { freeze } from '../../base/json.ts';
import { below } from '../../base/random.ts';
import type { Table } from '../../base/table.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../sim/protocol.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { becomeFollower, tickElection } from './election.ts';
import { broadcastHeartbeat } from './heartbeat.ts';
import { expireLeases } from './leases.ts';
import { Panic } from './panic.ts';
import { latestReadContext } from './read-index.ts';
import { retryRead, timeOutReads } from './reads.ts';
import { onMessage } from './receive.ts';
import { createMembership } from './member-change.ts';
import { publish, stopRemoved } from './members.ts';
import { createPeer, ownPeer, updatePeers } from './peer.ts';
import { advanceServer, onRequest, onRequestTimeout, replay } from './server.ts';
import { createStep, finish, setTimer, type Step } from './step.ts';
import { createStore } from './store.ts';
import { countVoters, isVoter } from './voters.ts';
import type { Entry, Peer, Raft, RaftDurable, RaftKnobs, RaftState, RaftTimer } from './types.ts';

/**
 * Raft (Ongaro 2014) as etcd runs it, with etcd's server around it: PreVote, CheckQuorum with the voters'
 * lease, ReadIndex, and a key-value store with revisions. A majority decides, so at most one side of a
 * partition goes on, and what it has acknowledged is in the log of every later leader. That is the lesson.
 */
export const raft: Protocol<Raft> = {
  name: 'raft',
  // rafthttp keeps TCP streams between members. Raft itself is safe under datagrams too.
  channel: 'stream',
  connections: false,
  init,
  step,
  durable: ({ term, vote, commit, log }) => ({ term, vote, commit, log }),
  freeze: ({ log }) => freezeEntries(log),
  view,
  describeMessage,
  describeState,
};

function init(config: Config<RaftKnobs>, durable: RaftDurable | null): RaftState {
  const { self, knobs, incarnation } = config;
  const nodes = freeze(config.members);
  const others = freeze(nodes.filter((node) => node !== self));
  const learners = nodes.slice(nodes.length - knobs.learners);
  const electionTicks = Math.floor(knobs.electionMs / knobs.heartbeatMs);
  const peers: Table<Peer> = {};
  const silent = createPeer((durable?.log.length ?? 0) + 1);
  for (const other of others) peers[other] = silent;
  const state: RaftState = {
    self,
    nodes,
    others,
    ...(learners.length === 0 ? {} : { learners }),
    ...(nodes.length === config.nodes.length ? {} : { membership: createMembership() }),
    ...(knobs.strictReconfigCheck ? {} : { laxReconfig: true }),
    incarnation,
    heartbeatMs: knobs.heartbeatMs,
    electionTicks,
    preVote: knobs.preVote,
    checkQuorum: knobs.checkQuorum,
    quorum: Math.floor((nodes.length - learners.length) / 2) + 1,
    term: durable?.term ?? 0,
    vote: durable?.vote ?? null,
    log: durable?.log ?? [],
    commit: durable?.commit ?? 0,
    applied: 0,
    role: 'follower',
    leader: null,
    elapsed: 0,
    timeout: electionTicks,
    votes: {},
    peers,
    readContext: 0,
    readQueue: [],
    earlyReads: [],
    store: createStore(),
    seenLeader: null,
    electedAt: null,
    proposals: 0,
    pending: {},
    waiting: [],
    forwarded: 0,
    // Read-index requests of an earlier incarnation must not be taken for this one's.
    readIds: incarnation * 1_000_000,
    nextReads: [],
    readRound: null,
    confirmed: [],
  };
  replay(state);
  return state;
}

/** Entries are frozen as they come, so whatever is not frozen yet is at the end. */
function freezeEntries(log: readonly Entry[]): void {
  for (let i = log.length - 1; i >= 0 && !Object.isFrozen(log[i]); i--) freeze(log[i]);
}

function step(state: RaftState, input: Input<Raft>, ambient: Ambient): Output<Raft>[] {
  const step = createStep(state, ambient);
  try {
    take(step, input);
    advanceServer(step);
  } catch (error) {
    if (error instanceof Panic) return [{ kind: 'halt', reason: `panic: ${error.message}` }];
    throw error;
  }
  return finish(step);
}

function take(step: Step, input: Input<Raft>): void {
  switch (input.kind) {
    case 'start':
      onStart(step);
      break;
    case 'message':
      onMessage(step, input.from, input.message);
      break;
    case 'timer':
      onTimer(step, input.timer);
      break;
    case 'request':
      onRequest(step, input.from, input.id, input.request);
      break;
    case 'disconnected':
      break;
    default:
      unreachable(input);
  }
}

function onStart(step: Step): void {
  const { state } = step;
  state.timeout = state.electionTicks + below(step.random, state.electionTicks);
  updatePeers(state, (peer) => (peer.heardAt = peer.connectedSince = step.now));
  // Processes are not started in step with each other, so neither are their clocks' ticks.
  setTimer(step, 'tick', 1 + below(step.random >>> 8, state.heartbeatMs));
  if (state.membership !== undefined) publish(step);
}

function onTimer(step: Step, timer: RaftTimer): void {
  switch (timer) {
    case 'tick':
      tick(step);
      return;
    case 'read-retry':
      retryRead(step);
      return;
    case 'read-timeout':
      timeOutReads(step);
      return;
    case 'publish':
      publish(step);
      return;
    case 'stop':
      stopRemoved(step);
      return;
    default:
      if (/^request-\d+$/.test(timer)) onRequestTimeout(step, Number(timer.slice('request-'.length)));
  }
}

function tick(step: Step): void {
  const { state } = step;
  setTimer(step, 'tick', state.heartbeatMs);
  if (state.role !== 'leader') tickElection(step);
  else {
    if (++state.elapsed >= state.electionTicks) {
      state.elapsed = 0;
      if (state.checkQuorum) checkQuorum(step);
    }
    // It may just have stepped down.
    if (state.role !== 'leader') return;
    broadcastHeartbeat(step, latestReadContext(state));
    expireLeases(step);
  }
}

/** A leader that has not heard a majority for a whole election timeout may have been replaced: it steps down. */
function checkQuorum(step: Step): void {
  const { state } = step;
  let active = 1;
  for (const other of state.others) {
    if (state.peers[other]?.active !== true) continue;
    if (isVoter(state, other)) active++;
    const peer = ownPeer(state, other);
    if (peer !== undefined) peer.active = false;
  }
  if (active >= state.quorum) return;
  becomeFollower(step, state.term, null, `it has heard only ${active} of ${countVoters(state)} nodes`);
}
