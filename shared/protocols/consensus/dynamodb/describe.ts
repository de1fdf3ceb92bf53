import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { Stored } from '../../../sim/operation.ts';
import { diskOf } from './group.ts';
import { valueOf } from './items.ts';
import type { DynamoDbState, Item, Message, Reply, Request, Update } from './types.ts';

export function describeMessage(message: Message): string {
  return `${message.group}: ${describeBody(message)}`;
}

export function describeRequest(request: Request): string {
  if (request.kind === 'get') {
    return `get ${request.key}${request.consistent ? ', consistent' : ''}`;
  }
  const { key, update, condition } = request;
  const only = condition === undefined ? '' : ` if it is ${describeValue(condition)}`;
  return `${describeUpdate(key, update)}${only}`;
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'item':
      return describeValue(reply.value);
    case 'done':
      return `done, ${describeValue(reply.value)}`;
    case 'condition-failed':
      return 'the condition does not hold';
    case 'write-conflict':
      return 'another Region writes it now';
    case 'wrong-type':
      return 'wrong type';
    case 'unavailable':
      return 'nobody leads the partition';
    case 'internal-error':
      return 'no answer in time';
    default:
      return unreachable(reply);
  }
}

/** `p1 r0 leads, ballot 3: x=1, y=2 (not on a majority)`. */
export function describeState(state: DynamoDbState): string {
  const parts = keysOf(state.groups).map((id) => {
    const group = lookUp(state.groups, id);
    if (group === undefined) return id;
    const { ballot, items } = diskOf(state, group);
    const kept = keysOf(items).map((key) => {
      const { accepted, committed } = items[key] ?? {};
      const isCommitted =
        committed?.sequence === accepted?.sequence && committed?.ballot === accepted?.ballot;
      return `${key}=${describeValue(valueOf(accepted))}${isCommitted ? '' : ' (not known to be on a majority)'}`;
    });
    return `${id} ${group.role}, ballot ${ballot}${kept.length > 0 ? `: ${kept.join(', ')}` : ''}`;
  });
  return parts.join('; ') || 'no partition';
}

function describeBody(message: Message): string {
  switch (message.kind) {
    case 'may-i':
      return 'I hear no leader. Do you?';
    case 'go-ahead':
      return 'neither do I';
    case 'prepare':
      return `prepare ballot ${message.ballot}`;
    case 'promise':
      return `promise ballot ${message.ballot}, having ${describeItems(message.items)}`;
    case 'outdated':
      return `no, ballot ${message.ballot} is promised`;
    case 'accept':
      return `accept ${describeItems(message.items)} under ballot ${message.ballot}`;
    case 'accepted':
      return `accepted ${keysOf(message.sequences).join(', ')}`;
    case 'heartbeat':
      return `heartbeat ${message.tick} of ballot ${message.ballot}, committed to ${message.through}`;
    case 'heartbeat-ok':
      return `heartbeat ${message.tick} heard`;
    case 'ask':
      return describeRequest(message.request);
    case 'answer':
      return describeReply(message.reply);
    case 'not-leader':
      return message.leader === null ? 'I do not lead' : `${message.leader} leads`;
    case 'replicate':
      return `Region ${message.item.region + 1} wrote ${message.key}=${describeValue(valueOf(message.item))} (@${message.item.at})`;
    case 'replicated':
      return `has ${message.key} (@${message.at}) or later`;
    default:
      return unreachable(message);
  }
}

function describeItems(items: Table<Item>): string {
  const texts = keysOf(items).map((key) => `${key}=${describeValue(valueOf(lookUp(items, key)))}`);
  return texts.join(', ') || 'nothing';
}

function describeUpdate(key: string, update: Update): string {
  switch (update.kind) {
    case 'put':
      return `put ${key}=${describeValue(update.value)}`;
    case 'delete':
      return `delete ${key}`;
    case 'add-number':
      return `add ${update.by} to ${key}`;
    case 'add-item':
      return `add ${describeValue(update.item)} to ${key}`;
    case 'delete-item':
      return `delete ${describeValue(update.item)} from ${key}`;
    default:
      return unreachable(update);
  }
}

function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}
