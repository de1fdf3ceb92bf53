import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Result } from '../../sim/operation.ts';
import { commandOf, resultOf } from '../store-client.ts';
import { integerOf, isWrite } from '../store.ts';
import { describeReply, describeRequest } from './describe.ts';
import { ERRORS } from './errors.ts';
import { ownerOf } from './shards.ts';
import { CRASH_POINTS, type Reply, type Request, type TwoPhaseKnobs } from './types.ts';

export interface TwoPhaseDriverShape extends DriverShape {
  readonly knobs: TwoPhaseKnobs;
  readonly state: TwoPhaseDriverState;
  readonly timer: `wait-${number}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type TwoPhaseDriverState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: TwoPhaseKnobs;
  requests: number;
  /** Operations under way, by the number of their request. */
  readonly open: Table<{ readonly operation: Operation; readonly asked: NodeId }>;
};

type Output = DriverOutput<TwoPhaseDriverShape>;

/**
 * The client: it knows which node has a key and asks that one, wherever it is; a transfer it hands to the
 * coordinator. It tries nothing twice. What it hears no answer to may have been done, unless it was a read.
 */
export const twoPhaseDriver: Driver<TwoPhaseDriverShape> = {
  init: ({ self, nodes, knobs }) => ({ self, nodes, knobs, requests: 0, open: {} }),
  step,
  refused: "Can't connect to MySQL server",
  interrupted: ERRORS.lost,
  describeRequest,
  describeReply,
};

function step(state: TwoPhaseDriverState, input: DriverInput<TwoPhaseDriverShape>): Output[] {
  switch (input.kind) {
    case 'start':
      return [];
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return finish(state, String(input.id), (operation) => outcomeOf(operation, input.reply));
    case 'timer':
      return finish(state, input.timer.slice('wait-'.length), withoutAnswer);
    case 'disconnected':
      return keysOf(state.open).flatMap((id) =>
        lookUp(state.open, id)?.asked === input.from ? finish(state, id, withoutAnswer) : [],
      );
    default:
      return unreachable(input);
  }
}

function begin(state: TwoPhaseDriverState, operation: Operation): Output[] {
  const { self, nodes, knobs } = state;
  const id = ++state.requests;
  const isTransfer = operation.kind === 'transfer';
  const coordinator = knobs.coordinator === 'first' ? (nodes[0] ?? self) : self;
  const asked = isTransfer ? coordinator : ownerOf(operation.key, nodes);
  const request: Request = isTransfer
    ? transferOf(operation)
    : { kind: 'command', command: commandOf(operation) };
  state.open[String(id)] = { operation, asked };
  return [
    { kind: 'set-timer', timer: `wait-${id}`, after: knobs.answerTimeout },
    { kind: 'request', to: asked, id, request },
  ];
}

function transferOf({ key, to = key, value = null, options }: Operation): Request {
  const crash = CRASH_POINTS.find((point) => point === options?.['crash']) ?? null;
  return { kind: 'transfer', from: key, to, amount: integerOf(value) ?? 0, crash };
}

function outcomeOf(operation: Operation, reply: Reply): Outcome {
  if (reply.kind === 'error') return { class: 'fail', error: reply.error };
  return {
    class: 'ok',
    result: operation.kind === 'transfer' ? amountOf(operation) : resultOf(operation, reply),
  };
}

function amountOf({ value = null }: Operation): Result {
  return { value: integerOf(value) };
}

function withoutAnswer(operation: Operation): Outcome {
  const isRead = operation.kind !== 'transfer' && !isWrite(commandOf(operation));
  return { class: isRead ? 'fail' : 'info', error: ERRORS.lost };
}

function finish(state: TwoPhaseDriverState, id: string, end: (operation: Operation) => Outcome): Output[] {
  const open = lookUp(state.open, id);
  if (open === undefined) return [];
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `wait-${Number(id)}` },
    { kind: 'finish', id: open.operation.id, outcome: end(open.operation) },
  ];
}
