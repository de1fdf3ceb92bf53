import { keysOf, lookUp } from '../../base/table.ts';
import { cancelTimer, setTimer } from '../turn.ts';
import type { Turn } from './turn.ts';
import type { TransactionId, TwoPhaseState, Work } from './types.ts';

/** The transaction that has locked a key: it is prepared here, and nobody has decided it. */
export function lockHolder({ durable }: TwoPhaseState, key: string): TransactionId | null {
  const holds = (id: TransactionId): boolean => {
    const branch = lookUp(durable.prepared, id);
    return branch?.heuristic === null && Object.hasOwn(branch.balances, key);
  };
  return keysOf(durable.prepared).find(holds) ?? null;
}

export function isFree(state: TwoPhaseState, work: Work): boolean {
  return keysNeeded(work).every((key) => lockHolder(state, key) === null);
}

export function waitForLocks(turn: Turn, work: Work): void {
  const { state } = turn;
  const id = ++state.waits;
  state.waiting = [...state.waiting, { id, work }];
  setTimer(turn, `lock-${id}`, state.knobs.lockTimeout);
}

/** The first that need not wait any longer; null when all must. */
export function takeFree(turn: Turn): Work | null {
  const next = turn.state.waiting.find(({ work }) => isFree(turn.state, work));
  return next === undefined ? null : stopWaiting(turn, next.id);
}

/** Takes one out of the line; null when it is not there. */
export function stopWaiting(turn: Turn, id: number): Work | null {
  const { state } = turn;
  const found = state.waiting.find((waiting) => waiting.id === id);
  if (found === undefined) return null;
  state.waiting = state.waiting.filter((waiting) => waiting !== found);
  cancelTimer(turn, `lock-${id}`);
  return found.work;
}

/** The place in line of a transaction that has not been voted on for want of a lock. */
export function waitOf({ waiting }: TwoPhaseState, transaction: TransactionId): number | null {
  const found = waiting.find(
    ({ work }) => work.kind === 'prepare' && work.message.transaction === transaction,
  );
  return found?.id ?? null;
}

function keysNeeded(work: Work): readonly string[] {
  return work.kind === 'command' ? [work.command.key] : work.message.moves.map(({ key }) => key);
}
