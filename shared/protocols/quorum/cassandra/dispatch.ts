import { unreachable } from '../../../base/assert.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { onMovementMessage } from './administration.ts';
import { leadIncrement, onIncremented } from './counter.ts';
import { onGossipMessage } from './gossip.ts';
import { onHints, onHintsOk } from './hints.ts';
import type { Message } from './messages.ts';
import { accept, commit, promise } from './paxos.ts';
import { answer, onData, onDigest } from './read.ts';
import { onRepaired } from './read-repair.ts';
import { onRepairAnswer, onRepairRequest } from './repair.ts';
import { isTakingPart } from './statuses.ts';
import { apply, digestOf, rowOf } from './storage.ts';
import { onPartEnded, onPromise, onProposed } from './transaction.ts';
import { send, type Turn } from './turn.ts';
import type { CassandraState } from './types.ts';
import { onMutated } from './write.ts';

/** Takes a message: what another node asks of this replica, or an answer to what this node coordinates. */
export function onMessage(turn: Turn, from: NodeId, message: Message): void {
  const { state } = turn;
  if (!isHeard(state, message)) return;
  switch (message.kind) {
    case 'syn':
    case 'ack':
    case 'ack2':
    case 'echo':
    case 'echo-ok':
      onGossipMessage(turn, from, message);
      return;
    case 'mutate':
      apply(turn, message.key, message.cells);
      send(turn, from, { kind: 'mutated', id: message.id });
      return;
    case 'increment': {
      const { id, key, by, consistency } = message;
      leadIncrement(turn, { kind: 'coordinator', node: from, id }, key, by, consistency);
      return;
    }
    case 'read': {
      const { id, key, digest } = message;
      const cells = rowOf(state, key);
      send(
        turn,
        from,
        digest ? { kind: 'digest', id, key, digest: digestOf(cells) } : { kind: 'data', id, key, cells },
      );
      return;
    }
    case 'hints':
      onHints(turn, from, message.entries);
      return;
    case 'hints-ok':
      onHintsOk(turn, from, message.taken);
      return;
    case 'prepare': {
      const { id, key, ballot } = message;
      send(turn, from, { kind: 'promise', id, key, paxos: promise(turn, key, ballot) });
      return;
    }
    case 'propose': {
      const { id, key, proposal } = message;
      const accepted = accept(turn, key, proposal);
      send(turn, from, { kind: 'proposed', id, key, ballot: proposal.ballot, accepted });
      return;
    }
    case 'commit':
      commit(turn, message.key, message.proposal);
      if (message.id !== null) send(turn, from, { kind: 'mutated', id: message.id });
      return;
    case 'validate':
    case 'fetch':
    case 'push':
      onRepairRequest(turn, from, message);
      return;
    case 'stream-ask':
    case 'stream-rows':
    case 'stream-taken':
    case 'restored':
      onMovementMessage(turn, from, message);
      return;
    case 'mutated':
    case 'incremented':
    case 'data':
    case 'digest':
    case 'promise':
    case 'proposed':
    case 'tree':
    case 'stream':
    case 'pushed':
      onAnswer(turn, from, message);
      return;
    default:
      unreachable(message);
  }
}

/** Lets the node hear what it said to itself, until it is silent. */
export function settle(turn: Turn): void {
  const { local, ended, state } = turn;
  for (;;) {
    const message = local.shift();
    const part = message === undefined ? ended.shift() : undefined;
    if (message !== undefined) onMessage(turn, state.self, message);
    else if (part !== undefined) {
      const work = lookUp(state.work, part.id);
      if (work?.kind === 'transaction') onPartEnded(turn, work, part.outcome);
    } else return;
  }
}

/**
 * At a spare machine nothing runs, but that who looks for a cluster, or says that it has left one, gossips. Who has left
 * hears one thing more: that hints have arrived, which the real one gives to a neighbour before it goes.
 */
function isHeard(state: CassandraState, { kind }: Message): boolean {
  if (isTakingPart(state) || kind === 'hints-ok') return true;
  return state.movement !== undefined && ['syn', 'ack', 'ack2', 'echo', 'echo-ok'].includes(kind);
}

type AnswerKind =
  'mutated' | 'incremented' | 'data' | 'digest' | 'promise' | 'proposed' | 'tree' | 'stream' | 'pushed';

/** Answers to work that has ended, or that was begun before a crash, find nothing. */
function onAnswer(turn: Turn, from: NodeId, message: Message & { kind: AnswerKind }): void {
  const work = lookUp(turn.state.work, message.id);
  if (work === undefined) return;
  if (message.kind === 'mutated' && work.kind === 'write') onMutated(turn, from, work);
  if (message.kind === 'mutated' && work.kind === 'read' && onRepaired(from, work))
    answer(turn, work, work.result);
  if (message.kind === 'incremented' && work.kind === 'increment') onIncremented(turn, work);
  if (message.kind === 'data' && work.kind === 'read') onData(turn, from, work, message.cells);
  if (message.kind === 'digest' && work.kind === 'read') onDigest(turn, from, work, message.digest);
  if (message.kind === 'promise' && work.kind === 'transaction') onPromise(turn, from, work, message.paxos);
  if (message.kind === 'proposed' && work.kind === 'transaction') onProposed(turn, from, work, message);
  if (
    work.kind === 'repair' &&
    (message.kind === 'tree' || message.kind === 'stream' || message.kind === 'pushed')
  ) {
    onRepairAnswer(turn, from, work, message);
  }
}
