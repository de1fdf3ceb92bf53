import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { execute, isWrite } from '../../store.ts';
import { onClusterRequest } from './administer.ts';
import { migrate } from './migrate.ts';
import { apartIn, ownerOf, rangeAt, singleOf } from './owners.ts';
import { change, countGood, READ_ONLY, wait } from './replication.ts';
import type { Reply, Request, Service, ServiceMap } from './requests.ts';
import { slotOf } from './slots.ts';
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
  replica: READ_ONLY,
} as const;

/** A client asks this node. */
export function onRequest(turn: Turn, from: NodeId, id: number, request: Request): void {
  switch (request.kind) {
    case 'slots':
      reply(turn, from, id, { kind: 'slots', ...serviceMapOf(turn.state) });
      return;
    case 'command':
      reply(turn, from, id, carryOut(turn, request));
      return;
    case 'wait':
      // WAIT needs no slot, only a master.
      wait(turn, from, id, request);
      return;
    case 'migrate':
      migrate(turn, from, id, request);
      return;
    default:
      reply(turn, from, id, onClusterRequest(turn, request));
  }
}

function carryOut(turn: Turn, request: Request & { kind: 'command' }): Reply {
  const { state } = turn;
  const { command } = request;
  const refusal = redirect(state, request);
  if (refusal !== null) return refusal;
  const { minReplicasToWrite, minReplicasMaxLag } = state.knobs;
  // A replica owns slots that a fix gave it: Redis does not refuse that.
  if (isWrite(command) && !isMaster(state, state.self)) return { kind: 'error', error: REFUSALS.replica };
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
function redirect(
  state: RedisState,
  { command, readonly, asking }: Request & { kind: 'command' },
): Reply | null {
  const { durable, knobs, self } = state;
  const { key } = command;
  const range = rangeAt(durable, slotOf(key));
  const owner = ownerOf(durable, range);
  if (owner === null) return { kind: 'error', error: REFUSALS.unassigned };
  if (!state.isClusterOk) {
    if (!knobs.allowReadsWhenDown) return { kind: 'error', error: REFUSALS.down };
    if (isWrite(command)) return { kind: 'error', error: REFUSALS.readsOnly };
  }
  const taker = owner === self ? lookUp(durable.migrating ?? {}, String(range)) : undefined;
  // A key that is not here may have been moved already, or be a new one: the taker knows.
  if (taker !== undefined && lookUp(durable.data, key) === undefined) {
    return { kind: 'ask', slot: slotOf(key), to: taker };
  }
  if (owner === self || (asking === true && String(range) in (durable.importing ?? {}))) return null;
  if (readonly && !isWrite(command) && masterOf(state, self) === owner) return null;
  return { kind: 'moved', slot: slotOf(key), to: owner };
}

/** CLUSTER SLOTS: each range with its master and those of its replicas that have not failed. */
function serviceMapOf(state: RedisState): ServiceMap {
  const { durable } = state;
  const replicas = state.nodes.filter((node) => !isMaster(state, node) && !memberOf(state, node).failed);
  const serviceOf = (master: NodeId | null): Service => ({
    master,
    replicas: replicas.filter((node) => memberOf(state, node).master === master),
  });
  const services = durable.owners.map(serviceOf);
  if (durable.apart === undefined) return { services };
  const apart = apartIn(durable).map((slot) => [slot, serviceOf(ownerOf(durable, singleOf(slot)))] as const);
  return { services, apart: Object.fromEntries(apart) };
}
