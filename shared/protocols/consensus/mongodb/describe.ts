import { unreachable } from '../../../base/assert.ts';
import { keysOf, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { describeConfig, placeOf, type ReplicaSet } from './config.ts';
import type { FetchMessage, Message } from './messages.ts';
import { lastOf } from './oplog.ts';
import type { MemberState, OplogEntry } from './types.ts';
import { describePlace, describeValue } from './words.ts';

/** Configurations are ordered by term, then version: as one number. */
const VERSIONS_PER_TERM = 1_000_000;

export function view(state: MemberState): ReplicaView {
  const data: Table<DataView> = {};
  const { documents } = state.data;
  for (const key of keysOf(documents)) {
    const found = documents[key];
    if (found === undefined) continue;
    const majority = found.at.index <= state.commit ? '' : ', on no majority yet';
    data[key] = { values: [found.value], version: `${describePlace(found.at)}${majority}` };
  }
  const { version, term } = placeOf(state);
  return {
    role: roleOf(state),
    term: termOf(state),
    leader: state.primary,
    data,
    facts: factsOf(state),
    members: { version: term * VERSIONS_PER_TERM + version, voters: state.set.voters },
  };
}

/** One plain line, for traces, timelines and screens. */
export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'heartbeat':
      return `heartbeat of term ${message.term}: how are you?`;
    case 'heartbeat-reply':
      return `${message.role} in term ${message.term}, oplog up to ${describePlace(message.last)}, committed up to ${message.commit.index}`;
    case 'request-votes': {
      const { dryRun, term, last } = message;
      const question = dryRun ? `would you elect me? I am in term ${term}` : `elect me for term ${term}`;
      return `${question}; my oplog ends at ${describePlace(last)}`;
    }
    case 'vote': {
      const { dryRun, refusal, campaign } = message;
      if (refusal !== null) return `no: ${refusal}`;
      return dryRun ? 'I would elect you' : `my vote in term ${campaign} is yours`;
    }
    case 'fetch':
      return describeFetch(message);
    case 'batch': {
      const { entries, after, primary, commit } = message;
      return `after ${describePlace(after)}: ${describeEntries(entries)}; primary is ${primary ?? 'nobody'}, committed up to ${commit}`;
    }
    case 'no-source':
      return message.why === 'behind' ? 'I am behind you' : 'I cannot be read from now';
    case 'diverged':
      return `your oplog is not mine: we agree up to ${message.common}`;
    case 'positions': {
      const places = keysOf(message.positions).map(
        (node) => `${node} at ${message.positions[node]?.index ?? 0}`,
      );
      return `oplogs: ${places.join(', ')}`;
    }
    default:
      return unreachable(message);
  }
}

export function describeState(state: MemberState): string {
  if (state.role === 'outside') return 'no member';
  const { role, writable, primary, source, log, commit } = state;
  const standing = role === 'primary' && !writable ? 'primary, catching up' : role;
  const of = primary === null || primary === state.self ? '' : ` of ${primary}`;
  const pulls = source === null ? '' : `, pulls from ${source}`;
  const shown = log.slice(-16).map((entry) => entry.term);
  const terms = `${shown.length < log.length ? '… ' : ''}${shown.join(' ')}`;
  return `${standing}${of}, term ${state.term}${pulls}; oplog [${terms}], committed ${commit}${describeSet(state.set)}`;
}

function describeSet({ place, members, voters, majority }: ReplicaSet): string {
  if (place === undefined) return '';
  const names = members.map((member) => (voters.includes(member) ? member : `${member} (no vote)`));
  return `; config ${describeConfig(place)}: ${names.join(' ')}, a majority is ${majority}`;
}

/** The words that all systems' screens use, and MongoDB's own where there is no other. */
function roleOf({ role, campaign }: MemberState): string {
  switch (role) {
    case 'primary':
      return 'leader';
    case 'secondary':
      if (campaign === null) return 'follower';
      return campaign.dryRun ? 'pre-candidate' : 'candidate';
    case 'outside':
      return 'client';
    case 'removed':
      return 'spare';
    case 'rollback':
    case 'startup':
    case 'arbiter':
      return role;
  }
}

function termOf(state: MemberState): number | null {
  return state.role === 'outside' ? null : state.term;
}

function factsOf(state: MemberState): ReplicaView['facts'] {
  if (state.role === 'outside') return [['member', 'no: a set has 50 at most']];
  const { self, set, role, writable, source, commit, rollbackFiles } = state;
  const facts: (readonly [string, string])[] = [
    ['state', role === 'primary' && !writable ? 'PRIMARY, catching up' : role.toUpperCase()],
  ];
  if (role === 'arbiter' || role === 'removed') return facts;
  if (!set.voters.includes(self))
    facts.push([
      'votes',
      set.newlyAdded?.includes(self) === true ? 'none until it has copied everything' : 'none',
    ]);
  facts.push(['oplog', describePlace(lastOf(state))], ['majority has', `${commit}`]);
  if (source !== null) facts.push(['pulls from', source]);
  const kept = rollbackFiles.flatMap(({ documents }) => documents);
  if (kept.length > 0) {
    const shown = kept.slice(-5).map(({ key, value }) => `${key}=${describeValue(value)}`);
    facts.push(['rollback file', `${shown.length < kept.length ? '… ' : ''}${shown.join(', ')}`]);
  }
  return facts;
}

function describeFetch({ after, commit }: FetchMessage): string {
  return `what follows ${describePlace(after)}? I know of commits up to ${commit}`;
}

function describeEntries(entries: readonly OplogEntry[]): string {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return 'nothing new';
  if (entries.length <= 3) return entries.map(describeEntry).join(', ');
  return `${entries.length} entries, ${describePlace(first)} to ${describePlace(last)}`;
}

function describeEntry({ term, index, change }: OplogEntry): string {
  const place = describePlace({ term, index });
  if (change === null) return `${place} no-op`;
  const after = change.after === null ? 'deleted' : describeValue(change.after.value);
  return `${place} ${change.key}=${after}`;
}
