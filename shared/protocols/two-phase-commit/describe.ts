import { unreachable } from '../../base/assert.ts';
import { canonical } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { DataView, ReplicaView } from '../../sim/protocol.ts';
import { valueOf } from '../store.ts';
import { lockHolder } from './locks.ts';
import type { Branch, Knowledge, Message, Move, Reply, Request, TwoPhaseState } from './types.ts';

/** What a node looks like from outside. A key that is locked says so where others have a version. */
export function view(state: TwoPhaseState): ReplicaView {
  const { durable, open, self, nodes, knobs, waiting } = state;
  const data: Table<DataView> = {};
  const locked = keysOf(durable.prepared).flatMap((id) => keysOf(durable.prepared[id]?.balances ?? {}));
  for (const key of [...keysOf(durable.data), ...locked]) {
    const holder = lockHolder(state, key);
    const version = holder === null ? 'free' : `locked by ${holder}`;
    data[key] = { values: [valueOf(lookUp(durable.data, key))], version };
  }
  const facts = keysOf(durable.prepared).map((id): [string, string] => [
    `prepared for ${id}`,
    describeBranch(durable.prepared[id]),
  ]);
  for (const id of keysOf(open)) {
    const { votes = {}, participants = [] } = lookUp(open, id) ?? {};
    facts.push([`votes for ${id}`, `${keysOf(votes).length} of ${participants.length}`]);
  }
  for (const id of keysOf(durable.decided)) {
    facts.push([`${id} is committed, not confirmed by`, (durable.decided[id] ?? []).join(', ')]);
  }
  if (waiting.length > 0) facts.push(['waiting for locks', String(waiting.length)]);
  const leader = knobs.coordinator === 'first' ? (nodes[0] ?? self) : null;
  return { role: roleOf(state), term: null, leader, data, facts };
}

/** One line about a message between nodes. */
export function describeMessage(message: Message): string {
  const { transaction } = message;
  switch (message.kind) {
    case 'prepare':
      return `can you commit ${transaction}? ${message.moves.map(describeMove).join(', ')}`;
    case 'vote-yes':
      return `yes, ${transaction} is promised`;
    case 'vote-no':
      return `no to ${transaction}: ${message.reason}`;
    case 'commit':
      return `commit ${transaction}`;
    case 'abort':
      return `abort ${transaction}`;
    case 'ack':
      return `${transaction} is done`;
    case 'decision-request':
      return `what was decided on ${transaction} of ${message.coordinator}?`;
    case 'decision-response':
      return `${transaction}: ${KNOWLEDGE[message.knowledge]}`;
    default:
      return unreachable(message);
  }
}

/** One line about a node. */
export function describeState(state: TwoPhaseState): string {
  const { durable } = state;
  const data = keysOf(durable.data).map((key) => `${key}=${canonical(valueOf(lookUp(durable.data, key)))}`);
  const prepared = keysOf(durable.prepared).map(
    (id) => `prepared for ${id} (${describeBranch(durable.prepared[id])})`,
  );
  const decided = keysOf(durable.decided).map((id) => `has decided to commit ${id}`);
  return [data.length === 0 ? 'no data' : data.join(', '), ...prepared, ...decided].join('; ');
}

/** One line about what a client asks. */
export function describeRequest(request: Request): string {
  if (request.kind === 'command') return `${request.command.kind} ${request.command.key}`;
  const { from, to, amount, crash } = request;
  const point = crash === null ? '' : `, and to crash ${crash.replaceAll('-', ' ')}`;
  return `transfer ${amount} from ${from} to ${to}${point}`;
}

/** One line about what it is told. */
export function describeReply(reply: Reply): string {
  if (reply.kind === 'error') return reply.error;
  return reply.applied ? canonical(reply.value) : `not applied, found ${canonical(reply.value)}`;
}

const KNOWLEDGE: Readonly<Record<Knowledge, string>> = {
  committed: 'committed',
  aborted: 'aborted',
  unknown: 'I do not know',
  'not-voted': 'I have not voted, and will not',
};

function roleOf({ open, durable }: TwoPhaseState): string {
  if (keysOf(open).length > 0 || keysOf(durable.decided).length > 0) return 'coordinator';
  return keysOf(durable.prepared).length > 0 ? 'in doubt' : 'shard';
}

function describeMove({ key, by }: Move): string {
  return `${key} ${by < 0 ? '' : '+'}${by}`;
}

function describeBranch(branch: Branch | undefined): string {
  if (branch === undefined) return '';
  const balances = keysOf(branch.balances).map((key) => `${key}=${String(lookUp(branch.balances, key))}`);
  return branch.heuristic === null ? balances.join(', ') : `decided for itself: ${branch.heuristic}`;
}
