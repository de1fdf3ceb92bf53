import { freeze } from '../../base/json.ts';
import { below } from '../../base/random.ts';
import type { NodeId } from '../../sim/operation.ts';
import { isUpToDate, lastIndex, termAt } from './log.ts';
import { updatePeers } from './peer.ts';
import { broadcastAppend } from './replication.ts';
import { mark, save, send, type Step } from './step.ts';
import type { RaftState, Role, TermMessage } from './types.ts';
import { countVoters, isMember, isVoter } from './voters.ts';

type VoteMessage = Extract<TermMessage, { kind: 'pre-vote' | 'vote' }>;
type VoteReply = Extract<TermMessage, { kind: 'pre-vote-reply' | 'vote-reply' }>;

/** A tick without leadership: when the randomized timeout has passed, this node stands for election. */
export function tickElection(step: Step): void {
  const { state } = step;
  if (++state.elapsed < state.timeout || !isVoter(state, state.self) || !isMember(state)) return;
  state.elapsed = 0;
  campaign(step, state.preVote ? 'pre-candidate' : 'candidate');
}

/** Whether this node has heard from a leader so recently that it must not help to unseat it (Ongaro 2014 §4.2.3). */
export function isInLease(state: RaftState): boolean {
  return state.checkQuorum && state.leader !== null && state.elapsed < state.electionTicks;
}

export function becomeFollower(step: Step, term: number, leader: NodeId | null, because: string): void {
  const { state } = step;
  const before = state.role;
  reset(step, term);
  state.role = 'follower';
  state.leader = leader;
  const change = before === 'leader' ? 'no longer leads' : 'follows';
  if (before !== 'follower') mark(step, 'role', `${state.self} ${change}: ${because}`);
}

/** Answers a request for a vote or a pre-vote of a term that is not behind ours. */
export function onVoteRequest(step: Step, from: NodeId, message: VoteMessage): void {
  const { state } = step;
  const isPreVote = message.kind === 'pre-vote';
  const isFree =
    state.vote === from ||
    (state.vote === null && state.leader === null) ||
    (isPreVote && message.term > state.term);
  const granted = isFree && isUpToDate(state, message.lastIndex, message.lastTerm);
  if (granted && !isPreVote) {
    state.elapsed = 0;
    if (state.vote !== from) {
      state.vote = from;
      save(step);
    }
  }
  const kind = isPreVote ? 'pre-vote-reply' : 'vote-reply';
  // A grant repeats the term asked for: in a pre-vote it is ahead of both nodes' terms, and an answer with
  // the voter's own older term would be ignored.
  send(step, from, { kind, term: granted ? message.term : state.term, granted });
}

/** Counts an answer to the campaign under way. */
export function onVoteReply(step: Step, from: NodeId, message: VoteReply): void {
  const { state } = step;
  const asked = state.role === 'pre-candidate' ? 'pre-vote-reply' : 'vote-reply';
  if (message.kind !== asked || (state.role !== 'pre-candidate' && state.role !== 'candidate')) return;
  state.votes[from] ??= message.granted;
  tally(step);
}

/** A pre-candidate raises no term and records no vote: it only asks. */
function campaign(step: Step, role: 'pre-candidate' | 'candidate'): void {
  const { state } = step;
  const isPreVote = role === 'pre-candidate';
  const isNews = !isPreVote || state.role !== role;
  if (isPreVote) {
    state.votes = {};
    state.leader = null;
  } else {
    reset(step, state.term + 1);
    state.vote = state.self;
    save(step);
  }
  state.role = role;
  const term = isPreVote ? state.term + 1 : state.term;
  const purpose = isPreVote
    ? `asks whether it could win term ${term}`
    : `stands for election in term ${term}`;
  if (isNews) mark(step, 'role', `${state.self} ${purpose}`);
  state.votes[state.self] = true;
  if (tally(step)) return;
  const last = lastIndex(state);
  const message: VoteMessage = {
    kind: isPreVote ? 'pre-vote' : 'vote',
    term,
    lastIndex: last,
    lastTerm: termAt(state, last),
  };
  for (const other of state.others) if (isVoter(state, other)) send(step, other, message);
}

/** Ends the campaign when a majority has answered alike. */
function tally(step: Step): boolean {
  const { state } = step;
  let granted = 0;
  let refused = 0;
  for (const node of state.nodes) {
    const vote = state.votes[node];
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  if (granted >= state.quorum) {
    if (state.role === 'pre-candidate') campaign(step, 'candidate');
    else becomeLeader(step);
    return true;
  }
  // Lost only when no majority of grants is possible any more.
  if (refused > countVoters(state) - state.quorum)
    becomeFollower(step, state.term, null, 'a majority is against it');
  return false;
}

/**
 * The new leader begins its term with an empty entry: only once that is committed does it know which of its
 * older entries are, and only then may it answer reads (Ongaro 2014 §6.4).
 */
function becomeLeader(step: Step): void {
  const { state } = step;
  const voters = state.nodes.filter((node) => state.votes[node] === true);
  reset(step, state.term);
  state.role = 'leader' satisfies Role;
  state.leader = state.self;
  // From here on silence means something: nobody speaks to a follower but its leader.
  updatePeers(state, (peer) => (peer.heardAt = step.now));
  state.log.push(freeze({ index: lastIndex(state) + 1, term: state.term, proposal: null }));
  save(step);
  mark(step, 'leader', `${state.self} leads term ${state.term}, elected by ${voters.join(', ')}`);
  broadcastAppend(step);
}

function reset(step: Step, term: number): void {
  const { state } = step;
  if (state.term !== term) {
    state.term = term;
    state.vote = null;
    save(step);
  }
  state.leader = null;
  state.elapsed = 0;
  state.timeout = state.electionTicks + below(step.random, state.electionTicks);
  state.votes = {};
  state.readQueue = [];
  state.earlyReads = [];
  updatePeers(state, (peer) => {
    peer.match = 0;
    peer.next = lastIndex(state) + 1;
    peer.mode = 'probe';
    peer.paused = false;
    peer.active = false;
    peer.readAck = 0;
  });
}
