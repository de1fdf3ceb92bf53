import { assert, unreachable } from '../base/assert.ts';
import { crash } from './crash.ts';
import {
  configOf,
  type NodeDefinition,
  type NodeHost,
  type NodeInput,
  type NodeState,
  type Body,
} from './node.ts';
import type { NodeId, Operation, OperationRequest } from './operation.ts';
import { Turn } from './turn.ts';

/** Lets a node take one input. `at` is true virtual time, `random` the input's draw. */
export function takeInput(
  definition: NodeDefinition,
  node: NodeState,
  input: NodeInput,
  at: number,
  random: number,
  host: NodeHost,
): void {
  node.inputs++;
  switch (input.kind) {
    case 'start':
      start(definition, node, at, random, host);
      return;
    case 'arrival':
      arrive(new Turn(definition, node, at, random, host), input.from, input.body);
      return;
    case 'timer': {
      const turn = new Turn(definition, node, at, random, host);
      if (input.owner === 'replica') turn.replica({ kind: 'timer', timer: input.timer });
      else turn.driver({ kind: 'timer', timer: input.timer });
      turn.settle();
      return;
    }
    case 'operation':
      operate(definition, node, input.request, at, random, host);
      return;
    case 'crash':
      crash(definition, node, input.disk, host);
      return;
    case 'pause':
      node.paused = true;
      return;
    case 'resume':
      node.paused = false;
      return;
    case 'skew':
      node.clockOffset = input.offset;
      delete node.drift;
      if (input.drift !== undefined && input.drift !== 0) node.drift = { perMillion: input.drift, since: at };
      return;
    case 'jump':
      node.clockOffset += input.by;
      return;
    default:
      unreachable(input);
  }
}

function start(
  definition: NodeDefinition,
  node: NodeState,
  at: number,
  random: number,
  host: NodeHost,
): void {
  assert(!node.up, `${node.id} is started while it is up`);
  node.up = true;
  node.incarnation++;
  const config = configOf(definition, node.id, node.incarnation);
  node.replica = definition.protocol.init(config, node.durable);
  node.driver = definition.driver.init(config);
  node.durable = null;
  const turn = new Turn(definition, node, at, random, host);
  turn.replica({ kind: 'start' });
  turn.driver({ kind: 'start' });
  turn.settle();
}

function operate(
  definition: NodeDefinition,
  node: NodeState,
  request: OperationRequest,
  at: number,
  random: number,
  host: NodeHost,
): void {
  const operation: Operation = { ...request, id: `${node.id}-${++node.operations}` };
  host.invoked(node, operation);
  if (!node.up) {
    host.finished(node, operation.id, { class: 'fail', error: definition.driver.refused });
    return;
  }
  node.pending.push(operation.id);
  const turn = new Turn(definition, node, at, random, host);
  turn.driver({ kind: 'operation', operation });
  turn.settle();
}

function arrive(turn: Turn, from: NodeId, body: Body): void {
  switch (body.kind) {
    case 'message':
      turn.replica({ kind: 'message', from, message: body.message });
      break;
    case 'request':
      turn.replica({ kind: 'request', from, id: body.id, request: body.request });
      break;
    case 'reply':
      turn.reply(from, body.id, body.reply);
      break;
    case 'disconnected':
      turn.replica({ kind: 'disconnected', from });
      turn.driver({ kind: 'disconnected', from });
      break;
    default:
      unreachable(body);
  }
  turn.settle();
}
