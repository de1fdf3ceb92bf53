import { unreachable } from '../../../base/assert.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { Frame } from '../../connection.ts';
import type { Call, HBaseReply, HBaseRequest } from './types.ts';

/** How requests and answers are put into words, wherever they are shown. */
export function describeRequest(request: HBaseRequest): string {
  switch (request.kind) {
    case 'coordination':
      return `ZooKeeper: ${describeFrame(request.frame)}`;
    case 'call':
      return describeCall(request.call);
    case 'start-server':
      return 'start regionserver';
    case 'stop-server':
      return 'stop regionserver';
    case 'unload-server':
      return `unload ${request.node}`;
    default:
      return unreachable(request);
  }
}

export function describeReply(reply: HBaseReply): string {
  switch (reply.kind) {
    case 'coordination':
      return `ZooKeeper: ${describeFrame(reply.frame)}`;
    case 'result': {
      const value = reply.cell === null ? 'no such row' : describeStored(reply.cell.value);
      return `${value}${reply.stale ? ', stale' : ''}${reply.applied ? '' : ', not put'}`;
    }
    case 'exception':
      return reply.error;
    case 'done':
      return 'done';
    case 'refused':
      return `not done: ${reply.why}`;
    default:
      return unreachable(reply);
  }
}

/** What a frame says to or by ZooKeeper, by its kind alone. */
export function describeFrame(frame: Frame<{ readonly kind: string }>): string {
  return frame.kind === 'data' ? frame.body.kind : frame.kind;
}

function describeCall(call: Call): string {
  switch (call.kind) {
    case 'get':
      return `get ${call.key}${call.timeline ? ' (timeline)' : ''}`;
    case 'put':
      return `put ${call.key} = ${describeStored(call.value)}`;
    case 'delete':
      return `delete ${call.key}`;
    case 'add':
    case 'remove':
      return `${call.kind} ${JSON.stringify(call.item)} in ${call.key}`;
    case 'check-and-put':
      return `put ${call.key} = ${JSON.stringify(call.value)} if ${JSON.stringify(call.expected)}`;
    case 'increment':
      return `increment ${call.key} by ${call.by}`;
    case 'append':
      return `append ${JSON.stringify(call.value)} to ${call.key}`;
    default:
      return unreachable(call);
  }
}

function describeStored(value: Stored): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
