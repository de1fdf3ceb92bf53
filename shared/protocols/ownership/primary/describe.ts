import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { valueOf, type Entry } from '../../store.ts';
import { isPrimary } from './turn.ts';
import type { Message, PrimaryState, Reply, Request } from './types.ts';

/** What a node looks like from outside. */
export function view(state: PrimaryState): ReplicaView {
  const { durable, holders, self, replicas } = state;
  const data: Table<DataView> = {};
  for (const key of keysOf(durable.data)) {
    const value = valueOf(lookUp(durable.data, key));
    data[key] = { values: [value], version: `${durable.history.epoch}.${durable.changes}` };
  }
  const role = isPrimary(state) ? 'primary' : holders.includes(self) ? 'replica' : 'client';
  const facts: [string, string][] = [];
  if (isPrimary(state) && holders.length > 1)
    facts.push(['replicas heard', keysOf(replicas).join(', ') || 'none']);
  if (!isPrimary(state)) facts.push(['primary last heard', `${state.heardAt} ms`]);
  const prepared = keysOf(durable.prepared);
  if (prepared.length > 0) facts.push(['promised', String(prepared.length)]);
  return { role, term: durable.term.epoch, leader: durable.term.primary, data, facts };
}

/** One line about a message between nodes. */
export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'heartbeat':
      return `primary in epoch ${message.term.epoch}, ${message.changes} changes`;
    case 'heartbeat-ok':
      return `I follow ${message.term.primary} in epoch ${message.term.epoch}`;
    case 'prepare':
      return `can you do ${message.command.kind} ${message.command.key}? (${message.id})`;
    case 'prepared':
      return `I can (${message.id})`;
    case 'abort':
      return `forget it (${message.id})`;
    case 'commit':
      return `change ${message.changes}: ${describeEntry(message.key, message.entry)}`;
    case 'catch-up':
      return 'send me all data';
    case 'copy':
      return `all data up to ${message.changes}: ${describeData(message.data)}`;
    case 'stand':
      return `vote for me in epoch ${message.epoch}: ${message.changes} changes`;
    case 'vote':
      return `my vote in epoch ${message.epoch}`;
    default:
      return unreachable(message);
  }
}

/** One line about a node. */
export function describeState(state: PrimaryState): string {
  const { term, changes, data } = state.durable;
  const role = isPrimary(state) ? 'primary' : `follows ${term.primary}`;
  return `${role} in epoch ${term.epoch}, ${changes} changes: ${describeData(data)}`;
}

/** One line about what a client asks. */
export function describeRequest({ command, anyCopy }: Request): string {
  return `${command.kind} ${command.key}${anyCopy ? ' of any copy' : ''}`;
}

/** One line about what it is told. */
export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'done':
      return reply.applied ? canonical(reply.value) : `not applied, found ${canonical(reply.value)}`;
    case 'redirect':
      return `ask ${reply.to}`;
    case 'error':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

function describeEntry(key: string, entry: Entry | null): string {
  return entry === null ? `${key} deleted` : `${key}=${canonical(valueOf(entry))}`;
}

function describeData(data: Readonly<Table<Entry>>): string {
  const entries = keysOf(data).map((key) => describeEntry(key, lookUp(data, key) ?? null));
  return entries.length === 0 ? 'no data' : entries.join(', ');
}
