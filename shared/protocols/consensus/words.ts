import { unreachable } from '../../base/assert.ts';
import { describeChange, isMemberChange } from './member-change.ts';
import type { Command, Reply, Request, Stored } from './store.ts';
import type { Proposal } from './types.ts';

/** How changes, requests and answers are put into words, wherever they are shown. */
export function describeProposal(proposal: Proposal): string {
  const { command } = proposal;
  return isMemberChange(command) ? describeChange(command) : describeCommand(command);
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
    case 'put-if-value': {
      const expected = command.expected === null ? 'absent' : describeStored(command.expected);
      return `put ${command.key} = ${describeStored(command.value)} if ${expected}`;
    }
    case 'lease-grant':
      return `grant lease ${command.lease} for ${command.ttl} ms`;
    case 'lease-revoke':
      return `revoke lease ${command.lease}`;
    case 'lock':
      return `queue for lock ${command.key} with lease ${command.lease}`;
    default:
      return unreachable(command);
  }
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'range':
      return `get ${request.key}${request.serializable ? ' (serializable)' : ''}`;
    case 'keep-alive':
      return `keep lease ${request.lease} alive`;
    case 'watch':
      return `watch ${request.key}${request.start === null ? '' : ` from rev ${request.start}`}`;
    case 'watch-lock':
      return `tell me when I am first in line for lock ${request.key}`;
    default:
      return isMemberChange(request) ? describeChange(request) : describeCommand(request);
  }
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
    case 'put-if-value':
      return reply.succeeded
        ? `put at rev ${reply.revision}`
        : `not put: it is ${describeStored(reply.found)}`;
    case 'lease-grant':
      return 'lease granted';
    case 'lease-revoke':
      return reply.found ? 'lease revoked' : 'no such lease';
    case 'lock':
      return reply.created === null ? 'no such lease' : `in line since rev ${reply.created}`;
    case 'kept-alive':
      return reply.found ? `lease ${reply.lease} goes on` : `no such lease: ${reply.lease}`;
    case 'watched':
      return reply.events
        .map(({ revision, value }) => `rev ${revision}: ${describeStored(value)}`)
        .join(', ');
    case 'first':
      return 'first in line';
    case 'members':
      return `the members are ${reply.nodes.join(', ')}`;
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
