import { unreachable } from '../../base/assert.ts';
import { lookUp, type Table } from '../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../sim/operation.ts';
import { commandOf, resultOf } from '../store-client.ts';
import type { Command, Effect } from '../store.ts';
import { describeCommand, describeStored, STORE_ERRORS } from '../store-words.ts';
import type { OutboxKnobs } from './outbox.ts';

export interface OutboxDriverShape extends DriverShape {
  readonly knobs: OutboxKnobs;
  readonly state: OutboxDriverState;
  readonly timer: never;
  readonly request: Command;
  readonly reply: Effect;
}

export type OutboxDriverState = {
  readonly self: NodeId;
  readonly open: Table<Operation>;
  requests: number;
};

/** The application at its own node's store: it always gets an answer. */
export const outboxDriver: Driver<OutboxDriverShape> = {
  init: ({ self }) => ({ self, open: {}, requests: 0 }),
  step,
  refused: 'connection refused',
  interrupted: 'connection reset',
  describeRequest: describeCommand,
  describeReply: (effect) =>
    effect.kind === 'error' ? STORE_ERRORS[effect.reason] : describeStored(effect.value),
};

function step(
  state: OutboxDriverState,
  input: DriverInput<OutboxDriverShape>,
): DriverOutput<OutboxDriverShape>[] {
  switch (input.kind) {
    case 'operation': {
      const id = ++state.requests;
      state.open[String(id)] = input.operation;
      return [{ kind: 'request', to: state.self, id, request: commandOf(input.operation) }];
    }
    case 'reply': {
      const operation = lookUp(state.open, String(input.id));
      if (operation === undefined) return [];
      delete state.open[String(input.id)];
      return [{ kind: 'finish', id: operation.id, outcome: outcomeOf(operation, input.reply) }];
    }
    case 'start':
    case 'timer':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function outcomeOf(operation: Operation, effect: Effect): Outcome {
  if (effect.kind === 'error') return { class: 'fail', error: STORE_ERRORS[effect.reason] };
  return { class: 'ok', result: resultOf(operation, effect) };
}
