import { unreachable } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Reply, Request, Service } from './requests.ts';
import { execute, isWrite, type Command } from '../../store.ts';
import { change, countGood, wait } from './replication.ts';
import { rangeOf, slotOf } from './slots.ts';
import { isMaster, masterOf, memberOf, reply, type Turn } from './turn.ts';
import type { RedisState } from './types.ts';

/** The literal errors of a node that refuses a command: redis src/cluster.c and server.c. */
export const REFUSALS = {
  down: 'CLUSTERDOWN The cluster is down',
  readsOnly: 'CLUSTERDOWN The cluster is down and only accepts read commands',
  unassigned: 'CLUSTERDOWN Hash slot not served',
  'wrong type': 'WRONGTYPE Operation against a key holding the wrong kind of value',
  'not an integer': 'ERR value is not an integer or out of range',
  fewReplicas: 'NOREPLICAS Not enough good replicas to write.',
} as const;

/** A client asks this node. */
export function onRequest(turn: Turn, from: NodeId, id: number, request: Request): void {
  switch (request.kind) {
    case 'slots':
      reply(turn, from, id, { kind: 'slots', services: servicesOf(turn.state) });
      return;
    case 'command':
      reply(turn, from, id, carryOut(turn, request.command, request.readonly));
      return;
    case 'wait':
      // WAIT needs no slot, only a master.
      wait(turn, from, id, request);
      return;
    default:
      unreachable(request);
  }
}

function carryOut(turn: Turn, command: Command, readonly: boolean): Reply {
  const { state } = turn;
  const refusal = redirect(state, command, readonly);
  if (refusal !== null) return refusal;
  const { minReplicasToWrite, minReplicasMaxLag } = state.knobs;
  if (isWrite(command) && minReplicasToWrite > countGood(state, turn.now, minReplicasMaxLag)) {
    return { kind: 'error', error: REFUSALS.fewReplicas };
  }
  const effect = execute(state.durable.data, command);
  if (effect.kind === 'error') return { kind: 'error', error: REFUSALS[effect.reason] };
  if (effect.entry !== undefined) change(turn, command.key, effect.entry);
  const { value, applied } = effect;
  return { kind: 'done', value, applied, offset: state.replication.offset };
}

/** Whether this node is the one to ask (redis src/cluster.c, getNodeByQuery); null when it is. */
function redirect(state: RedisState, command: Command, readonly: boolean): Reply | null {
  const { durable, knobs, self } = state;
  const owner = durable.owners[rangeOf(command.key, durable.owners.length)] ?? null;
  if (owner === null) return { kind: 'error', error: REFUSALS.unassigned };
  if (!state.isClusterOk) {
    if (!knobs.allowReadsWhenDown) return { kind: 'error', error: REFUSALS.down };
    if (isWrite(command)) return { kind: 'error', error: REFUSALS.readsOnly };
  }
  if (owner === self) return null;
  if (readonly && !isWrite(command) && masterOf(state, self) === owner) return null;
  return { kind: 'moved', slot: slotOf(command.key), to: owner };
}

/** CLUSTER SLOTS: each range with its master and those of its replicas that have not failed. */
function servicesOf(state: RedisState): Service[] {
  const replicas = state.nodes.filter((node) => !isMaster(state, node) && !memberOf(state, node).failed);
  return state.durable.owners.map((master) => ({
    master,
    replicas: replicas.filter((node) => memberOf(state, node).master === master),
  }));
}
