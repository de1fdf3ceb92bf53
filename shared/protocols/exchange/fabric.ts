import { equal } from '../../base/json.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import { knows, merge, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { cancelTimer, mark, reply, send, setTimer } from '../turn.ts';
import { documentAt, take, update } from './database.ts';
import { CONFLICT, NO_DATABASE, NO_SHARDS, NOBODY_READ, NOBODY_WROTE, TIMEOUT } from './errors.ts';
import { wakeJobs } from './jobs.ts';
import { isConnected } from './liveness.ts';
import { copiesAt, copyCountOf, keepersOf, mapOf, serves } from './membership.ts';
import type { Asker, Document, DocumentLeaf, Edit, Reply, Turn, Work } from './types.ts';

/** fabric.ini: request_timeout. */
const REQUEST_TIMEOUT = 60_000;

type Update = Extract<Work, { readonly kind: 'update' }>;
type Open = Extract<Work, { readonly kind: 'open' }>;

/**
 * A write at any node of a cluster (fabric_doc_update.erl): all copies are asked. Enough of them the same: 201. Fewer,
 * but one at least: 202, and the copies settle it later. 409 only if no copy that answered has taken it.
 */
export function startUpdate(turn: Turn, asker: Asker, edit: Edit, w: number | null): void {
  const { key } = edit;
  if (!canOpenShards(turn, asker)) return;
  const waiting = reachable(turn, key);
  const work: Update = {
    ...{ kind: 'update', id: ++turn.state.numbers, asker, key, waiting, refused: 0, doubtful: false },
    ...{ quorum: w ?? majority(turn), taken: [] },
  };
  begin(turn, work);
  for (const node of waiting) {
    if (node !== turn.state.self) send(turn, node, { kind: 'update', id: work.id, edit });
  }
  if (!waiting.includes(turn.state.self)) return settle(turn, work);
  const leaf = update(turn, edit);
  if (leaf !== null) wakeJobs(turn);
  onUpdated(turn, turn.state.self, work.id, leaf);
}

/** A read at any node (fabric_doc_open.erl): all copies are asked, `r` that agree are enough. */
export function startOpen(turn: Turn, asker: Asker, key: string, r: number | null): void {
  const { state } = turn;
  if (!canOpenShards(turn, asker)) return;
  const waiting = reachable(turn, key);
  const quorum = Math.min(r ?? majority(turn), copyCountOf(state));
  const work: Open = { kind: 'open', id: ++state.numbers, asker, key, quorum, waiting, found: [] };
  begin(turn, work);
  for (const node of waiting) if (node !== state.self) send(turn, node, { kind: 'get', id: work.id, key });
  if (waiting.includes(state.self)) onGot(turn, state.self, work.id, documentAt(state, key));
  else settle(turn, work);
}

/** A copy has taken an edit, or (null) refused it. */
export function onUpdated(turn: Turn, node: NodeId, id: number, leaf: DocumentLeaf | null): void {
  const work = lookUp(turn.state.work, String(id));
  if (work?.kind !== 'update' || !work.waiting.includes(node)) return;
  work.waiting = work.waiting.filter((waiting) => waiting !== node);
  if (leaf === null) work.refused++;
  else work.taken.push(leaf);
  settle(turn, work);
}

export function onGot(turn: Turn, node: NodeId, id: number, revisions: Document): void {
  const work = lookUp(turn.state.work, String(id));
  if (work?.kind !== 'open' || !work.waiting.includes(node)) return;
  work.waiting = work.waiting.filter((waiting) => waiting !== node);
  work.found.push({ node, revisions });
  settle(turn, work);
}

/** A node keeps no copy any more, or not yet: it certainly has not taken an edit. */
export function onUnavailable(turn: Turn, node: NodeId, id: number): void {
  const work = lookUp(turn.state.work, String(id));
  if (work === undefined || work.kind === 'replicate' || !work.waiting.includes(node)) return;
  work.waiting = work.waiting.filter((waiting) => waiting !== node);
  settle(turn, work);
}

