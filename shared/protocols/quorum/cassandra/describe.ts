import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { type Cells, liveNames, newestTimestamp } from '../../../data/cells.ts';
import type { Stored } from '../../../sim/operation.ts';
import { read } from './columns.ts';
import { errorOf } from './errors.ts';
import type { Message } from './messages.ts';
import { rowOf } from './storage.ts';
import type { Ballot, CassandraState, Change, Condition, PaxosState, Reply, Request } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'syn':
      return 'gossip: what I know';
    case 'ack':
      return `gossip: news of ${message.news.length}, want ${message.wanted.length}`;
    case 'ack2':
      return `gossip: news of ${message.news.length}`;
    case 'echo':
      return 'are you there?';
    case 'echo-ok':
      return 'I am here';
    case 'mutate':
      return `write ${describeRow(message.key, message.cells)}`;
    case 'mutated':
      return 'written';
    case 'increment':
      return `lead: ${message.key} + ${message.by}`;
    case 'incremented':
      return 'counted';
    case 'read':
      return message.digest ? `digest of ${message.key}?` : `what is ${message.key}?`;
    case 'data':
      return describeRow(message.key, message.cells);
    case 'digest':
      return `digest of ${message.key}: ${message.digest.toString(16).padStart(8, '0')}`;
    case 'hints':
      return `hints for you: ${message.entries.map(([key, , cells]) => describeRow(key, cells)).join('; ')}`;
    case 'hints-ok':
      return `has ${message.taken.map(([key]) => key).join(', ')}`;
    case 'prepare':
      return `prepare ${message.key}, ballot ${describeBallot(message.ballot)}`;
    case 'promise':
      return describePromise(message.key, message.paxos);
    case 'propose': {
      const { ballot, cells } = message.proposal;
      const what =
        keysOf(cells).length === 0 ? `nothing for ${message.key}` : describeRow(message.key, cells);
      return `propose ${what}, ballot ${describeBallot(ballot)}`;
    }
    case 'proposed':
      return message.accepted ? `accepts for ${message.key}` : `refuses for ${message.key}`;
    case 'commit':
      return `commit ${describeRow(message.key, message.proposal.cells)}`;
    case 'validate':
      return 'repair: your tree?';
    case 'tree':
      return 'repair: my tree';
    case 'fetch':
      return `repair: ${message.buckets.length} leaves differ, your rows?`;
    case 'stream':
      return `repair: mine: ${describeRows(message.entries)}`;
    case 'push':
      return `repair: all of it: ${describeRows(message.entries)}`;
    case 'pushed':
      return 'repair: done';
    case 'stream-ask':
      return 'rows that are to be mine?';
    case 'stream-rows':
      return `yours from now on: ${describeRows(message.entries)}`;
    case 'stream-taken':
      return 'has them';
    case 'restored':
      return `has what was to come of ${message.node}`;
    default:
      return unreachable(message);
  }
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'read':
      return `read ${request.key} at ${request.consistency}`;
    case 'write': {
      const { key, change, condition, consistency } = request;
      const what = `${describeChange(key, change)} at ${consistency}`;
      return condition === null ? what : `${what} if ${describeCondition(condition)}`;
    }
    case 'increment':
      return `${request.key} + ${request.by} at ${request.consistency}`;
    case 'join':
      return 'start, and join the ring';
    case 'leave':
      return 'nodetool decommission';
    case 'remove':
      return `nodetool removenode ${request.node}`;
    case 'repair':
      return 'nodetool repair';
    default:
      return unreachable(request);
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'row':
      return describeValue(reply.value);
    case 'written':
      return `written, timestamp ${describeTime(reply.timestamp)}`;
    case 'conditional':
      return reply.applied ? 'applied' : `not applied, it is ${describeValue(reply.value)}`;
    case 'repaired':
      return 'repaired';
    case 'moving':
      return 'not done yet';
    case 'moved':
      return 'done';
    default:
      return errorOf(reply);
  }
}

/** `x=1 (@2.000000 s)`, then hints and who is thought down. */
export function describeState(state: CassandraState): string {
  const { rows, hints } = state.durable;
  const parts = keysOf(rows).map((key) => describeRow(key, rowOf(state, key)));
  for (const owner of keysOf(hints)) {
    const shelf = lookUp(hints, owner) ?? {};
    const kept = keysOf(shelf).map((key) => describeRow(key, lookUp(shelf, key)?.cells ?? {}));
    parts.push(`hints for ${owner}: ${kept.join(', ')}`);
  }
  const down = keysOf(state.down);
  if (down.length > 0) parts.push(`thinks down: ${down.join(' ')}`);
  return parts.join('; ') || 'empty';
}

/** A timestamp in seconds of the writer's clock: `@2.000000 s`. */
export function describeTime(at: number): string {
  const [seconds, rest] = [Math.floor(at / 1_000_000), Math.abs(at % 1_000_000)];
  return `@${seconds}.${String(rest).padStart(6, '0')} s`;
}

export function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

function describeRow(key: string, cells: Cells): string {
  if (keysOf(cells).length === 0) return `${key}: nothing`;
  const live = liveNames(cells);
  const plain = read(cells, null);
  const [only] = live;
  const shown = plain === null && only !== undefined ? (lookUp(cells, only)?.value ?? null) : plain;
  return `${key}=${live.length === 0 ? 'deleted' : describeValue(shown)} (${describeTime(newestTimestamp(cells))})`;
}

function describeRows(entries: readonly (readonly [key: string, cells: Cells])[]): string {
  return entries.map(([key, cells]) => describeRow(key, cells)).join('; ') || 'nothing';
}

function describePromise(key: string, { promised, accepted }: PaxosState): string {
  const open = accepted === null ? '' : `, has accepted ${describeRow(key, accepted.cells)}`;
  return `${key}: promised ballot ${describeBallot(promised)}${open}`;
}

function describeBallot({ at, node }: Ballot): string {
  return `${describeTime(at)} of ${node}`;
}

function describeChange(key: string, change: Change): string {
  switch (change.kind) {
    case 'assign':
      return `write ${change.column === null ? key : `${key}.${change.column}`}=${describeValue(change.value)}`;
    case 'delete':
      return `delete ${key}`;
    case 'add':
    case 'remove':
    case 'append':
      return `${change.kind} ${describeValue(change.value)} ${change.kind === 'remove' ? 'from' : 'to'} ${key}`;
    default:
      return unreachable(change);
  }
}

function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return `it is ${describeValue(condition.value)}`;
    case 'exists':
      return 'it exists';
    case 'not-exists':
      return 'it does not exist';
    default:
      return unreachable(condition);
  }
}
