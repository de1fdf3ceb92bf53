import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { movesOf } from '../ring.ts';
import { generationOf } from './heartbeats.ts';
import { REMOVAL_ERRORS } from './movement-errors.ts';
import { refuseRemoval } from './refusals.ts';
import { declare, peersOf, stayingOf, statusOf } from './statuses.ts';
import { askForRows, streamsToRestore } from './streams.ts';
import { answerTool, endForTool, lookAgain, RING_DELAY, STREAM_TIMEOUT } from './tool.ts';
import { isAlive, mark, ringOf, send, type Turn } from './turn.ts';
import type { Removal, Restoration, Tool } from './membership.ts';
import type { CassandraState, Reply } from './types.ts';

/**
 * `nodetool removenode` (service/StorageService.java, removeNode): a dead node cannot give its rows away, so whoever
 * is to have them fetches them from another owner that is up, one for each range. What that one
 * has missed is missing there, too, until the next repair.
 */
export function startRemoval(turn: Turn, tool: Tool, node: NodeId): void {
  const { state, now } = turn;
  const refusal = refuseRemoval(state, node);
  if (refusal !== null) {
    answerTool(turn, tool, { kind: 'move-failed', class: 'fail', error: refusal });
    return;
  }
  const generation = generationHeard(state, node);
  state.removal = { node, tool, generation, stage: 'announce', until: now + RING_DELAY, waiting: [] };
  mark(turn, 'role', `${state.self}: removes ${node}: waits whether it starts again`);
  lookAgain(turn, 'removal');
  answerTool(turn, tool, { kind: 'moving' });
}

/** This node hears that others are removed: it fetches what it is to have of theirs. */
export function restoreRanges(turn: Turn): void {
  const { state, now } = turn;
  for (const node of keysOf(state.durable.statuses ?? {})) {
    const entry = lookUp(state.durable.statuses ?? {}, node);
    if (entry?.status !== 'REMOVING' || entry.by === undefined) continue;
    const { by, version } = entry;
    if (statusOf(state, state.self) !== 'NORMAL') continue;
    const begun = lookUp(state.restorations ?? {}, node);
    if (begun?.version === version && begun.by === by) continue;
    const restoration = { by, version, until: now + STREAM_TIMEOUT, streams: streamsToRestore(state, node) };
    (state.restorations ??= {})[node] = restoration;
    proceed(turn, node, restoration);
    lookAgain(turn, 'removal');
  }
}

export function onRemovalTimer(turn: Turn): void {
  const { state } = turn;
  for (const node of keysOf(state.restorations ?? {})) {
    const restoration = lookUp(state.restorations ?? {}, node);
    if (restoration !== undefined) goOn(turn, node, restoration);
  }
  if (state.removal !== undefined) goOnRemoving(turn, state.removal);
  if (state.removal !== undefined || keysOf(state.restorations ?? {}).length > 0) lookAgain(turn, 'removal');
}

/** Rows have come that were asked for. */
export function onRowsOfRemoved(turn: Turn, from: NodeId, id: string): void {
  const { restorations = {} } = turn.state;
  for (const node of keysOf(restorations)) {
    const restoration = lookUp(restorations, node);
    if (restoration?.streams.id !== id) continue;
    leaveOut(restoration, (source) => source === from);
    proceed(turn, node, restoration);
  }
}

/** A new owner has what it is to have of the node that this one removes. */
export function onRestored(turn: Turn, from: NodeId, node: NodeId): void {
  const { removal } = turn.state;
  if (removal?.node !== node || removal.stage !== 'stream') return;
  removal.waiting = removal.waiting.filter((taker) => taker !== from);
  if (removal.waiting.length === 0) complete(turn, removal);
}

/** It is over, one way or the other. */
export function endRemoval(turn: Turn, { tool }: Removal, reply: Reply): void {
  delete turn.state.removal;
  endForTool(turn, tool, reply);
}

/** It is asked again for what has not come; from who is down or has left nothing comes. Then that is all there is. */
function goOn(turn: Turn, node: NodeId, restoration: Restoration): void {
  const { state } = turn;
  if (statusOf(state, node) !== 'REMOVING') {
    delete state.restorations?.[node];
    return;
  }
  const isOver = turn.now >= restoration.until;
  const peers = peersOf(state);
  leaveOut(restoration, (source) => isOver || !isAlive(state, source) || !peers.includes(source));
  proceed(turn, node, restoration);
}

function proceed(turn: Turn, node: NodeId, { by, streams }: Restoration): void {
  if (streams.waiting.length > 0) askForRows(turn, streams);
  else send(turn, by, { kind: 'restored', node });
}

function leaveOut(restoration: Restoration, isOut: (source: NodeId) => boolean): void {
  const { streams } = restoration;
  restoration.streams = { ...streams, waiting: streams.waiting.filter((source) => !isOut(source)) };
}

function goOnRemoving(turn: Turn, removal: Removal): void {
  const { state, now } = turn;
  const { node } = removal;
  if (removal.stage === 'announce') {
    if (now >= removal.until) announce(turn, removal);
    return;
  }
  if (statusOf(state, node) !== 'REMOVING') {
    const isGone = statusOf(state, node) === 'LEFT';
    endRemoval(turn, removal, isGone ? { kind: 'moved' } : failure(REMOVAL_ERRORS.changed(node), 'info'));
    return;
  }
  const members = stayingOf(state);
  removal.waiting = removal.waiting.filter((taker) => members.includes(taker));
  if (removal.waiting.length === 0) complete(turn, removal);
}

/** It has not started again: all are told, and those that are up and are to have its rows fetch them. */
function announce(turn: Turn, removal: Removal): void {
  const { state } = turn;
  const { node } = removal;
  if (generationHeard(state, node) !== removal.generation) {
    endRemoval(turn, removal, failure(REMOVAL_ERRORS.changed(node), 'fail'));
    return;
  }
  declare(turn, node, 'REMOVING');
  mark(turn, 'role', `${state.self}: ${node} is REMOVING: new owners fetch its rows`);
  removal.stage = 'stream';
  removal.waiting = takersOf(state, node);
  restoreRanges(turn);
}

/** Who is to have what a dead node has. A single copy is gone with it, and nobody is waited for. */
function takersOf(state: CassandraState, node: NodeId): readonly NodeId[] {
  const { replicationFactor: factor } = state.knobs;
  if (factor === 1) return [];
  const moves = movesOf(ringOf(state), stayingOf(state), factor).filter(({ before }) =>
    before.includes(node),
  );
  const takers = moves.flatMap(({ before, after }) => after.filter((taker) => !before.includes(taker)));
  return [...new Set(takers)].sort().filter((taker) => isAlive(state, taker));
}

function complete(turn: Turn, removal: Removal): void {
  declare(turn, removal.node, 'LEFT');
  mark(turn, 'role', `${turn.state.self}: ${removal.node} is removed from the ring`);
  endRemoval(turn, removal, { kind: 'moved' });
}

function failure(error: string, outcome: 'fail' | 'info'): Reply {
  return { kind: 'move-failed', class: outcome, error };
}

function generationHeard({ nodes, heartbeats }: CassandraState, node: NodeId): number {
  return generationOf(heartbeats[nodes.indexOf(node)] ?? 0);
}
