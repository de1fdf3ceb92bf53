import { assert } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { execute, integerOf } from '../store.ts';
import { cancelTimer, mark, reply, setTimer } from '../turn.ts';
import { ERRORS, insufficientFunds } from './errors.ts';
import { isFree, stopWaiting, takeFree, waitForLocks, waitOf } from './locks.ts';
import { tell, type Turn } from './turn.ts';
import type { Branch, Message, Move, TransactionId, TwoPhaseState, Work } from './types.ts';

/** A coordinator asks for this node's vote. */
export function onPrepare(turn: Turn, coordinator: NodeId, message: Message & { kind: 'prepare' }): void {
  const { state } = turn;
  const { transaction } = message;
  const outcome = lookUp(state.durable.outcomes, transaction);
  if (outcome === 'aborted') voteNo(turn, coordinator, transaction, ERRORS.rolledBack);
  else if (lookUp(state.durable.prepared, transaction) !== undefined) {
    tell(turn, coordinator, { kind: 'vote-yes', transaction });
  } else if (outcome === undefined && waitOf(state, transaction) === null) {
    admit(turn, { kind: 'prepare', coordinator, message });
  }
}

/** Does what needs keys: at once, when their locks are free, or not at all. */
export function admit(turn: Turn, work: Work): void {
  if (isFree(turn.state, work)) carryOut(turn, work);
  else if (turn.state.knobs.whenLocked === 'fail') refuse(turn, work, ERRORS.locked);
  else waitForLocks(turn, work);
}

export function onLockTimeout(turn: Turn, id: number): void {
  const work = stopWaiting(turn, id);
  if (work !== null) refuse(turn, work, ERRORS.lockTimeout);
}

/** The coordinator has decided to commit. What is not prepared here was committed here before. */
export function onCommit(turn: Turn, coordinator: NodeId, transaction: TransactionId): void {
  const { prepared, outcomes } = turn.state.durable;
  assert(lookUp(outcomes, transaction) !== 'aborted', `${transaction} is committed and was aborted`);
  const branch = lookUp(prepared, transaction);
  if (branch !== undefined) commitBranch(turn, transaction, branch);
  tell(turn, coordinator, { kind: 'ack', transaction });
}

/** The coordinator has given the transaction up, so that nobody will ever ask for a vote again. */
export function onAbort(turn: Turn, transaction: TransactionId): void {
  const { prepared, outcomes } = turn.state.durable;
  assert(lookUp(outcomes, transaction) !== 'committed', `${transaction} is aborted and was committed`);
  const wait = waitOf(turn.state, transaction);
  if (wait !== null) stopWaiting(turn, wait);
  const branch = lookUp(prepared, transaction);
  if (branch !== undefined) abortBranch(turn, transaction, branch);
  if (lookUp(outcomes, transaction) === undefined) return;
  delete outcomes[transaction];
  turn.isDirty = true;
}

/** Carries out what was promised and frees the accounts. */
export function commitBranch(turn: Turn, transaction: TransactionId, branch: Branch): void {
  if (branch.heuristic === 'abort') tellBreach(turn, transaction, 'aborted', 'committed');
  if (branch.heuristic === null) apply(turn.state, branch);
  turn.state.durable.outcomes[transaction] = 'committed';
  endBranch(turn, transaction);
}

export function abortBranch(turn: Turn, transaction: TransactionId, branch: Branch): void {
  if (branch.heuristic === 'commit') tellBreach(turn, transaction, 'committed', 'aborted');
  endBranch(turn, transaction);
}

/** In doubt for too long: the node decides for itself, and may be wrong (XA's heuristic decision). */
export function onHeuristic(turn: Turn, transaction: TransactionId): void {
  const { durable, knobs, self } = turn.state;
  const branch = lookUp(durable.prepared, transaction);
  if (branch?.heuristic !== null || knobs.heuristic === 'never') return;
  if (knobs.heuristic === 'commit') apply(turn.state, branch);
  durable.prepared[transaction] = { ...branch, heuristic: knobs.heuristic };
  turn.isDirty = true;
  const deed = knobs.heuristic === 'commit' ? 'commits' : 'aborts';
  mark(turn, knobs.heuristic, `${self} ${deed} ${transaction} without knowing what was decided`);
  letOthersIn(turn);
}

