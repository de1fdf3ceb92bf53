import { unreachable } from '../../base/assert.ts';
import { keysOf } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../sim/protocol.ts';
import {
  onAck,
  onParticipantLost,
  onTransfer,
  onVoteNo,
  onVoteTimeout,
  onVoteYes,
  tellDecision,
} from './coordinator.ts';
import { describeMessage, describeState, view } from './describe.ts';
import {
  admit,
  onAbort,
  onCommit,
  onHeuristic,
  onLockTimeout,
  onPrepare,
  setHeuristicTimer,
} from './participant.ts';
import { onDecisionRequest, onDecisionResponse, onDoubt } from './termination.ts';
import type { Turn } from './turn.ts';
import type {
  Durable,
  Message,
  Request,
  Timer,
  TwoPhaseKnobs,
  TwoPhaseShape,
  TwoPhaseState,
} from './types.ts';

/**
 * Two-phase commit with presumed abort (Gray 1978; Mohan, Lindsay and Obermarck 1986) over shards without copies:
 * every key is at one node, and a transfer changes two of them together or not at all. The lesson: all or nothing
 * holds whoever crashes, but who has promised and hears no decision must wait, with its accounts locked. It is
 * atomicity and nothing else: each account is gone while its node is.
 */
export const twoPhaseCommit: Protocol<TwoPhaseShape> = {
  name: 'two-phase-commit',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

function init(
  { self, nodes, knobs, incarnation }: Config<TwoPhaseKnobs>,
  durable: Durable | null,
): TwoPhaseState {
  return {
    self,
    nodes,
    knobs,
    incarnation,
    durable: durable ?? { data: {}, prepared: {}, outcomes: {}, decided: {} },
    open: {},
    transactions: 0,
    waiting: [],
    waits: 0,
  };
}

function step(
  state: TwoPhaseState,
  input: Input<TwoPhaseShape>,
  { now, random }: Ambient,
): Output<TwoPhaseShape>[] {
  const turn: Turn = { state, now, random, outputs: [], isDirty: false, isOver: false, local: [] };
  take(turn, input);
  for (let said = turn.local.shift(); said !== undefined && !turn.isOver; said = turn.local.shift()) {
    onMessage(turn, state.self, said);
  }
  return turn.isDirty ? [{ kind: 'persist' }, ...turn.outputs] : turn.outputs;
}

function take(turn: Turn, input: Input<TwoPhaseShape>): void {
  switch (input.kind) {
    case 'start':
      recover(turn);
      return;
    case 'message':
      onMessage(turn, input.from, input.message);
      return;
    case 'timer':
      onTimer(turn, input.timer);
      return;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      return;
    case 'disconnected':
      onParticipantLost(turn, input.from);
      return;
    default:
      unreachable(input);
  }
}

/** What was decided is told, and what was promised is asked about. Whatever else was under way is aborted. */
function recover(turn: Turn): void {
  const { decided, prepared } = turn.state.durable;
  for (const transaction of keysOf(decided)) tellDecision(turn, transaction);
  for (const transaction of keysOf(prepared)) {
    setHeuristicTimer(turn, transaction);
    onDoubt(turn, transaction);
  }
}

function onTimer(turn: Turn, timer: Timer): void {
  const [, name = '', id = ''] = /^([a-z]+)-(.+)$/.exec(timer) ?? [];
  if (name === 'vote') onVoteTimeout(turn, id);
  else if (name === 'tell') tellDecision(turn, id);
  else if (name === 'doubt') onDoubt(turn, id);
  else if (name === 'heuristic') onHeuristic(turn, id);
  else if (name === 'lock') onLockTimeout(turn, Number(id));
}

function onRequest(turn: Turn, to: NodeId, request: number, asked: Request): void {
  if (asked.kind === 'transfer') onTransfer(turn, to, request, asked);
  else admit(turn, { kind: 'command', to, request, command: asked.command });
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  const { transaction } = message;
  switch (message.kind) {
    case 'prepare':
      onPrepare(turn, from, message);
      return;
    case 'vote-yes':
      onVoteYes(turn, from, transaction);
      return;
    case 'vote-no':
      onVoteNo(turn, transaction, message.reason);
      return;
    case 'commit':
      onCommit(turn, from, transaction);
      return;
    case 'abort':
      onAbort(turn, transaction);
      return;
    case 'ack':
      onAck(turn, from, transaction);
      return;
    case 'decision-request':
      onDecisionRequest(turn, from, message);
      return;
    case 'decision-response':
      onDecisionResponse(turn, from, message);
      return;
    default:
      unreachable(message);
  }
}
