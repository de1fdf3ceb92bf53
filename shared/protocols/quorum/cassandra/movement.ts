import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { movesOf } from '../ring.ts';
import type { MovementMessage } from './messages.ts';
import { MOVEMENT_ERRORS } from './movement-errors.ts';
import { enter, isServing, peersOf, statusesOf, statusOf } from './statuses.ts';
import { entriesFor, paxosOf, takeRows } from './streams.ts';
import { cancelTimer, isAlive, mark, ringOf, send, setTimer, type Turn } from './turn.ts';
import type { CassandraState, Movement, Reply } from './types.ts';

/** How long a change of the ring waits for gossip to spread it before rows move: RING_DELAY. Milliseconds. */
const RING_DELAY = 30_000;
/** After how long without an answer streams fail: internode_streaming_tcp_user_timeout. */
const STREAM_TIMEOUT = 300_000;
const TICK = 1000;

/** An administrator starts a new node, or decommissions one; or asks once more how it goes. */
export function onMovementRequest(
  turn: Turn,
  asker: { readonly node: NodeId; readonly id: number },
  kind: 'join' | 'leave',
): void {
  const { movement, moved } = turn.state;
  const isSame = (other: typeof asker | null): boolean =>
    other !== null && other.node === asker.node && other.id === asker.id;
  if (moved !== undefined && isSame(moved)) answer(turn, asker, moved.reply);
  else if (movement === undefined) begin(turn, asker, kind);
  else if (isSame(movement.asker)) answer(turn, asker, { kind: 'moving' });
  else {
    const error = MOVEMENT_ERRORS.state(movement.kind === 'join' ? 'JOINING' : 'LEAVING');
    answer(turn, asker, { kind: 'move-failed', class: 'fail', error });
  }
}

/** Somebody has answered a node that looks for a cluster: it knows now who is there. */
export function onContact(turn: Turn): void {
  const { state, now } = turn;
  const { movement } = state;
  if (movement?.stage !== 'contact') return;
  const isBusy = state.nodes.some((node) => ['JOINING', 'LEAVING'].includes(statusOf(state, node) ?? ''));
  if (isServing(state)) fail(turn, MOVEMENT_ERRORS.exists(state.self), 'fail');
  else if (isBusy) fail(turn, MOVEMENT_ERRORS.others, 'fail');
  else {
    enter(turn, 'JOINING');
    mark(turn, 'role', `${state.self}: JOINING: waits until all know`);
    setTimer(turn, 'gossip', TICK);
    state.movement = { ...movement, stage: 'announce', until: now + RING_DELAY };
  }
}

export function onMovementTimer(turn: Turn): void {
  const { state, now } = turn;
  const { movement } = state;
  if (movement === undefined) return;
  setTimer(turn, 'movement', TICK);
  const isOver = now >= movement.until;
  if (movement.stage === 'contact') {
    if (isOver) fail(turn, MOVEMENT_ERRORS.noPeers, 'fail');
    else askAround(turn);
  } else if (movement.stage === 'announce') {
    if (isOver) startStreams(turn, movement);
  } else if (isOver) {
    fail(turn, movement.kind === 'join' ? MOVEMENT_ERRORS.bootstrap : MOVEMENT_ERRORS.stream, 'info');
  } else sendStreams(turn, movement);
}

export function onMovementMessage(turn: Turn, from: NodeId, message: MovementMessage): void {
  const { state } = turn;
  switch (message.kind) {
    case 'stream-ask': {
      const entries = entriesFor(state, from, message.before, message.after);
      send(turn, from, { kind: 'stream-rows', entries, paxos: paxosOf(state, entries) });
      return;
    }
    case 'stream-rows':
      takeRows(turn, from, message);
      if (state.movement?.kind === 'join') onStreamed(turn, from);
      else send(turn, from, { kind: 'stream-taken' });
      return;
    case 'stream-taken':
      if (state.movement?.kind === 'leave') onStreamed(turn, from);
  }
}

/** After a restart: who was on the way in begins anew when asked, who was on the way out stays. */
export function recoverMovement(turn: Turn): void {
  const status = statusOf(turn.state, turn.state.self);
  if (status === 'JOINING') enter(turn, 'LEFT');
  if (status === 'LEAVING') enter(turn, 'NORMAL');
}

function begin(turn: Turn, asker: NonNullable<Movement['asker']>, kind: 'join' | 'leave'): void {
  const { state, now } = turn;
  const refusal = kind === 'join' ? refuseJoin(state) : refuseLeave(state);
  if (refusal !== null) {
    answer(turn, asker, { kind: 'move-failed', class: 'fail', error: refusal });
    return;
  }
  const movement = { kind, asker, waiting: [], before: [], after: [] };
  setTimer(turn, 'movement', TICK);
  answer(turn, asker, { kind: 'moving' });
  if (kind === 'leave') {
    enter(turn, 'LEAVING');
    mark(turn, 'role', `${state.self}: LEAVING: waits until all know`);
    state.movement = { ...movement, stage: 'announce', until: now + RING_DELAY };
  } else if (statusOf(state, state.self) === 'JOINING') {
    state.movement = { ...movement, stage: 'announce', until: now };
  } else {
    // A new node has nothing; one that was here before begins anew.
    for (const key of keysOf(state.durable.rows)) delete state.durable.rows[key];
    for (const key of keysOf(state.durable.paxos)) delete state.durable.paxos[key];
    for (const node of state.nodes) if (node !== state.self) state.down[node] = now;
    turn.persists = true;
    state.movement = { ...movement, stage: 'contact', until: now + RING_DELAY };
    askAround(turn);
  }
}

