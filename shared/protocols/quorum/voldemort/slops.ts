import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send, setTimer } from '../../turn.ts';
import { clusterOf, isMember } from './metadata.ts';
import { put, remove } from './storage.ts';
import type { Slop, Turn } from './types.ts';

export function keepSlop(turn: Turn, owner: NodeId, key: string, write: Slop['write']): void {
  const { self, durable } = turn.state;
  const slops = lookUp(durable.slops, owner) ?? [];
  if (slops.some((slop) => slop.key === key && canonical(slop.write) === canonical(write))) return;
  durable.slops[owner] = [...slops, { id: ++durable.kept, key, write }];
  persist(turn);
  mark(turn, 'hint', `${self} keeps a slop for ${owner}: ${key}`);
  keepPushing(turn);
}

/**
 * The slop pusher: all there is goes out, and what arrives is forgotten here. Every five minutes. What is for a node
 * that has left is forgotten, too, and who has left pushes nothing (server/scheduler/slop/StreamingSlopPusherJob.java).
 */
export function onSlopTimer(turn: Turn): void {
  const { state } = turn;
  state.pushing = false;
  if (!isMember(state)) return;
  for (const owner of keysOf(state.durable.slops)) {
    const slops = lookUp(state.durable.slops, owner) ?? [];
    if (clusterOf(state)?.nodes.includes(owner) === true) send(turn, owner, { kind: 'push', slops });
    else
      dropSlops(
        turn,
        owner,
        slops.map(({ id }) => id),
      );
  }
  keepPushing(turn);
}

export function keepPushing(turn: Turn): void {
  const { state } = turn;
  if (state.pushing || keysOf(state.durable.slops).length === 0 || !isMember(state)) return;
  state.pushing = true;
  setTimer(turn, 'slops', state.knobs.slopInterval);
}

export function takeSlops(turn: Turn, from: NodeId, slops: readonly Slop[]): void {
  for (const { key, write } of slops) {
    if ('deleted' in write) remove(turn, key, write.deleted);
    else if (put(turn, key, write) === null) {
      mark(turn, 'handoff', `${turn.state.self} gets ${key} from ${from}'s slops`);
    }
  }
  send(turn, from, { kind: 'pushed', ids: slops.map(({ id }) => id) });
}

export function dropSlops(turn: Turn, owner: NodeId, ids: readonly number[]): void {
  const { slops } = turn.state.durable;
  const before = lookUp(slops, owner) ?? [];
  const left = before.filter(({ id }) => !ids.includes(id));
  if (left.length === before.length) return;
  if (left.length > 0) slops[owner] = left;
  else delete slops[owner];
  persist(turn);
}
