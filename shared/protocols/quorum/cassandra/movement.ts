import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { MOVEMENT_ERRORS } from './movement-errors.ts';
import { refuseJoin, refuseLeave, refuseStart } from './refusals.ts';
import { enter, peersOf, statusesOf, statusOf } from './statuses.ts';
import { askForRows, giveRows, streamsToJoin, streamsToLeave } from './streams.ts';
import { answerTool, endForTool, lookAgain, RING_DELAY, STREAM_TIMEOUT } from './tool.ts';
import { cancelTimer, isAlive, mark, send, setTimer, type Turn } from './turn.ts';
import type { Movement, Tool } from './membership.ts';
import type { CassandraState, Reply } from './types.ts';

/**
 * A new node bootstraps, or one is decommissioned (service/StorageService.java): it says so, waits until all know,
 * and has rows moved; all writes go to the owners of both rings meanwhile. One that has left may come back as a new one.
 */
export function startMovement(turn: Turn, tool: Tool, kind: 'join' | 'leave'): void {
  const { state, now } = turn;
  const refusal = kind === 'join' ? refuseStart(state) : refuseLeave(state);
  if (refusal !== null) {
    answerTool(turn, tool, { kind: 'move-failed', class: 'fail', error: refusal });
    return;
  }
  const movement = { kind, tool, streams: { id: '', before: [], after: [], waiting: [] } };
  lookAgain(turn, 'movement');
  answerTool(turn, tool, { kind: 'moving' });
  if (kind === 'leave') {
    enter(turn, 'LEAVING');
    mark(turn, 'role', `${state.self}: LEAVING: waits until all know`);
    state.movement = { ...movement, stage: 'announce', until: now + RING_DELAY };
  } else if (statusOf(state, state.self) === 'JOINING') {
    state.movement = { ...movement, stage: 'announce', until: now };
  } else {
    beginAnew(turn);
    state.movement = { ...movement, stage: 'contact', until: now + RING_DELAY };
    askAround(turn);
  }
}

/** Somebody has answered a node that looks for a cluster: it knows now who is there. */
export function onContact(turn: Turn): void {
  const { state, now } = turn;
  const { movement } = state;
  if (movement?.stage !== 'contact') return;
  const refusal = refuseJoin(state);
  if (refusal !== null) {
    fail(turn, movement, refusal, 'fail');
    return;
  }
  enter(turn, 'JOINING');
  nameDisk(turn);
  mark(turn, 'role', `${state.self}: JOINING: waits until all know`);
  setTimer(turn, 'gossip', 1000);
  state.movement = { ...movement, stage: 'announce', until: now + RING_DELAY };
}

export function onMovementTimer(turn: Turn): void {
  const { state, now } = turn;
  const { movement } = state;
  if (movement === undefined) return;
  lookAgain(turn, 'movement');
  const isOver = now >= movement.until;
  switch (movement.stage) {
    case 'contact':
      if (isOver) fail(turn, movement, MOVEMENT_ERRORS.noPeers, 'fail');
      else askAround(turn);
      return;
    case 'announce':
      if (isOver) startStreams(turn, movement);
      return;
    case 'stream':
      if (isOver || isBroken(state, movement)) {
        const isJoin = movement.kind === 'join';
        fail(turn, movement, isJoin ? MOVEMENT_ERRORS.bootstrap : MOVEMENT_ERRORS.stream, 'info');
      } else stream(turn, movement);
      return;
    case 'farewell':
      if (isOver && (isHeard(state) || now >= movement.until + STREAM_TIMEOUT)) depart(turn, movement);
      return;
    default:
      unreachable(movement.stage);
  }
}

/** Another node has sent all that this one is to have of it, or taken all that this one gives it. */
export function onStreamed(turn: Turn, from: NodeId, id: string): void {
  const { movement } = turn.state;
  if (movement?.streams.id !== id) return;
  const { streams } = movement;
  const waiting = streams.waiting.filter((node) => node !== from);
  turn.state.movement = { ...movement, streams: { ...streams, waiting } };
  if (waiting.length === 0) complete(turn, movement);
}

/** It is over, one way or the other. */
export function endMovement(turn: Turn, { tool }: Movement, reply: Reply): void {
  delete turn.state.movement;
  cancelTimer(turn, 'movement');
  endForTool(turn, tool, reply);
}

