import { unreachable } from '../../base/assert.ts';
import type { Command, Reply, Request, Stored } from './store.ts';
import type { Proposal } from './types.ts';

/** How changes, requests and answers are put into words, wherever they are shown. */
export function describeProposal(proposal: Proposal): string {
  return describeCommand(proposal.command);
}

export function describeCommand(command: Command): string {
  switch (command.kind) {
    case 'put':
      return `put ${command.key} = ${describeStored(command.value)}`;
    case 'delete':
      return `delete ${command.key}`;
    case 'put-if': {
      const condition = command.modified === 0 ? 'still absent' : `still rev ${command.modified}`;
      return `put ${command.key} = ${describeStored(command.value)} if ${condition}`;
    }
    default:
      return unreachable(command);
  }
}

export function describeRequest(request: Request): string {
  if (request.kind !== 'range') return describeCommand(request);
  return `get ${request.key}${request.serializable ? ' (serializable)' : ''}`;
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'range':
      return reply.modified === 0 ? 'no such key' : `${describeStored(reply.value)} (rev ${reply.modified})`;
    case 'put':
      return `put at rev ${reply.revision}`;
    case 'delete':
      return reply.deleted === 0 ? 'nothing to delete' : `deleted at rev ${reply.revision}`;
    case 'put-if':
      return reply.succeeded ? `put at rev ${reply.revision}` : 'not put: the key has changed';
    case 'error':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

export function describeStored(value: Stored): string {
  if (Array.isArray(value)) return `{${value.map((item) => JSON.stringify(item)).join(', ')}}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
