import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { comparePlaces, describeConfig, priorityOf } from './config.ts';
import { resetElectionTimer } from './election-timer.ts';
import type { Message } from './messages.ts';
import { compare, knownPlace, lastOf } from './oplog.ts';
import { becomePrimary } from './primary.ts';
import { mark, send, setTimer, type Step } from './step.ts';
import type { MemberState } from './types.ts';
import { describePlace } from './words.ts';

/** settings.catchUpTakeoverDelayMillis. */
const CATCH_UP_TAKEOVER_DELAY_MS = 30_000;

type VoteRequest = Extract<Message, { kind: 'request-votes' }>;

/** No news of a primary for too long. */
export function onElectionTimer(step: Step): void {
  resetElectionTimer(step);
  campaign(step, 'it has no news of a primary');
}

/** Answers a request for a vote. Unlike in etcd, a voter that hears a primary grants it all the same. */
export function onRequestVotes(step: Step, from: NodeId, message: VoteRequest): void {
  const { state } = step;
  const refusal = refuse(state, from, message);
  if (refusal === null && !message.dryRun) {
    state.vote = { term: message.term, candidate: from };
    step.unsaved = true;
    resetElectionTimer(step);
  }
  send(step, from, { kind: 'vote', dryRun: message.dryRun, campaign: message.term, refusal });
}

export function onVote(step: Step, from: NodeId, message: Extract<Message, { kind: 'vote' }>): void {
  const { campaign } = step.state;
  if (campaign === null || campaign.dryRun !== message.dryRun || campaign.term !== message.campaign) return;
  if (Object.hasOwn(campaign.votes, from)) return;
  campaign.votes[from] = message.refusal === null;
  if (message.refusal !== null) mark(step, 'role', `${from} refuses ${step.state.self}: ${message.refusal}`);
  tally(step);
}

/**
 * Plans to take over from a primary of lower priority one election timeout from now, or later from one that has
 * not caught up with this member (TopologyCoordinator::_updatePrimaryFromHBDataV1).
 */
export function considerTakeover(step: Step): void {
  const { state } = step;
  if (state.takeover || state.campaign !== null) return;
  const outranks = outranksPrimary(state);
  if (!outranks && !isAheadOfCatchUp(state)) return;
  state.takeover = true;
  // The delay grows with the rank; but only the first member can have another priority than the rest.
  setTimer(step, 'takeover', outranks ? state.knobs.electionTimeoutMillis : CATCH_UP_TAKEOVER_DELAY_MS);
}

/** A takeover is for a member that is as far as any it knows of. */
export function onTakeoverTimer(step: Step): void {
  const { state } = step;
  if (!state.takeover) return;
  state.takeover = false;
  if (!state.others.every((other) => compare(knownPlace(state, other), lastOf(state)) <= 0)) return;
  if (outranksPrimary(state)) campaign(step, 'its priority is higher than the primary’s');
  else if (isAheadOfCatchUp(state)) campaign(step, 'the primary has not caught up with it');
}

/** Asks first whether it could win, and without a majority leaves it at that: no term is used up. */
function campaign(step: Step, because: string): void {
  const { state } = step;
  if (state.role !== 'secondary' || priorityOf(state.set, state.knobs, state.self) === 0) return;
  const inSight = state.set.voters.filter((voter) => voter === state.self || state.peers[voter]?.up === true);
  if (inSight.length < state.set.majority) return;
  state.campaign = { dryRun: true, term: state.term, votes: { [state.self]: true } };
  mark(step, 'role', `${state.self} asks whether it could win an election: ${because}`);
  askForVotes(step, true);
}

function askForVotes(step: Step, dryRun: boolean): void {
  const { state } = step;
  if (tally(step)) return;
  const { place } = state.set;
  const config = place === undefined ? {} : { config: place };
  for (const voter of state.set.voters) {
    if (voter !== state.self)
      send(step, voter, { kind: 'request-votes', dryRun, last: lastOf(state), ...config });
  }
}

/** Ends the round when a majority has answered alike. */
function tally(step: Step): boolean {
  const { state } = step;
  if (state.campaign === null) return false;
  const { dryRun, votes } = state.campaign;
  const answers = keysOf(votes);
  const granted = answers.filter((voter) => votes[voter] === true);
  if (granted.length >= state.set.majority) {
    if (dryRun) stand(step);
    else becomePrimary(step, granted);
    return true;
  }
  if (answers.length - granted.length > state.set.voters.length - state.set.majority) state.campaign = null;
  return false;
}

function stand(step: Step): void {
  const { state } = step;
  state.term++;
  state.primary = null;
  state.vote = { term: state.term, candidate: state.self };
  step.unsaved = true;
  state.campaign = { dryRun: false, term: state.term, votes: { [state.self]: true } };
  mark(step, 'role', `${state.self} stands for election in term ${state.term}`);
  askForVotes(step, false);
}

/** Why a vote is refused, in the words of MongoDB's log; null where it is granted. */
function refuse(
  state: MemberState,
  candidate: NodeId,
  { term, dryRun, last, config = { term: 0, version: 1 } }: VoteRequest,
): string | null {
  if (term < state.term) return `candidate's term (${term}) is lower than mine (${state.term})`;
  const { place } = state.set;
  if (place !== undefined && comparePlaces(config, place) < 0) {
    return `candidate's config with ${describeConfig(config)} is older than mine with ${describeConfig(place)}`;
  }
  const own = lastOf(state);
  if (compare(last, own) < 0) {
    const places = `candidate's last applied OpTime: ${describePlace(last)}, my last applied OpTime: ${describePlace(own)}`;
    return `candidate's data is staler than mine. ${places}`;
  }
  if (!dryRun && state.vote !== null && state.vote.term >= term) {
    return `already voted for another candidate (${state.vote.candidate}) this term (${term})`;
  }
  const better = state.role === 'arbiter' ? betterPrimary(state, candidate) : null;
  return better === null ? null : `can see a healthy primary (${better}) of equal or greater priority`;
}

/** What an arbiter looks at, so that two members that cannot hear each other do not take turns. */
function betterPrimary(state: MemberState, candidate: NodeId): NodeId | null {
  const { primary, set, knobs } = state;
  if (primary === null || primary === candidate || state.peers[primary]?.up !== true) return null;
  return priorityOf(set, knobs, primary) >= priorityOf(set, knobs, candidate) ? primary : null;
}

/** Whether the primary still catches up, nothing being written in its term yet, and lacks what this member has. */
function isAheadOfCatchUp(state: MemberState): boolean {
  const { role, primary, set, knobs, self, term } = state;
  if (role !== 'secondary' || primary === null || knobs.catchUpTimeoutMillis === 0) return false;
  const own = lastOf(state);
  const isElectable = priorityOf(set, knobs, self) > 0;
  return isElectable && own.term < term && compare(knownPlace(state, primary), own) < 0;
}

function outranksPrimary(state: MemberState): boolean {
  const { primary, set, knobs, self } = state;
  if (state.role !== 'secondary' || primary === null) return false;
  return priorityOf(set, knobs, self) > priorityOf(set, knobs, primary);
}