/** After a restart: who was on the way in begins anew when asked, who was on the way out stays. */
export function recoverMovement(turn: Turn): void {
  const status = statusOf(turn.state, turn.state.self);
  if (status === 'JOINING') enter(turn, 'LEFT');
  if (status === 'LEAVING') enter(turn, 'NORMAL');
}

/** A new node has nothing, and knows nobody to be up. */
function beginAnew(turn: Turn): void {
  const { self, nodes, durable, down } = turn.state;
  for (const key of keysOf(durable.rows)) delete durable.rows[key];
  for (const key of keysOf(durable.paxos)) delete durable.paxos[key];
  for (const node of nodes) if (node !== self) down[node] = turn.now;
  turn.persists = true;
}

/** Who has been here before may be given an old count of its own: it counts in a shard of a new name from now on. */
function nameDisk({ state }: Turn): void {
  const { self, incarnation, durable } = state;
  const version = lookUp(durable.statuses ?? {}, self)?.version ?? 1;
  if (version > 1) durable.id = `${self}#${incarnation}.${version}`;
}

/** Says who this is to whoever may be there (a shadow round). */
function askAround(turn: Turn): void {
  const { state } = turn;
  for (const node of peersOf(state)) {
    if (node !== state.self)
      send(turn, node, { kind: 'syn', heartbeats: [...state.heartbeats], ...statusesOf(state) });
  }
}

/** Rows move: to the node that joins, unless somebody who gives it some is down; or from the node that leaves. */
function startStreams(turn: Turn, movement: Movement): void {
  const { state, now } = turn;
  const isJoin = movement.kind === 'join';
  const streams = isJoin ? streamsToJoin(state) : streamsToLeave(state);
  const dead = streams.waiting.filter((node) => !isAlive(state, node));
  if (dead.length > 0) {
    const error = isJoin ? MOVEMENT_ERRORS.sourceDown(dead.join(', ')) : MOVEMENT_ERRORS.stream;
    fail(turn, movement, error, 'info');
    return;
  }
  const started: Movement = { ...movement, stage: 'stream', until: now + STREAM_TIMEOUT, streams };
  state.movement = started;
  mark(turn, 'role', `${state.self}: ${isJoin ? 'JOINING' : 'LEAVING'}: streams rows`);
  if (streams.waiting.length === 0) complete(turn, started);
  else stream(turn, started);
}

/** Whether somebody is waited for who has left meanwhile (streaming/StreamSession.java, onRemove). */
function isBroken(state: CassandraState, { streams }: Movement): boolean {
  return streams.waiting.some((node) => !peersOf(state).includes(node));
}

/** Also once more: messages may be lost. */
function stream(turn: Turn, { kind, streams }: Movement): void {
  if (kind === 'join') askForRows(turn, streams);
  else for (const node of streams.waiting) giveRows(turn, node, streams, false);
}

function complete(turn: Turn, movement: Movement): void {
  const { state, now } = turn;
  if (movement.kind === 'join') {
    enter(turn, 'NORMAL');
    mark(turn, 'role', `${state.self}: NORMAL: has joined the ring`);
    askAround(turn);
    endMovement(turn, movement, { kind: 'moved' });
    return;
  }
  enter(turn, 'LEFT');
  mark(turn, 'role', `${state.self}: LEFT: says so for half a minute`);
  askAround(turn);
  state.movement = { ...movement, stage: 'farewell', until: now + RING_DELAY };
}

function depart(turn: Turn, movement: Movement): void {
  mark(turn, 'role', `${turn.state.self}: DECOMMISSIONED`);
  endMovement(turn, movement, { kind: 'moved' });
}

/**
 * Whether somebody has answered lately, who has heard of the departure then, or nobody is left to hear of it. The real
 * one goes in any case.
 */
function isHeard(state: CassandraState): boolean {
  const others = peersOf(state).filter((node) => node !== state.self);
  return others.length === 0 || others.some((node) => isAlive(state, node));
}

function fail(turn: Turn, movement: Movement, error: string, outcome: 'fail' | 'info'): void {
  endMovement(turn, movement, { kind: 'move-failed', class: outcome, error });
}