/** Nobody waits any longer for a node that is lost. */
export function onNodeLost(turn: Turn, node: NodeId): void {
  for (const id of keysOf(turn.state.work)) {
    const work = lookUp(turn.state.work, id);
    if (work === undefined || work.kind === 'replicate' || !work.waiting.includes(node)) continue;
    work.waiting = work.waiting.filter((waiting) => waiting !== node);
    if (work.kind === 'update') work.doubtful = true;
    settle(turn, work);
  }
}

/** What has come until now decides a write. A read that has no quorum fails: its error names the time only. */
export function onRequestTimeout(turn: Turn, id: string): void {
  const work = lookUp(turn.state.work, id);
  if (work?.kind === 'update') {
    work.doubtful = true;
    work.waiting = [];
    settle(turn, work);
  } else if (work?.kind === 'open') end(turn, work, { kind: 'error', class: 'fail', error: TIMEOUT });
}

function settle(turn: Turn, work: Update | Open): void {
  const answer = work.kind === 'update' ? outcomeOfUpdate(work) : outcomeOfOpen(turn, work);
  if (answer !== null) end(turn, work, answer);
}

function outcomeOfUpdate({ taken, quorum, waiting, refused, doubtful }: Update): Reply | null {
  for (const leaf of taken) {
    const same = taken.filter((other) => revisionOf(other) === revisionOf(leaf));
    if (same.length >= quorum) return { kind: 'stored', status: leaf.deleted ? 200 : 201, leaf };
  }
  if (waiting.length > 0) return null;
  const [leaf] = taken;
  if (leaf !== undefined) return { kind: 'stored', status: 202, leaf };
  const error = refused > 0 ? CONFLICT : NOBODY_WROTE;
  return { kind: 'error', class: doubtful ? 'info' : 'fail', error };
}

function outcomeOfOpen(turn: Turn, { key, found, quorum, waiting }: Open): Reply | null {
  const winners = found.map(({ revisions }) => winnerOf(revisions));
  const agree = winners.some((winner) => winners.filter((other) => equal(winner, other)).length >= quorum);
  if (!agree && waiting.length > 0) return null;
  if (found.length === 0) return { kind: 'error', class: 'fail', error: NOBODY_READ };
  const all = found.reduce<Document>((merged, { revisions }) => merge(merged, revisions), []);
  readRepair(turn, key, found, all);
  return { kind: 'document', revisions: all };
}

/** Whoever of those that answered lacks a leaf that another has gets it. */
function readRepair(turn: Turn, key: string, found: Open['found'], all: Document): void {
  const { self } = turn.state;
  for (const { node, revisions } of found) {
    const leaves = all.filter((leaf) => !knows(revisions, leaf));
    if (leaves.length === 0) continue;
    mark(turn, 'repair', `${self} repairs ${key} at ${node}`);
    if (node !== self) send(turn, node, { kind: 'repair', key, leaves });
    else if (take(turn, key, leaves)) wakeJobs(turn);
  }
}

function begin(turn: Turn, work: Work): void {
  turn.state.work[String(work.id)] = work;
  setTimer(turn, `wait-${work.id}`, REQUEST_TIMEOUT);
}

function end(turn: Turn, work: Work, answer: Reply): void {
  delete turn.state.work[String(work.id)];
  cancelTimer(turn, `wait-${work.id}`);
  reply(turn, work.asker.node, work.asker.id, answer);
}

/** Before anything else a request looks at the database's settings, which any shard can tell. */
function canOpenShards(turn: Turn, { node, id }: Asker): boolean {
  const { state } = turn;
  if (keepersOf(state).some((keeper) => isConnected(state, keeper))) return true;
  const error = mapOf(state) === null ? NO_DATABASE : NO_SHARDS;
  reply(turn, node, id, { kind: 'error', class: 'fail', error });
  return false;
}

/** The copies that can be asked; this node asks its own only where it answers for it. */
function reachable({ state }: Turn, key: string): NodeId[] {
  return copiesAt(state, key).filter((node) => {
    return isConnected(state, node) && (node !== state.self || serves(state, key));
  });
}

function majority({ state }: Turn): number {
  return Math.floor(copyCountOf(state) / 2) + 1;
}
