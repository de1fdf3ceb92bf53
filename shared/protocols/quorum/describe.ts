import { unreachable } from '../../base/assert.ts';
import { canonical } from '../../base/json.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import { LEAF_LEVEL } from '../../data/merkle.ts';
import { describeVector } from '../../data/version-vector.ts';
import { describeEach, describeVersions } from '../../data/versions.ts';
import type { Copies, Copy, Message, QuorumState, Reply, Request, Stored } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'put': {
      const what = `keep ${describeCopies(message.key, [message.version])}`;
      return message.standInFor === null ? what : `${what} for ${message.standInFor}`;
    }
    case 'put-ok':
      return `has ${message.key}`;
    case 'get':
      return `what is ${message.key}?`;
    case 'got':
      return describeCopies(message.key, message.versions);
    case 'forward':
      return `please coordinate: ${describeRequest(message.put)}`;
    case 'taken':
      return 'I coordinate it';
    case 'outcome':
      return `outcome: ${describeReply(message.reply)}`;
    case 'repair':
      return `you were behind: ${describeCopies(message.key, message.versions)}`;
    case 'hand-off':
      return `kept for you: ${describeCopies(message.key, message.versions)}`;
    case 'hand-off-ok':
      return `has ${message.key} back`;
    case 'drop-hint':
      return `${message.owner} has ${message.key} itself`;
    case 'changes': {
      const changes = keysOf(message.changes).map(
        (node) => `${node} ${lookUp(message.changes, node)?.joined === true ? 'joins' : 'leaves'}`,
      );
      return `members: ${changes.join(', ')}`;
    }
    case 'ping':
      return 'are you there?';
    case 'pong':
      return 'I am here';
    case 'tree':
      return describeTree(message.level, message.hashes.length);
    case 'leaves': {
      const entries = message.entries.map(([key, versions]) => describeCopies(key, versions));
      return `${message.answer ? 'and mine' : 'mine'}: ${entries.join('; ') || 'nothing'}`;
    }
    default:
      return unreachable(message);
  }
}

export function describeRequest(request: Request): string {
  if (request.kind === 'get') return `get ${request.key}`;
  if (request.kind === 'change') return `${request.node} ${request.joins ? 'joins' : 'leaves'}`;
  const seen = describeVector(request.context);
  const what = request.deleted
    ? `delete ${request.key}`
    : `put ${request.key}=${describeValue(request.value)}`;
  return seen === '' ? what : `${what} after ${seen}`;
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'found':
      return describeValues(reply.versions);
    case 'stored':
      return `stored (${describeVector(reply.context)})`;
    case 'changed':
      return 'noted';
    case 'refused':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

/** `x=1 (n1:1), y=2|3 (n1:1 | n2:1)`, then what is kept for others and who is thought down. */
export function describeState(state: QuorumState): string {
  const { data, hints } = state.durable;
  const parts = keysOf(data).map((key) => describeCopies(key, lookUp(data, key) ?? []));
  for (const owner of keysOf(hints)) {
    const shelf = lookUp(hints, owner) ?? {};
    const kept = keysOf(shelf).map((key) => describeCopies(key, lookUp(shelf, key) ?? []));
    parts.push(`for ${owner}: ${kept.join(', ')}`);
  }
  const down = keysOf(state.down);
  if (down.length > 0) parts.push(`thinks down: ${down.join(' ')}`);
  return parts.join('; ') || 'empty';
}

function describeTree(level: number, count: number): string {
  if (level === 0) return 'compare trees: root';
  if (count === 0) return 'compare trees: the same';
  return level === LEAF_LEVEL
    ? `compare trees: ${count} leaves`
    : `compare trees: level ${level}, ${count} hashes`;
}

function describeCopies(key: string, versions: Copies): string {
  return `${key}=${describeValues(versions)}`;
}

function describeValues(versions: Copies): string {
  if (versions.length === 0) return 'nothing';
  return `${describeEach(versions, describeCopy)} (${describeVersions(versions)})`;
}

function describeCopy(copy: Copy): string {
  return copy.deleted ? 'deleted' : describeValue(copy.value);
}

function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}
