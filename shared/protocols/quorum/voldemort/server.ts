import { unreachable } from '../../../base/assert.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { persist, reply, send } from '../../turn.ts';
import { describeMessage, describeState } from './describe.ts';
import { changeState, clusterOf, isMember, isRebalancing, NOT_RUNNING, setCluster } from './metadata.ts';
import { onFetch, onFetched, onFetchFailed, onSteal, repair } from './rebalance.ts';
import { onDonorDied, onKeyRequest, onProxyFailed, onProxyGot } from './redirect.ts';
import { dropSlops, keepPushing, keepSlop, onSlopTimer, takeSlops } from './slops.ts';
import { put } from './storage.ts';
import type {
  AdminRequest,
  Durable,
  Message,
  Reply,
  Request,
  Turn,
  VoldemortKnobs,
  VoldemortShape,
  VoldemortState,
} from './types.ts';
import { view } from './view.ts';

/**
 * A Voldemort server: it keeps versions of keys side by side and refuses what it has seen already. It knows of no
 * quorum: coordination is the client's (see the driver), so what counts in a partition is
 * which side the *client* is on. Of its own accord a server only pushes slops, writes kept for another node. Of the
 * others it knows what an administrator has told it, in cluster.xml.
 */
export const voldemort: Protocol<VoldemortShape> = {
  name: 'voldemort',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

function init(
  { self, nodes, members, knobs }: Config<VoldemortKnobs>,
  durable: Durable | null,
): VoldemortState {
  return {
    self,
    nodes,
    ...(members.length === nodes.length ? {} : { members }),
    knobs,
    durable: durable ?? { data: {}, slops: {}, kept: 0 },
    pushing: false,
  };
}

function step(
  state: VoldemortState,
  input: Input<VoldemortShape>,
  ambient: Ambient,
): Output<VoldemortShape>[] {
  const turn: Turn = { ...ambient, state, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      keepPushing(turn);
      break;
    case 'message':
      onMessage(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      onDonorDied(turn, input.from);
      onFetchFailed(turn, input.from);
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onTimer(turn: Turn, timer: VoldemortShape['timer']): void {
  const [what, which = ''] = timer.split('-');
  if (what === 'slops') onSlopTimer(turn);
  else if (what === 'proxy') onProxyFailed(turn, Number(which));
  else onFetchFailed(turn, timer.slice('steal-'.length));
}

function onRequest(turn: Turn, from: NodeId, id: number, request: Request): void {
  switch (request.kind) {
    case 'get':
    case 'put':
    case 'delete':
      onKeyRequest(turn, from, id, request);
      return;
    case 'slop':
      if (isMember(turn.state)) keepSlop(turn, request.owner, request.key, request.write);
      reply(turn, from, id, isMember(turn.state) ? { kind: 'done' } : NOT_RUNNING);
      return;
    case 'ping':
      reply(turn, from, id, { kind: 'done' });
      return;
    case 'metadata': {
      const metadata = {
        cluster: clusterOf(turn.state),
        source: turn.state.durable.rebalancing?.source ?? null,
        isRebalancing: isRebalancing(turn.state),
      };
      reply(turn, from, id, { kind: 'metadata', metadata });
      return;
    }
    case 'set-cluster':
    case 'change-state':
    case 'steal':
    case 'repair-job':
      reply(turn, from, id, onAdminRequest(turn, request));
      return;
    default:
      unreachable(request);
  }
}

function onAdminRequest(turn: Turn, request: AdminRequest): Reply {
  switch (request.kind) {
    case 'set-cluster':
      setCluster(turn, request);
      keepPushing(turn);
      return { kind: 'done' };
    case 'change-state':
      return changeState(turn, request);
    case 'steal':
      return onSteal(turn, request);
    case 'repair-job':
      repair(turn);
      return { kind: 'done' };
    default:
      return unreachable(request);
  }
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  const { data } = turn.state.durable;
  switch (message.kind) {
    case 'push':
      takeSlops(turn, from, message.slops);
      return;
    case 'pushed':
      dropSlops(turn, from, message.ids);
      return;
    case 'proxy-get':
      send(turn, from, {
        kind: 'proxy-got',
        id: message.id,
        versions: lookUp(data, message.key) ?? [],
      });
      return;
    case 'proxy-got':
      onProxyGot(turn, message.id, message.versions);
      return;
    case 'proxy-put':
      put(turn, message.key, message.versioned);
      return;
    case 'fetch':
      onFetch(turn, from, message.partitions);
      return;
    case 'fetched':
      onFetched(turn, from, message);
      return;
    default:
      unreachable(message);
  }
}
