import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { Message, Reply, Request, Slop, Versioned, VoldemortState } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'push':
      return `kept for you: ${message.slops.map(describeSlop).join('; ')}`;
    case 'pushed':
      return `has ${message.ids.length} of them`;
    default:
      return unreachable(message);
  }
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'get':
      return `get ${request.key}`;
    case 'put': {
      const what = `${request.key}=${describeVersions([request.versioned])}`;
      return request.repair ? `read repair: ${what}` : `put ${what}`;
    }
    case 'delete':
      return `delete ${request.key} up to (${describeClock(request.clock)})`;
    case 'slop':
      return `keep for ${request.owner}: ${describeSlop(request)}`;
    case 'ping':
      return 'are you there?';
    default:
      return unreachable(request);
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'versions':
      return describeVersions(reply.versions);
    case 'done':
      return 'done';
    case 'obsolete':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

/** `x=tea (n1:1) | milk (n2:1)`, then the slops. */
export function describeState({ durable }: VoldemortState): string {
  const parts = keysOf(durable.data).map(
    (key) => `${key}=${describeVersions(lookUp(durable.data, key) ?? [])}`,
  );
  for (const owner of keysOf(durable.slops)) {
    parts.push(`for ${owner}: ${(lookUp(durable.slops, owner) ?? []).map(describeSlop).join(', ')}`);
  }
  return parts.join('; ') || 'empty';
}

export function describeVersions(versions: readonly Versioned[]): string {
  return (
    versions.map(({ value, clock }) => `${describeValue(value)} (${describeClock(clock)})`).join(' | ') ||
    'nothing'
  );
}

export function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

function describeSlop({ key, write }: Pick<Slop, 'key' | 'write'>): string {
  return 'deleted' in write ? `delete ${key}` : `${key}=${describeVersions([write])}`;
}
