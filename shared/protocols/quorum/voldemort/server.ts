import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { compareClocks, type VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { mark, persist, reply, send, setTimer } from '../../turn.ts';
import { describeMessage, describeState, describeVersions } from './describe.ts';
import type {
  Durable,
  Message,
  Request,
  Slop,
  Turn,
  Versioned,
  VoldemortKnobs,
  VoldemortShape,
  VoldemortState,
} from './types.ts';
import { concurrentOf, versionText } from './versions.ts';
import { view } from './view.ts';

/**
 * A Voldemort server: it keeps versions of keys side by side and refuses what it has seen already. It knows of no
 * quorum and no other server: coordination is the client's (see the driver), so what counts in a partition is
 * which side the *client* is on. Of its own accord a server only pushes slops, writes kept for another node.
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

function init({ self, nodes, knobs }: Config<VoldemortKnobs>, durable: Durable | null): VoldemortState {
  return { self, nodes, knobs, durable: durable ?? { data: {}, slops: {}, kept: 0 }, pushing: false };
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
      if (input.timer === 'slops') onSlopTimer(turn);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onRequest(turn: Turn, from: NodeId, id: number, request: Request): void {
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
      return;
    }
    case 'delete':
      remove(turn, request.key, request.clock);
      reply(turn, from, id, { kind: 'done' });
      return;
    case 'slop':
      keepSlop(turn, request.owner, request.key, request.write);
      reply(turn, from, id, { kind: 'done' });
      return;
    case 'ping':
      reply(turn, from, id, { kind: 'done' });
      return;
    default:
      unreachable(request);
  }
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  switch (message.kind) {
    case 'push':
      for (const slop of message.slops) takeSlop(turn, from, slop);
      send(turn, from, { kind: 'pushed', ids: message.slops.map(({ id }) => id) });
      return;
    case 'pushed':
      dropSlops(turn, from, message.ids);
      return;
    default:
      unreachable(message);
  }
}

/** Keeps a version beside those it does not supersede (store/bdb/BdbStorageEngine.java). Null, or why not. */
function put(turn: Turn, key: string, versioned: Versioned): string | null {
  const { self, durable } = turn.state;
  const before = lookUp(durable.data, key) ?? [];
  const newer = before.find(({ clock }) =>
    ['same', 'before'].includes(compareClocks(versioned.clock, clock)),
  );
  if (newer !== undefined) {
    const clocks = `${versionText(versioned.clock)} is obsolete, it is no greater than the current version of ${versionText(newer.clock)}`;
    return `Key ${key} ${clocks}.`;
  }
  const after = concurrentOf([...before, versioned]);
  durable.data[key] = after;
  persist(turn);
  if (after.length > 1)
    mark(turn, 'conflict', `${self} has concurrent versions of ${key}: ${describeVersions(after)}`);
  else if (before.length > 1) mark(turn, 'merge', `${self} has one version of ${key} again`);
  return null;
}

/** Removes what is not newer. There are no tombstones: a copy elsewhere that was missed comes back by a read. */
function remove(turn: Turn, key: string, clock: VectorClock): void {
  const { data } = turn.state.durable;
  const before = lookUp(data, key);
  const after = before?.filter(
    (version) => !['same', 'before'].includes(compareClocks(version.clock, clock)),
  );
  if (before === undefined || after === undefined || after.length === before.length) return;
  if (after.length > 0) data[key] = after;
  else delete data[key];
  persist(turn);
}

function keepSlop(turn: Turn, owner: NodeId, key: string, write: Slop['write']): void {
  const { self, durable } = turn.state;
  const slops = lookUp(durable.slops, owner) ?? [];
  if (slops.some((slop) => slop.key === key && canonical(slop.write) === canonical(write))) return;
  durable.slops[owner] = [...slops, { id: ++durable.kept, key, write }];
  persist(turn);
  mark(turn, 'hint', `${self} keeps a slop for ${owner}: ${key}`);
  keepPushing(turn);
}

/** The slop pusher: all there is goes out, and what arrives is forgotten here. Every five minutes. */
function onSlopTimer(turn: Turn): void {
  const { state } = turn;
  state.pushing = false;
  for (const owner of keysOf(state.durable.slops)) {
    send(turn, owner, { kind: 'push', slops: lookUp(state.durable.slops, owner) ?? [] });
  }
  keepPushing(turn);
}

function keepPushing(turn: Turn): void {
  const { state } = turn;
  if (state.pushing || keysOf(state.durable.slops).length === 0) return;
  state.pushing = true;
  setTimer(turn, 'slops', state.knobs.slopInterval);
}

function takeSlop(turn: Turn, from: NodeId, { key, write }: Slop): void {
  if ('deleted' in write) remove(turn, key, write.deleted);
  else if (put(turn, key, write) === null) {
    mark(turn, 'handoff', `${turn.state.self} gets ${key} from ${from}'s slops`);
  }
}

function dropSlops(turn: Turn, owner: NodeId, ids: readonly number[]): void {
  const { slops } = turn.state.durable;
  const before = lookUp(slops, owner) ?? [];
  const left = before.filter(({ id }) => !ids.includes(id));
  if (left.length === before.length) return;
  if (left.length > 0) slops[owner] = left;
  else delete slops[owner];
  persist(turn);
}
