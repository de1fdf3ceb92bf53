import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cancelTimer, mark, reply, send, setTimer } from '../../turn.ts';
import { donorOf, ownersBy, refuseKey } from './metadata.ts';
import { put, remove } from './storage.ts';
import type { KeyRequest, Proxied, Turn, Versioned } from './types.ts';

/**
 * What a client asks of a key. While this server fetches partitions it has the versions of a key that it does not have
 * from who was in its place, and keeps them, before it answers a get or takes a put; deletes are only its own
 * (store/rebalancing/RedirectingStore.java).
 */
export function onKeyRequest(turn: Turn, from: NodeId, id: number, request: KeyRequest): void {
  const { state } = turn;
  const refusal = refuseKey(state, request);
  if (refusal !== null) {
    reply(turn, from, id, refusal);
    return;
  }
  const donor = request.kind === 'delete' ? null : donorOf(state, request.key);
  if (donor === null || lookUp(state.durable.data, request.key) !== undefined) serve(turn, from, id, request);
  else ask(turn, { from, id, request, donor });
}

export function onProxyGot(turn: Turn, number: number, versions: readonly Versioned[]): void {
  const proxied = take(turn, number);
  if (proxied === undefined) return;
  const { from, id, request } = proxied;
  for (const version of versions) put(turn, request.key, version);
  serve(turn, from, id, request);
}

/** The donor is silent, or its process has died. */
export function onProxyFailed(turn: Turn, number: number): void {
  const proxied = take(turn, number);
  if (proxied === undefined) return;
  const error = `Failed to reach proxy node ${proxied.donor}`;
  reply(turn, proxied.from, proxied.id, { kind: 'unreachable', error });
}

export function onDonorDied(turn: Turn, donor: NodeId): void {
  const { proxied } = turn.state;
  for (const number of keysOf(proxied ?? {})) {
    if (lookUp(proxied ?? {}, number)?.donor === donor) onProxyFailed(turn, Number(number));
  }
}

function ask(turn: Turn, proxied: Proxied): void {
  const { state } = turn;
  const number = (state.proxies ?? 0) + 1;
  state.proxies = number;
  (state.proxied ??= {})[String(number)] = proxied;
  setTimer(turn, `proxy-${number}`, SOCKET_TIMEOUT);
  send(turn, proxied.donor, { kind: 'proxy-get', id: number, key: proxied.request.key });
}

function take(turn: Turn, number: number): Proxied | undefined {
  const { proxied = {} } = turn.state;
  const found = lookUp(proxied, String(number));
  if (found === undefined) return undefined;
  delete proxied[String(number)];
  cancelTimer(turn, `proxy-${number}`);
  return found;
}

function serve(turn: Turn, from: NodeId, id: number, request: KeyRequest): void {
  const { self, durable } = turn.state;
  switch (request.kind) {
    case 'get':
      reply(turn, from, id, { kind: 'versions', versions: lookUp(durable.data, request.key) ?? [] });
      return;
    case 'put': {
      const refusal = put(turn, request.key, request.versioned);
      if (refusal === null && request.repair)
        mark(turn, 'repair', `${self} learns ${request.key} from a reader`);
      reply(turn, from, id, refusal === null ? { kind: 'done' } : { kind: 'obsolete', error: refusal });
      if (refusal === null) tellDonor(turn, request.key, request.versioned);
      return;
    }
    case 'delete':
      remove(turn, request.key, request.clock);
      reply(turn, from, id, { kind: 'done' });
      return;
    default:
      unreachable(request);
  }
}

/** A donor that is no owner any more is told of every put, so that all can go back; nobody waits for that. */
function tellDonor(turn: Turn, key: string, versioned: Versioned): void {
  const { state } = turn;
  const donor = donorOf(state, key);
  const { cluster } = state.durable;
  if (donor === null || cluster === undefined || ownersBy(cluster, state, key).includes(donor)) return;
  send(turn, donor, { kind: 'proxy-put', key, versioned });
}

/** socket.timeout.ms of a server, milliseconds. */
const SOCKET_TIMEOUT = 5000;
