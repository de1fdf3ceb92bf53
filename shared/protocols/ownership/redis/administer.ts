import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { valueOf } from '../../store.ts';
import { startMeeting } from './detector.ts';
import { becomeMember, forget, leave } from './members.ts';
import { keysIn, rangesIn, spansOf, spanText } from './owners.ts';
import { follow } from './replication.ts';
import type { ClusterNodes, ClusterRequest, Reply } from './requests.ts';
import { deleteSlots, setSlot, takeSlots } from './setslot.ts';
import { isMaster, knows, memberOf, rangesOwnedBy, reconfigured, type Turn } from './turn.ts';

/** The CLUSTER commands by which administrators' tools change a cluster (redis cluster_legacy.c). */
export function onClusterRequest(turn: Turn, request: Exclude<ClusterRequest, { kind: 'migrate' }>): Reply {
  const { state } = turn;
  switch (request.kind) {
    case 'nodes':
      return { kind: 'nodes', ...nodesOf(turn) };
    case 'keys':
      return { kind: 'keys', keys: keysIn(state.durable, request.range).slice(0, request.count) };
    case 'count':
      return {
        kind: 'counts',
        counts: request.ranges.map((range) => keysIn(state.durable, range).length),
      };
    case 'values': {
      const values = request.keys.map((key) => canonical(valueOf(lookUp(state.durable.data, key))));
      return { kind: 'values', values };
    }
    case 'setslot':
      return answer(setSlot(turn, request));
    case 'take':
      takeSlots(turn, request.range);
      return { kind: 'ok' };
    case 'delslots':
      return answer(deleteSlots(turn, request.range));
    case 'meet':
      becomeMember(turn);
      if (!knows(state, request.node)) startMeeting(turn, request.node);
      return { kind: 'ok' };
    case 'forget':
      return answer(forget(turn, request.node));
    case 'replicate':
      return answer(replicate(turn, request.node));
    case 'reset':
      return answer(leave(turn));
    default:
      return unreachable(request);
  }
}

function answer(error: string | null): Reply {
  return error === null ? { kind: 'ok' } : { kind: 'error', error };
}

function nodesOf({ state }: Turn): ClusterNodes {
  const { durable } = state;
  return {
    lines: state.nodes.map((node) => ({
      node,
      master: memberOf(state, node).master,
      failed: memberOf(state, node).failed,
      ranges: rangesOwnedBy(state, node),
      slots: spansOf(durable, node).map(spanText).join(' '),
    })),
    ranges: rangesIn(durable),
    migrating: { ...durable.migrating },
    importing: { ...durable.importing },
    isEmpty: state.nodes.length === 1 && keysOf(durable.data).length === 0,
  };
}

/** CLUSTER REPLICATE. Returns the error, or null. */
function replicate(turn: Turn, master: NodeId): string | null {
  const { state } = turn;
  const { self, durable } = state;
  if (!knows(state, master)) return `ERR Unknown node ${master}`;
  if (master === self) return "ERR Can't replicate myself";
  if (!isMaster(state, master)) return 'ERR I can only replicate a master, not a replica.';
  if (isMaster(state, self) && (rangesOwnedBy(state, self).length > 0 || keysOf(durable.data).length > 0)) {
    return 'ERR To set a master the node must be empty and without assigned slots.';
  }
  follow(turn, master);
  reconfigured(turn);
  return null;
}