/** How long the node bears not to know. */
export function setHeuristicTimer(turn: Turn, transaction: TransactionId): void {
  const { heuristic, heuristicAfter } = turn.state.knobs;
  if (heuristic !== 'never') setTimer(turn, `heuristic-${transaction}`, heuristicAfter);
}

function carryOut(turn: Turn, work: Work): void {
  if (work.kind === 'prepare') {
    vote(turn, work.coordinator, work.message);
    return;
  }
  const { durable } = turn.state;
  const effect = execute(durable.data, work.command);
  if (effect.kind === 'error') {
    refuse(turn, work, ERRORS[effect.reason]);
    return;
  }
  const { key } = work.command;
  if (effect.entry === null) delete durable.data[key];
  else if (effect.entry !== undefined) durable.data[key] = effect.entry;
  turn.isDirty ||= effect.entry !== undefined;
  reply(turn, work.to, work.request, { kind: 'done', value: effect.value, applied: effect.applied });
}

/** Yes is a promise on disk, kept through crashes: from here on only the coordinator's decision frees the accounts. */
function vote(turn: Turn, coordinator: NodeId, message: Message & { kind: 'prepare' }): void {
  const { transaction, participants, moves } = message;
  const balances: Table<number> = {};
  for (const move of moves) {
    const after = balanceAfter(turn.state, move);
    if (typeof after === 'string') {
      voteNo(turn, coordinator, transaction, after);
      return;
    }
    balances[move.key] = after;
  }
  turn.state.durable.prepared[transaction] = { coordinator, participants, balances, heuristic: null };
  turn.isDirty = true;
  mark(turn, 'prepare', `${turn.state.self} is prepared for ${transaction}`);
  setTimer(turn, `doubt-${transaction}`, turn.state.knobs.retryAfter);
  setHeuristicTimer(turn, transaction);
  tell(turn, coordinator, { kind: 'vote-yes', transaction });
}

function voteNo(turn: Turn, coordinator: NodeId, transaction: TransactionId, reason: string): void {
  tell(turn, coordinator, { kind: 'vote-no', transaction, reason });
}

/** What the account will hold, or why it cannot. */
function balanceAfter({ durable, knobs }: TwoPhaseState, { key, by }: Move): number | string {
  const entry = lookUp(durable.data, key);
  if (entry !== undefined && entry.type !== 'string') return ERRORS['wrong type'];
  const before = entry === undefined ? knobs.openingBalance : integerOf(entry.value);
  if (before === null || !Number.isSafeInteger(before + by)) return ERRORS['not an integer'];
  return before + by < 0 ? insufficientFunds(key, before) : before + by;
}

function refuse(turn: Turn, work: Work, error: string): void {
  if (work.kind === 'command') reply(turn, work.to, work.request, { kind: 'error', error });
  else voteNo(turn, work.coordinator, work.message.transaction, error);
}

function apply({ durable }: TwoPhaseState, { balances }: Branch): void {
  for (const key of keysOf(balances)) {
    const value = lookUp(balances, key);
    if (value !== undefined) durable.data[key] = { type: 'string', value };
  }
}

function endBranch(turn: Turn, transaction: TransactionId): void {
  delete turn.state.durable.prepared[transaction];
  turn.isDirty = true;
  cancelTimer(turn, `doubt-${transaction}`);
  cancelTimer(turn, `heuristic-${transaction}`);
  letOthersIn(turn);
}

function letOthersIn(turn: Turn): void {
  for (let work = takeFree(turn); work !== null; work = takeFree(turn)) carryOut(turn, work);
}

function tellBreach(turn: Turn, transaction: TransactionId, own: string, real: string): void {
  mark(turn, 'conflict', `${turn.state.self} ${own} ${transaction} for itself; the others ${real} it`);
}
