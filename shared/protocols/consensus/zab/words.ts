import { unreachable } from '../../../base/assert.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { Answer, ClientBody, ServerBody } from '../../coordination.ts';
import type { Frame } from '../../connection.ts';
import type { Change } from './tree.ts';

/** How changes, requests and answers are put into words, wherever they are shown. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create-session':
      return `open session ${change.session}`;
    case 'close-session':
      return `close session ${change.session}`;
    case 'create':
    case 'set':
    case 'delete':
      return describeRequest({ ...change, xid: 0 });
    case 'reconfig':
      return `${describeReconfig(change)}: ${change.voters.join(' ')} vote`;
    case 'error':
      return `refuse: ${change.error}`;
    default:
      return unreachable(change);
  }
}

export function describeClientFrame(frame: Frame<ClientBody>): string {
  return describeFrame(frame, describeRequest);
}

export function describeServerFrame(frame: Frame<ServerBody>): string {
  return describeFrame(frame, describeServerBody);
}

export function describeFrame<Body>(frame: Frame<Body>, describeBody: (body: Body) => string): string {
  switch (frame.kind) {
    case 'data':
      return describeBody(frame.body);
    case 'ping':
      return 'ping';
    case 'resend':
      return `please send again what came after message ${frame.received}`;
    case 'closed':
      return 'connection closed';
    default:
      return unreachable(frame);
  }
}

function describeRequest(request: ClientBody): string {
  switch (request.kind) {
    case 'connect': {
      const readOnly = request.readOnly ? ', read-only will do' : '';
      return request.session === null
        ? `open a session${readOnly}`
        : `continue ${request.session}${readOnly}`;
    }
    case 'get':
    case 'exists':
    case 'children':
      return `${request.kind} /${request.path}${request.watch ? ' and watch it' : ''}`;
    case 'sync':
      return 'sync';
    case 'create': {
      const how = `${request.ephemeral ? ' ephemeral' : ''}${request.sequential ? ' sequential' : ''}`;
      return `create${how} /${request.path} = ${describeStored(request.value)}`;
    }
    case 'set':
      return `set /${request.path} = ${describeStored(request.value)}${describeCondition(request.version)}`;
    case 'delete':
      return `delete /${request.path}${describeCondition(request.version)}`;
    case 'reconfig':
      return describeReconfig(request);
    default:
      return unreachable(request);
  }
}

function describeReconfig({ node, joins }: { readonly node: string; readonly joins: boolean }): string {
  return `reconfig ${joins ? '-add' : '-remove'} ${node}`;
}

function describeServerBody(body: ServerBody): string {
  switch (body.kind) {
    case 'connected':
      return body.readOnly
        ? 'connected, read-only'
        : `connected, session ${body.session}, ${body.timeout} ms`;
    case 'expired':
      return 'this session has expired';
    case 'event':
      return `/${body.path} has changed`;
    case 'answer':
      return describeAnswer(body.answer);
    default:
      return unreachable(body);
  }
}

function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'error':
      return answer.error;
    case 'znode': {
      if (answer.znode === null) return `no /${answer.path}`;
      return `/${answer.path} = ${describeStored(answer.znode.value)} (version ${answer.znode.version})`;
    }
    case 'children':
      return answer.names.length === 0 ? 'no children' : `children ${answer.names.join(', ')}`;
    case 'synced':
      return 'synced';
    default:
      return unreachable(answer);
  }
}

function describeCondition(version: number): string {
  return version === -1 ? '' : ` if version ${version}`;
}

function describeStored(value: Stored): string {
  if (Array.isArray(value)) return `{${value.map((item) => JSON.stringify(item)).join(', ')}}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
