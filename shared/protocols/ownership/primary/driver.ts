import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import { commandOf, resultOf } from '../../store-client.ts';
import { isWrite, type Command } from '../../store.ts';
import { describeReply, describeRequest } from './describe.ts';
import type { Reply, Request } from './types.ts';

export interface PrimaryDriverShape extends DriverShape {
  readonly knobs: object;
  readonly state: PrimaryDriverState;
  readonly timer: `wait-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type PrimaryDriverState = { readonly self: NodeId; requests: number; readonly open: Table<Open> };

type Open = {
  readonly operation: Operation;
  readonly command: Command;
  request: number;
  asked: NodeId;
  redirects: number;
};

/** How long a client waits for an answer, and how often it lets itself be sent on. */
const PATIENCE = 5000;
const REDIRECTS_MAX = 3;

/** The client's errors. The source text has none for these; they are ours. */
export const CLIENT_ERRORS = {
  noAnswer: 'no answer from the primary',
  lost: 'connection to the primary lost',
  noPrimary: 'nobody is primary',
} as const;

type Output = DriverOutput<PrimaryDriverShape>;

/**
 * The textbook's client: it asks the node it sits at, which knows who is primary and sends it on there. Reads
 * are answered by the node itself if it has a copy, unless they must be of the primary. It tries nothing twice.
 */
export const primaryDriver: Driver<PrimaryDriverShape> = {
  init: ({ self }) => ({ self, requests: 0, open: {} }),
  step,
  refused: 'connection refused',
  interrupted: 'connection reset',
  describeRequest,
  describeReply,
};

function step(state: PrimaryDriverState, input: DriverInput<PrimaryDriverShape>): Output[] {
  switch (input.kind) {
    case 'start':
      return [];
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return onReply(state, input.id, input.reply);
    case 'timer': {
      const open = input.timer.startsWith('wait-')
        ? lookUp(state.open, input.timer.slice('wait-'.length))
        : undefined;
      return open === undefined ? [] : fail(state, open, CLIENT_ERRORS.noAnswer);
    }
    case 'disconnected':
      return keysOf(state.open).flatMap((id) => {
        const open = state.open[id];
        return open?.asked === input.from ? fail(state, open, CLIENT_ERRORS.lost) : [];
      });
    default:
      return unreachable(input);
  }
}

function begin(state: PrimaryDriverState, operation: Operation): Output[] {
  const command = commandOf(operation);
  const open: Open = { operation, command, request: 0, asked: state.self, redirects: 0 };
  state.open[operation.id] = open;
  return [
    { kind: 'set-timer', timer: `wait-${operation.id}`, after: PATIENCE },
    ask(state, open, state.self),
  ];
}

function ask(state: PrimaryDriverState, open: Open, to: NodeId): Output {
  open.request = ++state.requests;
  open.asked = to;
  const request: Request = { command: open.command, anyCopy: open.operation.options?.['from'] !== 'primary' };
  return { kind: 'request', to, id: open.request, request };
}

function onReply(state: PrimaryDriverState, id: number, reply: Reply): Output[] {
  const name = keysOf(state.open).find((candidate) => state.open[candidate]?.request === id);
  const open = name === undefined ? undefined : state.open[name];
  if (open === undefined) return [];
  switch (reply.kind) {
    case 'done':
      return finish(state, open, { class: 'ok', result: resultOf(open.operation, reply) });
    case 'redirect':
      if (++open.redirects <= REDIRECTS_MAX) return [ask(state, open, reply.to)];
      return finish(state, open, { class: 'fail', error: CLIENT_ERRORS.noPrimary });
    case 'error':
      return finish(state, open, { class: reply.class, error: reply.error });
    default:
      return unreachable(reply);
  }
}

/** Nobody has answered: a read has failed, of a write nobody knows. */
function fail(state: PrimaryDriverState, open: Open, error: string): Output[] {
  return finish(state, open, { class: isWrite(open.command) ? 'info' : 'fail', error });
}

function finish(state: PrimaryDriverState, open: Open, outcome: Outcome): Output[] {
  const { id } = open.operation;
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `wait-${id}` },
    { kind: 'finish', id, outcome },
  ];
}
