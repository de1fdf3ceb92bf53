import { below, draw } from '../../../base/random.ts';
import { keysOf, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { apartIn } from './owners.ts';
import { masterOf, memberOf, pongOf, rangesOwnedBy, send, type Turn } from './turn.ts';
import type { BusBody, BusMessage, Claim, Gossip, RedisState } from './types.ts';

/** Tells one node something on the cluster bus. */
export function tell(turn: Turn, to: NodeId, body: BusBody): void {
  send(turn, to, { kind: 'bus', head: headOf(turn.state), body });
}

/** Tells everybody the same. */
export function broadcast(turn: Turn, body: BusBody): void {
  const message: BusMessage = { kind: 'bus', head: headOf(turn.state), body };
  for (const node of turn.state.nodes) if (node !== turn.state.self) send(turn, node, message);
}

/** What this node knows of others, as pings and pongs tell it. */
export function news(turn: Turn): { gossip: Gossip[]; forgotten?: Table<number> } {
  const { forgotten } = turn.state;
  const gossip = gossipOf(turn);
  if (forgotten === undefined) return { gossip };
  const left = keysOf(forgotten).map((node) => [node, (forgotten[node] ?? 0) - turn.now] as const);
  return { gossip, forgotten: Object.fromEntries(left.filter(([, time]) => time > 0)) };
}

/** A pong that nobody asked for: the quickest way to tell of a new configuration. */
export function broadcastPong(turn: Turn): void {
  broadcast(turn, { kind: 'pong', ...news(turn) });
}

/** Asks a node whether it is there, or tells one that may not know this one to meet it. */
export function ping(turn: Turn, to: NodeId, kind: 'ping' | 'meet'): void {
  tell(turn, to, { kind, ...news(turn) });
}

export function claimOf(state: RedisState, master: NodeId): Claim {
  const claim = { configEpoch: memberOf(state, master).configEpoch, ranges: rangesOwnedBy(state, master) };
  return state.durable.apart === undefined ? claim : { ...claim, apart: apartIn(state.durable) };
}

function headOf(state: RedisState): BusMessage['head'] {
  const { self, durable, replication } = state;
  return {
    currentEpoch: durable.currentEpoch,
    claim: claimOf(state, masterOf(state, self)),
    master: memberOf(state, self).master,
    offset: replication.offset,
  };
}

/**
 * What a ping or pong tells of other nodes: a tenth of them by chance, three at least, and everyone this node
 * suspects (redis cluster_legacy.c, clusterSendPing).
 */
function gossipOf({ state, random }: Turn): Gossip[] {
  const { nodes, self } = state;
  const wanted = Math.min(nodes.length - 2, Math.max(3, Math.floor(nodes.length / 10)));
  const chosen = new Set<NodeId>();
  for (let tries = 0; tries < 3 * wanted && chosen.size < wanted; tries++) {
    const node = nodes[below(draw(random, tries), nodes.length)] ?? self;
    if (node !== self && !(node in state.suspects)) chosen.add(node);
  }
  for (const node of keysOf(state.suspects)) chosen.add(node);
  return [...chosen].map((node) => {
    const isFailing = node in state.suspects || memberOf(state, node).failed;
    return { node, isFailing, pongReceived: pongOf(state, node) };
  });
}
