import { unreachable } from '../../base/assert.ts';
import { keysOf, type Table } from '../../base/table.ts';
import type { DataView, ReplicaView } from '../../sim/protocol.ts';
import type { Entry, RaftMessage, RaftState } from './types.ts';
import { isMember, isVoter, votersOf } from './voters.ts';
import { describeProposal } from './words.ts';

export function view(state: RaftState): ReplicaView {
  const data: Table<DataView> = {};
  for (const key of keysOf(state.store.keys)) {
    const found = state.store.keys[key];
    if (found !== undefined) data[key] = { values: [found.value], version: `rev ${found.modified}` };
  }
  return {
    role: roleOf(state),
    term: state.term,
    leader: state.leader,
    data,
    facts: [
      ['revision', `${state.store.revision}`],
      ['log', `${state.log.length}`],
      ['committed', `${state.commit}`],
      ['applied', `${state.applied}`],
      ...leaseFacts(state),
    ],
    members: { version: state.membership?.index ?? 0, voters: votersOf(state) },
  };
}

function roleOf(state: RaftState): string {
  if (!isMember(state)) return 'spare';
  return state.role === 'follower' && !isVoter(state, state.self) ? 'learner' : state.role;
}

function leaseFacts({ store }: RaftState): (readonly [string, string])[] {
  const leases = keysOf(store.leases ?? {});
  return leases.length === 0 ? [] : [['leases', leases.join(', ')]];
}

/** One plain line, for traces, timelines and screens. */
export function describeMessage(message: RaftMessage): string {
  switch (message.kind) {
    case 'pre-vote':
      return `would you elect me for term ${message.term}? my log ends at ${place(message.lastIndex, message.lastTerm)}`;
    case 'vote':
      return `elect me for term ${message.term}: my log ends at ${place(message.lastIndex, message.lastTerm)}`;
    case 'pre-vote-reply':
      return message.granted
        ? `I would elect you for term ${message.term}`
        : `I would not elect you; I am in term ${message.term}`;
    case 'vote-reply':
      return message.granted
        ? `my vote in term ${message.term} is yours`
        : `no vote for you in term ${message.term}`;
    case 'append': {
      const { term, prevIndex, prevTerm, entries, commit } = message;
      const what = describeEntries(entries);
      return `term ${term}, after ${place(prevIndex, prevTerm)}: ${what}; committed up to ${commit}`;
    }
    case 'append-reply':
      return message.index === 0
        ? `I am in term ${message.term}`
        : `term ${message.term}: my log agrees up to ${message.index}`;
    case 'append-reject': {
      const { term, index, hint, hintTerm } = message;
      return `term ${term}: I do not match at ${index}, try ${place(hint, hintTerm)}`;
    }
    case 'heartbeat': {
      const round = message.context === 0 ? '' : `, read round ${message.context}`;
      return `heartbeat of term ${message.term}, committed up to ${message.commit}${round}`;
    }
    case 'heartbeat-reply': {
      const round = message.context === 0 ? '' : `, read round ${message.context}`;
      return `heartbeat heard, term ${message.term}${round}`;
    }
    case 'propose':
      return `please propose ${describeProposal(message.proposal)}`;
    case 'read-index':
      return `which index must a read wait for? (request ${message.id % 1_000_000} of ${message.member})`;
    case 'read-index-reply':
      return `read from index ${message.index} on (request ${message.id % 1_000_000})`;
    case 'renew':
      return `please keep lease ${message.lease} alive`;
    case 'renewed':
      return message.found ? `lease ${message.lease} goes on` : `no such lease: ${message.lease}`;
    case 'refused':
      return `I do not propose that: ${message.error}`;
    case 'gone':
      return `gone: you were removed by entry ${message.index}`;
    case 'back':
      return `I was added again: I am a member by entry ${message.index}`;
    default:
      return unreachable(message);
  }
}

export function describeState(state: RaftState): string {
  const leader = state.leader === null || state.leader === state.self ? '' : ` of ${state.leader}`;
  const vote = state.vote === null ? '' : `, voted for ${state.vote}`;
  const { term, commit, applied } = state;
  const role = isMember(state) ? state.role : 'spare';
  return `${role}${leader}, term ${term}${vote}; log [${describeTerms(state.log)}], committed ${commit}, applied ${applied}${describeMembers(state)}`;
}

function describeMembers({ membership, nodes, learners = [], quorum }: RaftState): string {
  if (membership === undefined) return '';
  const names = nodes.map((node) => (learners.includes(node) ? `${node} (learner)` : node));
  return `; members ${names.join(' ')}, a majority is ${quorum}`;
}

/** A log as Raft's figures draw it: the terms of its entries; of a long one, the last. */
function describeTerms(log: readonly Entry[]): string {
  const shown = log.slice(-16).map((entry) => entry.term);
  return `${shown.length < log.length ? '… ' : ''}${shown.join(' ')}`;
}

function describeEntries(entries: readonly Entry[]): string {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return 'nothing new';
  if (entries.length <= 3) return entries.map(describeEntry).join(', ');
  return `${entries.length} entries, ${place(first.index, first.term)} to ${place(last.index, last.term)}`;
}

function describeEntry(entry: Entry): string {
  const what = entry.proposal === null ? 'empty' : describeProposal(entry.proposal);
  return `${place(entry.index, entry.term)} ${what}`;
}

/** A place in the log: index and term. */
function place(index: number, term: number): string {
  return index === 0 ? 'the beginning' : `${index} (term ${term})`;
}
