import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { Reply, Request } from './requests.ts';
import type { OpTime } from './types.ts';

/** How places, values, requests and answers are put into words, wherever they are shown. */
export function describePlace({ term, index }: OpTime): string {
  return index === 0 ? 'the beginning' : `${index} (term ${term})`;
}

export function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'hello':
      return request.known === null ? 'hello' : 'hello, tell me when that changes';
    case 'find': {
      const limit = request.maxTimeMS === 0 ? '' : `, maxTimeMS ${request.maxTimeMS}`;
      const { afterClusterTime: after } = request;
      const seen = after === undefined ? '' : `, afterClusterTime ${describePlace(after)}`;
      return `find ${request.key} (readConcern ${request.level}${seen}${limit})`;
    }
    case 'write': {
      const { key, update, concern } = request;
      const w = concern.w === null ? '' : `w: ${concern.w}`;
      const limit = concern.wtimeout === 0 ? '' : `wtimeout: ${concern.wtimeout}`;
      const asked = [w, limit].filter((part) => part !== '').join(', ');
      const value = update.operator === 'delete' ? '' : ` ${describeValue(update.value)}`;
      return `${update.operator} ${key}${value}${asked === '' ? '' : ` (${asked})`}`;
    }
    case 'reconfig': {
      const { change } = request;
      if (change.kind === 'remove') return `rs.remove(${change.node})`;
      return `rs.add(${change.node}${change.votes === 0 ? ', votes: 0' : ''})`;
    }
    default:
      return unreachable(request);
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'hello':
      return `I am ${reply.type}; primary is ${reply.primary ?? 'nobody'}`;
    case 'found':
      return reply.value === null ? 'no such document' : describeValue(reply.value);
    case 'written':
      return reply.concern === null ? 'acknowledged' : `written, but ${reply.concern.message}`;
    case 'reconfigured':
      return `the members are ${reply.members.join(', ')}`;
    case 'error':
      return `${reply.error.message} (${reply.error.code})`;
    default:
      return unreachable(reply);
  }
}
