import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { cancelTimer, mark, reply, setTimer } from '../turn.ts';
import { ERRORS, notAnAmount } from './errors.ts';
import { ownerOf, participantsOf } from './shards.ts';
import { tell, type Turn } from './turn.ts';
import type {
  CrashPoint,
  Knowledge,
  OpenTransaction,
  Request,
  TransactionId,
  TwoPhaseState,
} from './types.ts';

/** Phase one: everybody whose account changes is asked to promise it. */
export function onTransfer(
  turn: Turn,
  to: NodeId,
  request: number,
  transfer: Request & { kind: 'transfer' },
): void {
  const { state } = turn;
  const refusal = refusalOf(transfer);
  if (refusal !== null) {
    reply(turn, to, request, { kind: 'error', error: refusal });
    return;
  }
  if (crashesAt(turn, transfer.crash, 'before-prepare')) return;
  const transaction: TransactionId = `${state.self}-${state.incarnation}-${++state.transactions}`;
  const moves = [
    { key: transfer.from, by: -transfer.amount },
    { key: transfer.to, by: transfer.amount },
  ];
  const participants = participantsOf(moves, state.nodes, state.self);
  state.open[transaction] = { to, request, participants, votes: {}, crash: transfer.crash };
  setTimer(turn, `vote-${transaction}`, state.knobs.voteTimeout);
  for (const participant of participants) {
    const own = moves.filter(({ key }) => ownerOf(key, state.nodes) === participant);
    tell(turn, participant, { kind: 'prepare', transaction, participants, moves: own });
  }
}

export function onVoteYes(turn: Turn, participant: NodeId, transaction: TransactionId): void {
  const open = lookUp(turn.state.open, transaction);
  if (open === undefined) return;
  open.votes[participant] = true;
  if (crashesAt(turn, open.crash, 'after-one-vote')) return;
  if (open.participants.every((each) => lookUp(open.votes, each))) commit(turn, transaction, open);
}

/** One no is enough. */
export function onVoteNo(turn: Turn, transaction: TransactionId, reason: string): void {
  const open = lookUp(turn.state.open, transaction);
  if (open !== undefined) abort(turn, transaction, open, reason);
}

/** No vote is a no. */
export function onVoteTimeout(turn: Turn, transaction: TransactionId): void {
  onVoteNo(turn, transaction, ERRORS.voteTimeout);
}

/** The process of a participant died. A promise that has arrived is on its disk; none other will come. */
export function onParticipantLost(turn: Turn, participant: NodeId): void {
  const { open } = turn.state;
  for (const transaction of keysOf(open)) {
    const { participants = [], votes = {} } = lookUp(open, transaction) ?? {};
    if (!participants.includes(participant) || lookUp(votes, participant)) continue;
    onVoteNo(turn, transaction, ERRORS.rolledBack);
  }
}

/** Tells those again that have not confirmed, until all have. */
export function tellDecision(turn: Turn, transaction: TransactionId): void {
  const { durable, knobs } = turn.state;
  const unconfirmed = lookUp(durable.decided, transaction);
  if (unconfirmed === undefined) return;
  setTimer(turn, `tell-${transaction}`, knobs.retryAfter);
  for (const participant of unconfirmed) tell(turn, participant, { kind: 'commit', transaction });
}

/** When all have confirmed, nobody is in doubt any more, and the coordinator may forget the transaction. */
export function onAck(turn: Turn, participant: NodeId, transaction: TransactionId): void {
  const { decided } = turn.state.durable;
  const before = lookUp(decided, transaction);
  if (before?.includes(participant) !== true) return;
  const unconfirmed = before.filter((each) => each !== participant);
  if (unconfirmed.length > 0) decided[transaction] = unconfirmed;
  else {
    delete decided[transaction];
    cancelTimer(turn, `tell-${transaction}`);
  }
  turn.isDirty = true;
}

/** What the coordinator knows. Of what is not in its log it knows that it was never committed, or is over. */
export function knowledgeOf({ open, durable }: TwoPhaseState, transaction: TransactionId): Knowledge {
  if (lookUp(durable.decided, transaction) !== undefined) return 'committed';
  return lookUp(open, transaction) === undefined ? 'aborted' : 'unknown';
}

/** The commit point: with this record on disk the transaction is committed, whoever crashes now. */
function commit(turn: Turn, transaction: TransactionId, open: OpenTransaction): void {
  const { state } = turn;
  const { participants, crash } = open;
  if (crashesAt(turn, crash, 'before-deciding')) return;
  close(turn, transaction);
  state.durable.decided[transaction] = participants;
  turn.isDirty = true;
  mark(turn, 'commit', `${state.self} decides to commit ${transaction}`);
  if (crashesAt(turn, crash, 'after-deciding')) return;
  if (crash === 'after-telling-one') {
    tell(turn, participants[0] ?? state.self, { kind: 'commit', transaction });
    crashesAt(turn, crash, 'after-telling-one');
    return;
  }
  reply(turn, open.to, open.request, { kind: 'done', value: null, applied: true });
  tellDecision(turn, transaction);
}

/** Nothing is written: whoever asks later finds no record, and takes that for an abort. */
function abort(turn: Turn, transaction: TransactionId, open: OpenTransaction, reason: string): void {
  close(turn, transaction);
  mark(turn, 'abort', `${turn.state.self} aborts ${transaction}: ${reason}`);
  for (const participant of open.participants) tell(turn, participant, { kind: 'abort', transaction });
  reply(turn, open.to, open.request, { kind: 'error', error: reason });
}

function close(turn: Turn, transaction: TransactionId): void {
  delete turn.state.open[transaction];
  cancelTimer(turn, `vote-${transaction}`);
}

function refusalOf({ from, to, amount }: Request & { kind: 'transfer' }): string | null {
  if (from === to) return ERRORS.sameAccount;
  return amount > 0 ? null : notAnAmount(amount);
}

/** Crashes if this is where the coordinator was to crash. */
function crashesAt(turn: Turn, wanted: CrashPoint | null, here: CrashPoint): boolean {
  if (wanted !== here) return false;
  turn.outputs.push({
    kind: 'halt',
    reason: `${turn.state.self} was to crash here: ${here.replaceAll('-', ' ')}`,
  });
  turn.isOver = true;
  return true;
}
