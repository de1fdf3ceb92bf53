import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { mark, setTimer } from '../turn.ts';
import { knowledgeOf } from './coordinator.ts';
import { stopWaiting, waitOf } from './locks.ts';
import { abortBranch, commitBranch } from './participant.ts';
import { tell, type Turn } from './turn.ts';
import type { Knowledge, Message, TransactionId } from './types.ts';

/**
 * In doubt: the participant has promised and does not know the decision, so it may decide nothing and keeps the
 * accounts locked. It asks the coordinator; with cooperative termination also the other participants, one of which
 * may know, or have not voted (Bernstein, Hadzilacos and Goodman 1987, section 7.4).
 */
export function onDoubt(turn: Turn, transaction: TransactionId): void {
  const { durable, knobs, self } = turn.state;
  const branch = lookUp(durable.prepared, transaction);
  if (branch === undefined) return;
  const { coordinator, participants } = branch;
  const peers = participants.filter((each) => each !== self && each !== coordinator);
  for (const node of [coordinator, ...(knobs.cooperative ? peers : [])]) {
    tell(turn, node, { kind: 'decision-request', transaction, coordinator });
  }
  setTimer(turn, `doubt-${transaction}`, knobs.retryAfter);
}

export function onDecisionRequest(
  turn: Turn,
  from: NodeId,
  { transaction, coordinator }: Message & { kind: 'decision-request' },
): void {
  const isCoordinator = coordinator === turn.state.self;
  const knowledge = isCoordinator ? knowledgeOf(turn.state, transaction) : knowledgeOfPeer(turn, transaction);
  tell(turn, from, { kind: 'decision-response', transaction, knowledge });
}

export function onDecisionResponse(
  turn: Turn,
  from: NodeId,
  { transaction, knowledge }: Message & { kind: 'decision-response' },
): void {
  const { durable, self } = turn.state;
  const branch = lookUp(durable.prepared, transaction);
  if (branch === undefined || knowledge === 'unknown') return;
  if (knowledge === 'committed') {
    mark(turn, 'commit', `${self} learns from ${from} that ${transaction} is committed`);
    commitBranch(turn, transaction, branch);
    tell(turn, branch.coordinator, { kind: 'ack', transaction });
  } else {
    mark(turn, 'abort', `${self} learns from ${from} that ${transaction} is aborted`);
    abortBranch(turn, transaction, branch);
  }
}

/** Who has not voted promises never to vote yes: then both may give up, whatever the coordinator does. */
function knowledgeOfPeer(turn: Turn, transaction: TransactionId): Knowledge {
  const { durable } = turn.state;
  const outcome = lookUp(durable.outcomes, transaction);
  if (outcome !== undefined) return outcome;
  if (lookUp(durable.prepared, transaction) !== undefined) return 'unknown';
  const wait = waitOf(turn.state, transaction);
  if (wait !== null) stopWaiting(turn, wait);
  durable.outcomes[transaction] = 'aborted';
  turn.isDirty = true;
  return 'not-voted';
}
