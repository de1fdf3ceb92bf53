import { unreachable } from '../../../shared/base/assert.ts';
import type { Body } from '../../../shared/sim/node.ts';

/**
 * How a message is drawn, by what it is for. Few kinds, so that the last row can tell them apart:
 * chatter that keeps things alive, votes, data on its way, answers, what a client asks, a dead connection.
 */
export type MessageLook = 'beat' | 'vote' | 'data' | 'answer' | 'client' | 'reset';
export const MESSAGE_LOOKS: readonly MessageLook[] = ['beat', 'vote', 'data', 'answer', 'client', 'reset'];

const BEATS = new Set(['heartbeat', 'heartbeat-reply', 'ping', 'pong', 'tree', 'leaves']);
const ANSWERS = new Set(['got', 'taken', 'outcome']);

export function lookOf(body: Body): MessageLook {
  switch (body.kind) {
    case 'message':
      return lookOfMessage('kind' in body.message ? String(body.message.kind) : '');
    case 'request':
    case 'reply':
      return 'client';
    case 'disconnected':
      return 'reset';
    default:
      return unreachable(body);
  }
}

/** By the tag that every protocol gives its messages; one that nobody has met here is data, or an answer. */
function lookOfMessage(kind: string): MessageLook {
  if (BEATS.has(kind)) return 'beat';
  if (kind.includes('vote')) return 'vote';
  if (ANSWERS.has(kind) || /-(reply|ok|reject|ack)$/.test(kind)) return 'answer';
  return 'data';
}
