import { unreachable } from '../../../base/assert.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Result } from '../../../sim/operation.ts';
import {
  type AvailableKnobs,
  type AvailableReply,
  type AvailableRequest,
  describeAvailableReply,
  describeAvailableRequest,
} from './available-replica.ts';
import { editOf, mustRead } from './edit.ts';

export interface AvailableDriverShape extends DriverShape {
  readonly knobs: AvailableKnobs;
  readonly state: AvailableDriverState;
  readonly timer: never;
  readonly request: AvailableRequest;
  readonly reply: AvailableReply;
}

export type AvailableDriverState = {
  readonly self: NodeId;
  readonly pending: Table<Operation>;
  requests: number;
};

type Output = DriverOutput<AvailableDriverShape>;

/** The text's client of an AP store: it asks the nearest node, its own, and always gets an answer. */
export const availableDriver: Driver<AvailableDriverShape> = {
  init: ({ self }) => ({ self, pending: {}, requests: 0 }),
  step,
  refused: 'connection refused',
  interrupted: 'connection reset',
  describeRequest: describeAvailableRequest,
  describeReply: describeAvailableReply,
};

function step(state: AvailableDriverState, input: DriverInput<AvailableDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation': {
      const { operation } = input;
      const edit = editOf(operation);
      const id = ++state.requests;
      state.pending[String(id)] = operation;
      const { key } = operation;
      const request: AvailableRequest = edit === null ? { kind: 'read', key } : { kind: 'edit', key, edit };
      return [{ kind: 'request', to: state.self, id, request }];
    }
    case 'reply': {
      const operation = lookUp(state.pending, String(input.id));
      if (operation === undefined) return [];
      delete state.pending[String(input.id)];
      const result = resultOf(operation, input.reply);
      return [{ kind: 'finish', id: operation.id, outcome: { class: 'ok', result } }];
    }
    case 'start':
    case 'timer':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

/** A reader gets all siblings, and the single one as `value`, too; a writer the version, and what a change made. */
function resultOf(operation: Operation, { values, version }: AvailableReply): Result {
  const text = version === null ? {} : { version };
  const edit = editOf(operation);
  if (edit === null) {
    return values.length > 1 ? { values, ...text } : { values, value: values[0] ?? null, ...text };
  }
  return mustRead(edit) ? { value: values[0] ?? null, ...text } : text;
}
