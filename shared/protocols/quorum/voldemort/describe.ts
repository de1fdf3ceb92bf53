import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import { describeLayout, partitionsAt } from './cluster.ts';
import type { Message, Reply, Request, Slop, Versioned, VoldemortState } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'push':
      return `kept for you: ${message.slops.map(describeSlop).join('; ')}`;
    case 'pushed':
      return `has ${message.ids.length} of them`;
    case 'proxy-get':
      return `what is ${message.key}?`;
    case 'proxy-got':
      return describeVersions(message.versions);
    case 'proxy-put':
      return `has put ${message.key}=${describeVersions([message.versioned])}`;
    case 'fetch':
      return `fetches partitions ${message.partitions.join(' ')}`;
    case 'fetched': {
      const entries = message.entries.map(([key, versions]) => `${key}=${describeVersions(versions)}`);
      return `partitions ${message.partitions.join(' ')}: ${entries.join('; ') || 'nothing'}`;
    }
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
    case 'metadata':
      return 'cluster.xml';
    case 'set-cluster': {
      const rest = request.clearRebalance ? ', clear rebalance' : '';
      return `set cluster.xml ${request.cluster.version}: ${describeLayout(request.cluster)}${rest}`;
    }
    case 'change-state': {
      const tasks = request.tasks.map(({ donor, partitions }) => `${partitions.join(' ')} from ${donor}`);
      const what = `cluster.xml: ${describeLayout(request.cluster)}`;
      const steals = tasks.length === 0 ? '' : `; steal ${tasks.join(', ')}`;
      return `${request.rollback ? 'roll back to' : 'change to'} ${what}${steals}`;
    }
    case 'steal': {
      const { partitions, donor } = request.task;
      return `${request.again ? 'how goes it with' : 'fetch'} ${partitions.join(' ')} from ${donor}`;
    }
    case 'repair-job':
      return 'delete what is not yours';
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
    case 'invalid-metadata':
    case 'unreachable':
    case 'refused':
      return reply.error;
    case 'metadata': {
      const { cluster, isRebalancing } = reply.metadata;
      if (cluster === null) return 'no cluster.xml';
      const state = isRebalancing ? ', rebalancing' : '';
      return `cluster.xml ${cluster.version}: ${describeLayout(cluster)}${state}`;
    }
    case 'stealing':
      return reply.status;
    default:
      return unreachable(reply);
  }
}

/** `x=tea (n1:1) | milk (n2:1)`, then the slops, what is fetched, and the cluster.xml if it was changed. */
export function describeState({ durable, self }: VoldemortState): string {
  const parts = keysOf(durable.data).map(
    (key) => `${key}=${describeVersions(lookUp(durable.data, key) ?? [])}`,
  );
  for (const owner of keysOf(durable.slops)) {
    parts.push(`for ${owner}: ${(lookUp(durable.slops, owner) ?? []).map(describeSlop).join(', ')}`);
  }
  if (parts.length === 0) parts.push('empty');
  const { rebalancing, cluster } = durable;
  if (rebalancing !== undefined && rebalancing.tasks.length > 0)
    parts.push(`fetches from ${rebalancing.tasks.map(({ donor }) => donor).join(', ')}`);
  if (cluster !== undefined) {
    const partitions = cluster.nodes.includes(self) ? partitionsAt(cluster, self).join(' ') : 'no server';
    parts.push(`cluster.xml ${cluster.version}: ${partitions || 'no partitions'}`);
  }
  return parts.join('; ');
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
