import { lookUp } from '../../../base/table.ts';
import { shardName } from './columns.ts';
import { blockFor, type Consistency } from './consistency.ts';
import { rowOf } from './storage.ts';
import {
  begin,
  endWork,
  isAlive,
  nextId,
  nextTimestamp,
  replicasOf,
  send,
  setTimer,
  tell,
  type Turn,
} from './turn.ts';
import type { Request } from './types.ts';
import type { Asker, IncrementWork } from './work.ts';
import { startWrite } from './write.ts';

/**
 * Counters (db/CounterMutation.java): each replica counts in a shard of its own and the counter is their sum, so
 * increments on two sides add up. An increment is led by one replica, which reads its shard, adds, and has the
 * new shard replicated. Nothing tells two increments apart: one that timed out and is asked again counts twice.
 */
export function startIncrement(turn: Turn, asker: Asker, request: Request & { kind: 'increment' }): void {
  const { state } = turn;
  const { key, by, consistency } = request;
  const required = blockFor(consistency, state.knobs.replicationFactor);
  const up = replicasOf(state, key).filter((node) => isAlive(state, node));
  const leader = up[0];
  if (leader === undefined || up.length < required) {
    tell(turn, asker, { kind: 'unavailable', consistency, required, alive: up.length });
    return;
  }
  if (leader === state.self) {
    leadIncrement(turn, asker, key, by, consistency);
    return;
  }
  const work: IncrementWork = begin(turn, {
    kind: 'increment',
    id: nextId(state),
    asker,
    consistency,
    required,
  });
  setTimer(turn, `wait-${work.id}`, state.knobs.counterTimeout);
  send(turn, leader, { kind: 'increment', id: work.id, key, by, consistency });
}

/** Adds to this replica's shard, which nobody else writes, and replicates it like any other cell. */
export function leadIncrement(
  turn: Turn,
  asker: Asker,
  key: string,
  by: number,
  consistency: Consistency,
): void {
  const { state } = turn;
  const name = shardName(state.durable.id);
  const shard = lookUp(rowOf(state, key), name);
  const at = Math.max(nextTimestamp(turn), (shard?.at ?? 0) + 1);
  startWrite(turn, asker, {
    key,
    cells: { [name]: { at, value: Number(shard?.value ?? 0) + by, deleted: null } },
    type: 'COUNTER',
    consistency,
    success: { kind: 'written', timestamp: at },
  });
}

export function onIncremented(turn: Turn, work: IncrementWork): void {
  tell(turn, work.asker, { kind: 'written', timestamp: turn.state.timestamp });
  endWork(turn, work);
}

/** The leader may have counted all the same. */
export function onIncrementTimeout(turn: Turn, work: IncrementWork): void {
  const { consistency, required } = work;
  tell(turn, work.asker, { kind: 'write-timeout', type: 'COUNTER', consistency, required, received: 0 });
  endWork(turn, work);
}
