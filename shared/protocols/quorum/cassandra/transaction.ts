import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { type Cells, newestTimestamp } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cellsOf, holds, read } from './columns.ts';
import { type Consistency, quorumOf } from './consistency.ts';
import { isAfter, isSame, newestOf, NO_BALLOT, restamped } from './paxos.ts';
import { startRead } from './read.ts';
import {
  begin,
  chance,
  endWork,
  isAlive,
  nextId,
  nextTimestamp,
  type Outcome,
  pendingOf,
  replicasOf,
  send,
  setTimer,
  tell,
  type Turn,
} from './turn.ts';
import type { Ballot, Change, Condition, PaxosState, Reply } from './types.ts';
import type { Asker, TransactionWork } from './work.ts';
import { startCommit } from './write.ts';

/**
 * Lightweight transactions and serial reads (service/StorageProxy.java, Paxos v1): one instance of Paxos after
 * the other on the key. Prepare a ballot at a quorum, finish what another proposer has left half done, read the
 * row at a quorum, propose the write if its condition holds (nothing if not, and for reads), commit. Whoever
 * meets a higher ballot waits up to a tenth of a second and begins again, until the contention timeout.
 */
export function startTransaction(
  turn: Turn,
  asker: Asker,
  statement: {
    key: string;
    write: { change: Change; condition: Condition } | null;
    column: string | null;
    serial: Consistency;
    commit: Consistency;
  },
): void {
  const { state, now } = turn;
  const pending = pendingOf(state, statement.key);
  if (pending.length > 1) {
    const error = `Cannot perform LWT operation as there is more than one (${pending.length}) pending range movement`;
    tell(turn, asker, { kind: 'invalid', error });
    return;
  }
  const participants = [...replicasOf(state, statement.key), ...pending];
  const replicas = participants.filter((node) => isAlive(state, node));
  const required = quorumOf(participants.length);
  if (replicas.length < required) {
    tell(turn, asker, {
      kind: 'unavailable',
      consistency: statement.serial,
      required,
      alive: replicas.length,
    });
    return;
  }
  const work: TransactionWork = begin(turn, {
    kind: 'transaction',
    id: nextId(state),
    asker,
    ...statement,
    replicas,
    ...(pending.length === 0 ? {} : { participants: participants.length }),
    deadline: now + state.knobs.casContentionTimeout,
    stage: 'prepare',
    ballot: NO_BALLOT,
    highest: 0,
    proposal: null,
    finishing: false,
    found: {},
    applies: false,
    answers: {},
  });
  prepare(turn, work);
}

export function onPromise(turn: Turn, from: NodeId, work: TransactionWork, paxos: PaxosState): void {
  if (work.stage !== 'prepare') return;
  if (isAfter(paxos.promised, work.ballot)) {
    work.highest = Math.max(work.highest, paxos.promised.at);
    contend(turn, work);
    return;
  }
  if (!isSame(paxos.promised, work.ballot)) return;
  work.answers[from] = { yes: true, accepted: paxos.accepted, committed: paxos.committed };
  if (keysOf(work.answers).length === quorumFor(turn, work)) onPromises(turn, work);
}

export function onProposed(
  turn: Turn,
  from: NodeId,
  work: TransactionWork,
  answer: { ballot: Ballot; accepted: boolean },
): void {
  if (work.stage !== 'propose' || !isSame(answer.ballot, work.ballot)) return;
  work.answers[from] = { yes: answer.accepted, accepted: null, committed: null };
  const answered = keysOf(work.answers);
  const accepts = answered.filter((node) => lookUp(work.answers, node)?.yes === true).length;
  const open = work.replicas.length - answered.length;
  if (accepts >= quorumFor(turn, work)) {
    onAccepted(turn, work);
  } else if (isHarmless(work) ? accepts + open < quorumFor(turn, work) : open === 0) {
    if (accepts === 0 || isHarmless(work)) contend(turn, work);
    else fail(turn, work, { kind: 'cas-unknown', accepted: accepts });
  }
}

/** Something that the transaction waited for has ended: its read, or the commit of another's proposal. */
export function onPartEnded(turn: Turn, work: TransactionWork, outcome: Outcome): void {
  if (outcome.kind === 'cells') onRow(turn, work, outcome.cells);
  else if (outcome.kind === 'written') prepare(turn, work);
  else if (outcome.kind === 'write-timeout') fail(turn, work, { ...outcome, type: 'CAS' });
  else fail(turn, work, outcome);
}

export function onTransactionTimer(turn: Turn, work: TransactionWork): void {
  if (work.stage === 'pause') {
    prepare(turn, work);
    return;
  }
  // A proposal that may not be half accepted waits for all replicas, and its timeout says so.
  const required =
    work.stage === 'propose' && !isHarmless(work) ? work.replicas.length : quorumFor(turn, work);
  failOnTime(turn, work, required, keysOf(work.answers).length);
}

