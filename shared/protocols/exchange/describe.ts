import { unreachable } from '../../base/assert.ts';
import { canonical } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { Stored } from '../../sim/operation.ts';
import { isRunning } from './membership.ts';
import type { ShardMap } from './shard-map.ts';
import type {
  Cluster,
  CouchState,
  Document,
  DocumentLeaf,
  Edit,
  Message,
  Reply,
  Request,
  Status,
} from './types.ts';

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
    case 'unavailable':
      return 'no copy to answer from';
    case 'system':
      return describeCluster({ ...message, maintenance: false });
    case 'system-taken':
      return 'noted';
    case 'tick':
      return 'tick';
    case 'hello':
      return 'connect?';
    case 'hello-ok':
      return 'connect, yes';
    case 'connected':
      return 'connected';
    case 'closing':
      return 'closes the connection';
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
    case 'status':
      return 'status';
    case 'edit-node':
      return `${request.joins ? 'PUT' : 'DELETE'} _nodes/couchdb@${request.node}`;
    case 'edit-map':
      return `PUT _dbs/db ${describeMap(request.map)}`;
    case 'maintenance':
      return `maintenance_mode ${String(request.on)}`;
    case 'edit-targets':
      return [
        ...request.add.map((node) => `PUT _replicator/${node}`),
        ...request.remove.map((node) => `DELETE _replicator/${node}`),
      ].join(', ');
    case 'start':
      return 'systemctl start couchdb';
    case 'stop':
      return 'systemctl stop couchdb';
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
    case 'edited':
      return String(reply.status);
    case 'status':
      return describeStatus(reply.status);
    case 'error':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

function describeStatus({ map, members, pending, maintenance, hasForeign, targets }: Status): string {
  const parts =
    map === null
      ? [`replicates to ${targets.join(' ')}`]
      : [`nodes ${members.join(' ')}`, `shards ${describeMap(map.ranges)}`];
  if (maintenance) parts.push('maintenance');
  if (pending.length > 0) parts.push(`to be sent to ${pending.join(' ')}`);
  if (hasForeign) parts.push('has what others keep');
  return parts.join('; ');
}

function describeCluster({ nodes, map, maintenance }: Cluster): string {
  const live = keysOf(nodes).filter((node) => winnerOf(lookUp(nodes, node) ?? [])?.deleted === false);
  const ranges = describeMap(winnerOf(map)?.value ?? []);
  return `nodes ${live.join(' ')}; shards ${ranges || 'unknown'}${maintenance ? '; maintenance' : ''}`;
}

function describeMap(map: ShardMap): string {
  return map.map((copies) => copies.join(' ')).join(' | ');
}

/** `x=tea (2-7051)`, a losing branch after `|`; of a cluster who is lost, and what has changed of it. */
export function describeState(state: CouchState): string {
  const { durable, lost } = state;
  if (!isRunning(state)) return 'not running';
  const parts = keysOf(durable.documents).map(
    (key) => `${key}=${describeDocument(lookUp(durable.documents, key)?.revisions ?? [])}`,
  );
  const away = keysOf(lost);
  if (away.length > 0) parts.push(`not connected to ${away.join(' ')}`);
  if (durable.cluster !== undefined) parts.push(describeCluster(durable.cluster));
  if (durable.targets !== undefined) parts.push(`replicates to ${durable.targets.join(' ') || 'nobody'}`);
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
