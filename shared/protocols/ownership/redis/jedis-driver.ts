import { unreachable } from '../../../base/assert.ts';
import { isAdministration } from '../../../sim/operation.ts';
import type { Driver, DriverInput } from '../../../sim/driver.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import { describeReply, describeRequest } from './describe.ts';
import { begin, JEDIS_ERRORS, onDisconnected, onReply, onTimer } from './jedis-client.ts';
import type { JedisDriverShape, JedisDriverState, JedisOutput } from './jedis-types.ts';
import { beginTool, onToolDisconnected, onToolReply, onToolTimer, ownsRequest } from './redis-cli.ts';

/**
 * Jedis 5's cluster client, configured with the node it sits at (ClusterCommandExecutor). It knows which master
 * has a key's slot and asks that one, wherever it is; after MOVED, and after two broken connections in a row, it
 * gets a new slot cache. It tries any command again whose connection broke, also one that may have been carried
 * out: an increment may then count twice.
 *
 * What administrators ask is done with `redis-cli --cluster` at the same node.
 */
export const jedisDriver: Driver<JedisDriverShape> = {
  init: ({ self, nodes, members }) => ({
    self,
    requests: 0,
    services: [],
    open: {},
    ...(members.length === nodes.length ? {} : { contacts: members }),
  }),
  step,
  refused: 'Failed to connect to any host resolved for DNS name.',
  interrupted: JEDIS_ERRORS.endOfStream,
  describeRequest,
  describeReply,
};

function step(
  state: JedisDriverState,
  input: DriverInput<JedisDriverShape>,
  ambient: Ambient,
): JedisOutput[] {
  switch (input.kind) {
    case 'start':
      return [{ kind: 'request', to: state.self, id: ++state.requests, request: { kind: 'slots' } }];
    case 'operation':
      if (isAdministration(input.operation.kind)) return beginTool(state, input.operation, ambient);
      return begin(state, input.operation, ambient);
    case 'reply':
      if (ownsRequest(state, input.id)) return onToolReply(state, input.id, input.reply, ambient);
      return onReply(state, input.from, input.id, input.reply, ambient);
    case 'timer':
      if (input.timer.startsWith('tool-')) return onToolTimer(state, input.timer, ambient);
      return onTimer(state, input.timer, ambient);
    case 'disconnected':
      return [
        ...onDisconnected(state, input.from, ambient),
        ...onToolDisconnected(state, input.from, ambient),
      ];
    default:
      return unreachable(input);
  }
}
