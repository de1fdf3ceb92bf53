import { assert } from '../../../base/assert.ts';
import { mark, save, type Step } from './step.ts';
import { applyChange, createTree } from './tree.ts';
import type { History, Transaction, ZabState } from './types.ts';
import { describeChange } from './words.ts';
import { epochOf, showZxid } from './zxid.ts';

/** The zxid of the last transaction on disk; 0 where there is none. */
export function lastZxid({ log }: ZabState): number {
  return log.at(-1)?.zxid ?? 0;
}

/** The zxid of the last transaction that the tree holds. */
export function appliedZxid({ log, applied }: Pick<ZabState, 'log' | 'applied'>): number {
  return log[applied - 1]?.zxid ?? 0;
}

export function append(step: Step, transaction: Transaction): void {
  const { state } = step;
  assert(transaction.zxid > lastZxid(state), `${state.self} logs ${showZxid(transaction.zxid)} in order`);
  state.log.push(transaction);
  noteConfiguration(state, transaction);
  save(step);
}

/** A configuration counts from the moment at which it is logged (QuorumPeer.setLastSeenQuorumVerifier). */
export function noteConfiguration(state: ZabState, { zxid, change }: Transaction): void {
  if (change.kind !== 'reconfig') return;
  const before = state.configurations ?? [{ zxid: 0, voters: state.nodes }];
  state.configurations = [...before, { zxid, voters: change.voters }];
}

/** Up to here all is committed: the last configuration there is in force, and stays so (QuorumPeer.processReconfig). */
export function enforceConfiguration(step: Step, zxid: number): boolean {
  const { state } = step;
  const latest = state.configurations?.findLast((other) => other.zxid <= zxid);
  if (latest === undefined || latest.zxid <= (state.inForce?.zxid ?? 0)) return false;
  state.inForce = latest;
  save(step);
  return true;
}

/** How the log of a learner that ends at `zxid` becomes the first `length` of ours (LearnerHandler.syncFollower). */
export function historyFor(state: ZabState, epoch: number, length: number, zxid: number): History {
  let place = length;
  while (place > 0 && (state.log[place - 1]?.zxid ?? 0) > zxid) place--;
  const after = state.log[place - 1]?.zxid ?? 0;
  const transactions = state.log.slice(place, length);
  if (after === zxid) return { kind: 'new-leader', epoch, mode: 'diff', after, transactions };
  // What follows the same leader's proposals can be cut off; from different epochs nothing can be said.
  if (epochOf(after) === epochOf(zxid)) {
    return { kind: 'new-leader', epoch, mode: 'trunc', after, transactions };
  }
  return { kind: 'new-leader', epoch, mode: 'snap', after: 0, transactions: state.log.slice(0, length) };
}

/** Makes the log the leader's. What is dropped was never committed. */
export function takeHistory(step: Step, { mode, after, transactions }: History): void {
  const { state } = step;
  if (mode === 'diff') {
    assert(lastZxid(state) === after, `${state.self} gets a DIFF for ${showZxid(after)}, which it has`);
  } else {
    const kept = mode === 'snap' ? agreeing(state.log, transactions) : 1 + lastAt(state.log, after);
    const dropped = state.log.splice(kept);
    if (dropped.length > 0) {
      const what = dropped.slice(0, 5).map(({ change }) => describeChange(change));
      const more = dropped.length > 5 ? ' …' : '';
      const text = `${state.self} drops what was never committed (${mode.toUpperCase()}): ${what.join(', ')}${more}`;
      mark(step, 'truncate', text);
    }
    const last = lastZxid(state);
    if (state.configurations !== undefined) {
      state.configurations = state.configurations.filter(({ zxid }) => zxid <= last);
    }
    state.applied = Math.min(state.applied, kept);
    rebuild(state);
  }
  for (const transaction of transactions) {
    if (transaction.zxid <= lastZxid(state)) continue;
    state.log.push(transaction);
    noteConfiguration(state, transaction);
  }
  save(step);
}

/** Brings everything logged into the tree without answering anybody: a server that starts or looks for a leader. */
export function fastForward(state: ZabState): void {
  while (state.applied < state.log.length) applyQuietly(state, state.log[state.applied++]);
}

function rebuild(state: ZabState): void {
  state.tree = createTree();
  for (let i = 0; i < state.applied; i++) applyQuietly(state, state.log[i]);
}

function applyQuietly(state: ZabState, transaction: Transaction | undefined): void {
  if (transaction !== undefined) applyChange(state.tree, transaction.zxid, transaction.change);
}

function agreeing(log: readonly Transaction[], other: readonly Transaction[]): number {
  const differing = log.findIndex(({ zxid }, i) => other[i]?.zxid !== zxid);
  return differing < 0 ? log.length : differing;
}

function lastAt(log: readonly Transaction[], zxid: number): number {
  return log.findLastIndex((transaction) => transaction.zxid <= zxid);
}