/** How long two proposers that have met wait at most, milliseconds. */
const CONTENTION = 100;

function prepare(turn: Turn, work: TransactionWork): void {
  if (turn.now >= work.deadline) {
    failOnTime(turn, work, quorumFor(turn, work), 0);
    return;
  }
  const at = Math.max(nextTimestamp(turn), work.highest + 1);
  turn.state.timestamp = at;
  work.ballot = { at, node: turn.state.self };
  enter(turn, work, 'prepare');
  const { id, key, ballot } = work;
  for (const node of work.replicas) send(turn, node, { kind: 'prepare', id, key, ballot });
}

/** A quorum has promised. What any of them has accepted and nobody committed comes first. */
function onPromises(turn: Turn, work: TransactionWork): void {
  const answers = keysOf(work.answers).map((node) => ({ node, ...lookUp(work.answers, node) }));
  const accepted = newestOf(answers.map((answer) => answer.accepted ?? null));
  const committed = newestOf(answers.map((answer) => answer.committed ?? null));
  const isOpen = accepted !== null && isAfter(accepted.ballot, committed?.ballot ?? NO_BALLOT);
  if (isOpen && keysOf(accepted.cells).length > 0) {
    propose(turn, work, restamped(accepted.cells, work.ballot), true);
    return;
  }
  const behind = answers.filter(
    (answer) => !isSame(answer.committed?.ballot ?? NO_BALLOT, committed?.ballot ?? NO_BALLOT),
  );
  if (committed !== null && behind.length > 0) {
    for (const { node } of behind) {
      send(turn, node, { kind: 'commit', id: null, key: work.key, proposal: committed });
    }
    prepare(turn, work);
    return;
  }
  work.stage = 'read';
  startRead(turn, { kind: 'transaction', id: work.id }, work.key, work.column, 'QUORUM');
}

function onRow(turn: Turn, work: TransactionWork, cells: Cells): void {
  const { write, ballot } = work;
  work.found = cells;
  work.applies = write !== null && holds(cells, write.condition);
  const proposed =
    write !== null && work.applies ? cellsOf(write.change, ballot.at, turn.now, turn.state.self) : {};
  propose(turn, work, proposed, false);
}

function propose(turn: Turn, work: TransactionWork, cells: Cells, finishing: boolean): void {
  const { id, key, ballot } = work;
  work.proposal = { ballot, cells };
  work.finishing = finishing;
  enter(turn, work, 'propose');
  for (const node of work.replicas) send(turn, node, { kind: 'propose', id, key, proposal: work.proposal });
}

/** A quorum has accepted: it is decided, and becomes visible when replicas hear of the commit. */
function onAccepted(turn: Turn, work: TransactionWork): void {
  const { asker, found, proposal } = work;
  if (work.finishing && proposal !== null) {
    work.stage = 'commit';
    const success: Reply = { kind: 'written', timestamp: work.ballot.at };
    startCommit(turn, { kind: 'transaction', id: work.id }, work, proposal, success);
    return;
  }
  endWork(turn, work);
  const value = read(found, work.column);
  if (work.applies && proposal !== null) {
    startCommit(turn, asker, work, proposal, { kind: 'conditional', applied: true, value });
  } else if (work.write === null) {
    tell(turn, asker, { kind: 'row', value, timestamp: newestTimestamp(found) });
  } else tell(turn, asker, { kind: 'conditional', applied: false, value });
}

/** Somebody else has a higher ballot: give them time to finish. */
function contend(turn: Turn, work: TransactionWork): void {
  work.stage = 'pause';
  setTimer(turn, `wait-${work.id}`, 1 + below(chance(turn), CONTENTION));
}

function enter(turn: Turn, work: TransactionWork, stage: 'prepare' | 'propose'): void {
  work.stage = stage;
  work.answers = {};
  setTimer(turn, `wait-${work.id}`, turn.state.knobs.writeTimeout);
}

function failOnTime(turn: Turn, work: TransactionWork, required: number, received: number): void {
  const consistency = work.serial;
  if (work.write === null)
    fail(turn, work, { kind: 'read-timeout', consistency, required, received, hasData: false });
  else fail(turn, work, { kind: 'write-timeout', type: 'CAS', consistency, required, received });
}

function fail(turn: Turn, work: TransactionWork, reply: Reply): void {
  tell(turn, work.asker, reply);
  endWork(turn, work);
}

/** Whether it does no harm that some replicas have accepted the proposal: another's, or one that changes nothing. */
function isHarmless({ finishing, proposal }: TransactionWork): boolean {
  return finishing || proposal === null || keysOf(proposal.cells).length === 0;
}

/** A majority of the replicas, and of who is to become one besides. */
function quorumFor({ state }: Turn, { participants }: TransactionWork): number {
  return quorumOf(participants ?? state.knobs.replicationFactor);
}
