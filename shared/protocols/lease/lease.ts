import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Config, DataView, Input, Output, Protocol } from '../../sim/protocol.ts';
import { execute, isWrite, valueOf } from '../store.ts';
import { describeStored } from '../store-words.ts';
import { mark, persist, reply, type TurnOf } from '../turn.ts';
import type { Lease, LeaseKnobs, LeaseReply, LeaseRequest, LeaseShape, LeaseState } from './types.ts';

type Turn = TurnOf<LeaseShape>;

/**
 * A lock service and a resource that its lock is to guard, on two nodes (Kleppmann, "How to do distributed locking",
 * 2016). A lock is a lease: it ends by the clock of the service, whatever its holder does or believes. So with every
 * lease comes a token that grows, and the resource refuses a token older than one it has seen. Without that check a
 * holder that slept too long writes over its successor.
 */
export const leaseService: Protocol<LeaseShape> = {
  name: 'lease',
  channel: 'stream',
  connections: false,
  init: ({ self, nodes, knobs }: Config<LeaseKnobs>, durable) => ({
    self,
    knobs,
    ...placesOf(nodes),
    disk: durable ?? { leases: {}, tokens: 0, data: {}, writers: {}, seen: 0 },
  }),
  step,
  durable: ({ disk }) => disk,
  view: (state) => {
    const { self, service, resource, disk } = state;
    const data: Table<DataView> = {};
    for (const key of keysOf(disk.data)) {
      const value = valueOf(lookUp(disk.data, key));
      data[key] = { values: [value], version: tokenOf(state, key) };
    }
    const locks = keysOf(disk.leases).map((lock): [string, string] => {
      return [`lock ${lock}`, describeLease(lookUp(disk.leases, lock))];
    });
    const seen: [string, string] = ['newest token seen', String(disk.seen)];
    const facts = [...(self === service ? locks : []), ...(self === resource ? [seen] : [])];
    return { role: roleOf(state), term: null, leader: service, data, facts };
  },
  describeMessage: () => 'nothing',
  describeState: (state) => {
    const { disk } = state;
    const locks = keysOf(disk.leases).map((lock) => `${lock}: ${describeLease(lookUp(disk.leases, lock))}`);
    const data = keysOf(disk.data).map((key) => {
      return `${key}=${describeStored(valueOf(lookUp(disk.data, key)))} (${tokenOf(state, key)})`;
    });
    return [roleOf(state), `token ${disk.seen} seen`, ...locks, ...data].join('; ');
  },
};

/** The first node has the locks, the second the resource; one node alone has both. */
export function placesOf(nodes: readonly NodeId[]): { service: NodeId; resource: NodeId } {
  const [service = '', resource = service] = nodes;
  return { service, resource };
}

function step(state: LeaseState, input: Input<LeaseShape>, ambient: Ambient): Output<LeaseShape>[] {
  const turn: Turn = { ...ambient, state, outputs: [] };
  if (input.kind === 'start') persist(turn);
  else if (input.kind === 'request') {
    const answer = serve(turn, input.request);
    if (answer !== null) reply(turn, input.from, input.id, answer);
  }
  return turn.outputs;
}

/** Null: what was asked is not here. */
function serve(turn: Turn, request: LeaseRequest): LeaseReply | null {
  const { self, service, resource } = turn.state;
  switch (request.kind) {
    case 'acquire':
      return self === service ? acquire(turn, request.lock, request.holder) : null;
    case 'renew':
    case 'release':
      return self === service ? endOrRenew(turn, request) : null;
    case 'use':
      return self === resource ? use(turn, request) : null;
    default:
      return unreachable(request);
  }
}

function acquire(turn: Turn, lock: string, holder: string): LeaseReply {
  const { now, state } = turn;
  const { disk, knobs } = state;
  const lease = lookUp(disk.leases, lock);
  if (lease?.holder === holder) return { kind: 'granted', token: lease.token };
  if (lease !== undefined && lease.until > now) return { kind: 'held' };
  if (lease !== undefined) mark(turn, 'expire', `the lease of ${lease.holder} on ${lock} has run out`);
  const token = ++disk.tokens;
  disk.leases[lock] = { holder, token, until: now + knobs.leaseMs };
  persist(turn);
  mark(turn, 'lease', `${holder} has ${lock} with token ${token}`);
  return { kind: 'granted', token };
}

/** A lease that ran out may be renewed as long as nobody else has asked for the lock. */
function endOrRenew(
  turn: Turn,
  { kind, lock, token }: LeaseRequest & { kind: 'renew' | 'release' },
): LeaseReply {
  const { now, state } = turn;
  const { disk, knobs } = state;
  const lease = lookUp(disk.leases, lock);
  if (lease?.token !== token) return { kind: 'expired' };
  if (kind === 'release') delete disk.leases[lock];
  else disk.leases[lock] = { ...lease, until: now + knobs.leaseMs };
  persist(turn);
  return kind === 'release' ? { kind: 'released' } : { kind: 'granted', token };
}

function use(turn: Turn, { command, token }: LeaseRequest & { kind: 'use' }): LeaseReply {
  const { disk, knobs, resource } = turn.state;
  if (isWrite(command) && token !== null && token < disk.seen) {
    if (knobs.checkTokens) {
      mark(turn, 'abort', `${resource} refuses token ${token}: it has seen ${disk.seen}`);
      return { kind: 'stale', token, seen: disk.seen };
    }
    mark(
      turn,
      'conflict',
      `${resource} takes token ${token} after ${disk.seen}: its holder has lost the lock`,
    );
  }
  const effect = execute(disk.data, command);
  if (effect.kind === 'error') return { kind: 'error', reason: effect.reason };
  const { value, applied, entry } = effect;
  if (entry !== undefined) {
    if (entry === null) delete disk.data[command.key];
    else disk.data[command.key] = entry;
    if (token !== null) disk.writers[command.key] = token;
    disk.seen = Math.max(disk.seen, token ?? 0);
    persist(turn);
  }
  return { kind: 'used', value, applied };
}

function roleOf({ self, service, resource }: LeaseState): string {
  if (self === service) return self === resource ? 'lock service and resource' : 'lock service';
  return self === resource ? 'resource' : 'client';
}

function tokenOf({ disk }: LeaseState, key: string): string {
  const token = lookUp(disk.writers, key);
  return token === undefined ? 'no token' : `token ${token}`;
}

function describeLease(lease: Lease | undefined): string {
  return lease === undefined ? 'free' : `${lease.holder}, token ${lease.token}, until ${lease.until}`;
}
