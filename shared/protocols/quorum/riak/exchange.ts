import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import {
  answerTo,
  bucketOf,
  type MerkleHashes,
  merkleTree,
  type MerkleTree,
  rootOf,
} from '../../../data/merkle.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, send, setTimer } from '../../turn.ts';
import { positionOf } from '../ring.ts';
import { EXCHANGE } from './constants.ts';
import { type Entry, labelOf } from './entry.ts';
import { isUp } from './liveness.ts';
import { ownersOf } from './membership.ts';
import { primariesOf } from './ring.ts';
import type { Turn } from './turn.ts';
import type { RiakState } from './types.ts';
import { absorb, isOwn } from './vnode.ts';

/**
 * Active anti-entropy (riak_kv_entropy_manager.erl, riak_kv_exchange_fsm.erl): all the time two primaries
 * compare hash trees of the keys that both keep, and repair what differs. It finds what neither a read nor a
 * handoff has repaired. Nobody remembers anything between messages, so a lost one costs a round.
 */
export function onExchange(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'exchange', EXCHANGE);
  const pairs = exchanges(state);
  const pair = pairs[below(turn.random, Math.max(1, pairs.length))];
  if (pair === undefined) return;
  const [mine, yours] = pair;
  if (isOwn(state, yours)) {
    compareHere(turn, mine, yours);
    return;
  }
  const hashes = rootOf(treeOf(state, mine, yours));
  send(turn, ownersOf(state)[yours] ?? '', { kind: 'tree', mine, yours, level: 0, hashes });
}

/** Both vnodes are at this node. */
function compareHere(turn: Turn, mine: number, yours: number): void {
  const [here, there] = [common(turn.state, mine, yours), common(turn.state, yours, mine)];
  for (const [key, entry] of here) absorb(turn, yours, key, entry);
  for (const [key, entry] of there) absorb(turn, mine, key, entry);
}

/** The other vnode shows a level of its tree: show the children of what differs, or at the leaves the keys. */
export function onTree(
  turn: Turn,
  from: NodeId,
  mine: number,
  yours: number,
  level: number,
  hashes: MerkleHashes,
): void {
  if (!isOwn(turn.state, mine)) return;
  const answer = answerTo(treeOf(turn.state, mine, yours), level, hashes);
  if (answer.kind === 'same') return;
  if (answer.kind === 'children') {
    send(turn, from, { kind: 'tree', mine, yours, level: answer.level, hashes: answer.hashes });
    return;
  }
  const { buckets } = answer;
  const entries = entriesIn(turn.state, mine, yours, buckets);
  send(turn, from, { kind: 'leaves', mine, yours, buckets, entries, answer: false });
}

/** The other vnode's keys in the buckets that differ: merge them, and give it the result in return. */
export function onLeaves(
  turn: Turn,
  from: NodeId,
  mine: number,
  yours: number,
  buckets: readonly number[],
  entries: readonly (readonly [key: string, entry: Entry])[],
  isAnswer: boolean,
): void {
  const { state } = turn;
  if (!isOwn(state, mine)) return;
  for (const [key, entry] of entries) {
    if (absorb(turn, mine, key, entry)) mark(turn, 'repair', `${state.self} learns ${key} from ${from}`);
  }
  if (isAnswer) return;
  const answer = entriesIn(state, mine, yours, buckets);
  send(turn, from, { kind: 'leaves', mine, yours, buckets, entries: answer, answer: true });
}

/**
 * Pairs of vnodes, one of them here and one at another node that is up, which have a key in common. Where members
 * come and go several copies of a key may come to lie at one node: those are compared as well.
 */
function exchanges(state: RiakState): [mine: number, yours: number][] {
  const { vnodes } = state.durable;
  const owners = ownersOf(state);
  const pairs = new Map<string, [number, number]>();
  for (const partition of keysOf(vnodes)) {
    const mine = Number(partition);
    if (owners[mine] !== state.self) continue;
    for (const key of keysOf(lookUp(vnodes, partition) ?? {})) {
      for (const yours of primariesOf(key, owners, state.knobs.n)) {
        const owner = owners[yours] ?? '';
        const isFar = owner !== state.self;
        if (isFar ? isUp(state, owner) : state.durable.ring && mine !== yours)
          pairs.set(`${mine}-${yours}`, [mine, yours]);
      }
    }
  }
  return [...pairs.values()];
}

function treeOf(state: RiakState, mine: number, yours: number): MerkleTree {
  return merkleTree(
    common(state, mine, yours).map(([key, entry]) => ({
      position: positionOf(key),
      label: `${key} ${labelOf(entry)}`,
    })),
  );
}

function entriesIn(
  state: RiakState,
  mine: number,
  yours: number,
  buckets: readonly number[],
): [string, Entry][] {
  return common(state, mine, yours).filter(([key]) => buckets.includes(bucketOf(positionOf(key))));
}

/** What this vnode has of the keys that both keep. */
function common(state: RiakState, mine: number, yours: number): [string, Entry][] {
  const shelf = lookUp(state.durable.vnodes, String(mine)) ?? {};
  const owners = ownersOf(state);
  return keysOf(shelf).flatMap((key): [string, Entry][] => {
    const primaries = primariesOf(key, owners, state.knobs.n);
    const held = lookUp(shelf, key);
    return held !== undefined && primaries.includes(mine) && primaries.includes(yours)
      ? [[key, held.entry]]
      : [];
  });
}