function refuseJoin(state: CassandraState): string | null {
  return isServing(state) ? MOVEMENT_ERRORS.exists(state.self) : null;
}

function refuseLeave(state: CassandraState): string | null {
  const ring = ringOf(state);
  const { replicationFactor: factor } = state.knobs;
  const status = statusOf(state, state.self);
  if (status === 'LEAVING') return null;
  if (status !== 'NORMAL') return MOVEMENT_ERRORS.state(status === 'JOINING' ? 'JOINING' : 'DECOMMISSIONED');
  if (ring.length < 2) return MOVEMENT_ERRORS.pointless;
  if (ring.length <= factor) return MOVEMENT_ERRORS.tooFew(factor, ring.length);
  const moves = movesOf(ring, state.future ?? ring, factor);
  const isTaking = moves.some(
    ({ before, after }) => after.includes(state.self) && !before.includes(state.self),
  );
  return isTaking ? MOVEMENT_ERRORS.moving : null;
}

/** Says who this is to whoever may be there (a shadow round). */
function askAround(turn: Turn): void {
  const { state } = turn;
  for (const node of peersOf(state)) {
    if (node !== state.self)
      send(turn, node, { kind: 'syn', heartbeats: [...state.heartbeats], ...statusesOf(state) });
  }
}

/**
 * Who joins is given each range by the node that loses it, so that it sees what that one has seen; who leaves
 * gives its ranges to those that are to have them.
 */
function startStreams(turn: Turn, movement: Movement): void {
  const { state, now } = turn;
  const before = ringOf(state);
  const after = state.future ?? before;
  const moves = movesOf(before, after, state.knobs.replicationFactor).filter((move) =>
    movement.kind === 'join'
      ? move.after.includes(state.self) && !move.before.includes(state.self)
      : move.before.includes(state.self),
  );
  const others = moves.flatMap((move) =>
    movement.kind === 'join'
      ? move.before.filter((node) => !move.after.includes(node))
      : move.after.filter((node) => !move.before.includes(node)),
  );
  const waiting = [...new Set(others)].sort();
  const dead = waiting.filter((node) => !isAlive(state, node));
  if (dead.length > 0) {
    const isJoin = movement.kind === 'join';
    fail(turn, isJoin ? MOVEMENT_ERRORS.sourceDown(dead.join(', ')) : MOVEMENT_ERRORS.stream, 'info');
    return;
  }
  const started: Movement = {
    ...movement,
    stage: 'stream',
    until: now + STREAM_TIMEOUT,
    waiting,
    before,
    after,
  };
  state.movement = started;
  mark(turn, 'role', `${state.self}: ${movement.kind === 'join' ? 'JOINING' : 'LEAVING'}: streams rows`);
  if (waiting.length === 0) complete(turn, started);
  else sendStreams(turn, started);
}

/** To everybody who has not answered; also again, since messages may be lost. */
function sendStreams(turn: Turn, { kind, waiting, before, after }: Movement): void {
  const { state } = turn;
  for (const node of waiting) {
    if (kind === 'join') send(turn, node, { kind: 'stream-ask', before, after });
    else {
      const entries = entriesFor(state, node, before, after);
      send(turn, node, { kind: 'stream-rows', entries, paxos: paxosOf(state, entries) });
    }
  }
}

function onStreamed(turn: Turn, from: NodeId): void {
  const { movement } = turn.state;
  if (movement?.stage !== 'stream') return;
  const waiting = movement.waiting.filter((node) => node !== from);
  turn.state.movement = { ...movement, waiting };
  if (waiting.length === 0) complete(turn, movement);
}

function complete(turn: Turn, { kind, asker }: Movement): void {
  const { state } = turn;
  enter(turn, kind === 'join' ? 'NORMAL' : 'LEFT');
  mark(turn, 'role', `${state.self}: ${kind === 'join' ? 'NORMAL: has joined the ring' : 'DECOMMISSIONED'}`);
  askAround(turn);
  end(turn, asker, { kind: 'moved' });
}

function fail(turn: Turn, error: string, outcome: 'fail' | 'info'): void {
  const { movement } = turn.state;
  if (movement !== undefined) end(turn, movement.asker, { kind: 'move-failed', class: outcome, error });
}

function end(turn: Turn, asker: Movement['asker'], reply: Reply): void {
  delete turn.state.movement;
  cancelTimer(turn, 'movement');
  if (asker === null) return;
  turn.state.moved = { ...asker, reply };
  answer(turn, asker, reply);
}

function answer(
  turn: Turn,
  { node, id }: { readonly node: NodeId; readonly id: number },
  reply: Reply,
): void {
  turn.outputs.push({ kind: 'reply', to: node, id, reply });
}
