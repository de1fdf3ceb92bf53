import { unreachable } from '../../base/assert.ts';
import { canonical } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { revisionOf } from '../../data/revision-tree.ts';
import type { Stored } from '../../sim/operation.ts';
import type { CouchState, Document, DocumentLeaf, Edit, Message, Reply, Request } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'open-job':
      return 'how far did we come?';
    case 'job-opened':
      return `to change ${message.sequence}`;
    case 'compare':
      return `do you have ${describeLeaves(message.leaves, (leaf) => shorten(revisionOf(leaf)))}?`;
    case 'missing':
      return keysOf(message.leaves).length === 0
        ? 'I have all of that'
        : `I lack ${describeLeaves(message.leaves, shorten)}`;
    case 'documents':
      return `documents ${describeLeaves(message.leaves, describeLeaf)}`;
    case 'taken':
      return 'taken';
    case 'checkpoint':
      return `checkpoint: you have everything to change ${message.sequence}`;
    case 'update':
      return `update ${describeEdit(message.edit)}`;
    case 'updated':
      return message.leaf === null ? 'conflict' : `updated: ${describeLeaf(message.leaf)}`;
    case 'get':
      return `get ${message.key}`;
    case 'got':
      return describeDocument(message.revisions);
    case 'repair':
      return `read repair ${message.key}=${message.leaves.map(describeLeaf).join(' | ')}`;
    case 'tick':
      return 'tick';
    case 'hello':
      return 'connect?';
    case 'hello-ok':
      return 'connect, yes';
    case 'connected':
      return 'connected';
    default:
      return unreachable(message);
  }
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'get':
      return `get ${request.key}`;
    case 'put':
      return describeEdit(request.edit);
    case 'replicate':
      return 'replicate';
    default:
      return unreachable(request);
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'document':
      return describeDocument(reply.revisions);
    case 'stored':
      return `${reply.status} ${describeLeaf(reply.leaf)}`;
    case 'replicated':
      return String(reply.status);
    case 'error':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

/** `x=tea (2-7051)`, a losing branch after `|`; of a cluster who is lost. */
export function describeState({ durable, lost }: CouchState): string {
  const parts = keysOf(durable.documents).map(
    (key) => `${key}=${describeDocument(lookUp(durable.documents, key)?.revisions ?? [])}`,
  );
  const away = keysOf(lost);
  if (away.length > 0) parts.push(`not connected to ${away.join(' ')}`);
  return parts.join('; ') || 'empty';
}

/** A revision as it fits on a screen: `2-7051`. */
export function shorten(revision: string): string {
  const at = revision.indexOf('-');
  return revision.slice(0, at + 1 + SHOWN_DIGITS);
}

export function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

const SHOWN_DIGITS = 4;

function describeDocument(revisions: Document): string {
  return revisions.map(describeLeaf).join(' | ') || 'nothing';
}

function describeLeaf(leaf: DocumentLeaf): string {
  return `${leaf.deleted ? 'deleted' : describeValue(leaf.value)} (${shorten(revisionOf(leaf))})`;
}

function describeEdit({ key, parent, value, deleted }: Edit): string {
  const over = parent === null ? '' : ` over ${shorten(parent)}`;
  return deleted ? `delete ${key}${over}` : `${key}=${describeValue(value)}${over}`;
}

function describeLeaves<T>(leaves: Table<readonly T[]>, describe: (item: T) => string): string {
  return keysOf(leaves)
    .map((key) => `${key}=${(lookUp(leaves, key) ?? []).map(describe).join(' | ')}`)
    .join(', ');
}
