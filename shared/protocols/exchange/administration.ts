import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { edit, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { cancelTimer, mark, persist, reply, send } from '../turn.ts';
import { CONFLICT, INTERRUPTED, MISSING, REFUSED } from './errors.ts';
import { hasForeign, isSending, lacksSomething } from './foreign.ts';
import { rearrangeJobs, startJobs } from './jobs.ts';
import { startLiveness } from './liveness.ts';
import { foundedCluster, isRunning, keepersOf, leftOf, membersOf, targetsOf } from './membership.ts';
import { clusterOf, editMap, editNode } from './system-databases.ts';
import type { AdminRequest, Asker, Reply, Status, Turn } from './types.ts';

/** What an administrator asks of this node; at a machine where CouchDB does not run only that it be started. */
export function onAdminRequest(turn: Turn, { node, id }: Asker, request: AdminRequest): void {
  const isDeaf = !isRunning(turn.state) && request.kind !== 'start' && request.kind !== 'stop';
  reply(turn, node, id, isDeaf ? { kind: 'error', class: 'fail', error: REFUSED } : answer(turn, request));
}

function answer(turn: Turn, request: AdminRequest): Reply {
  switch (request.kind) {
    case 'status':
      return { kind: 'status', status: statusOf(turn) };
    case 'edit-node':
      if (editNode(turn, request.node, request.joins)) return edited(request.joins ? 201 : 200);
      return { kind: 'error', class: 'fail', error: request.joins ? CONFLICT : MISSING };
    case 'edit-map':
      if (editMap(turn, request.over, request.map)) return edited(201);
      return { kind: 'error', class: 'fail', error: CONFLICT };
    case 'maintenance':
      return setMaintenance(turn, request.on);
    case 'edit-targets':
      return editTargets(turn, request.add, request.remove);
    case 'start':
      return start(turn);
    case 'stop':
      return stop(turn, request.force);
    default:
      return unreachable(request);
  }
}

function edited(status: 200 | 201): Reply {
  return { kind: 'edited', status };
}

function statusOf({ state }: Turn): Status {
  const { nodes, knobs } = state;
  const isCluster = knobs.mode === 'cluster';
  const winner = isCluster ? winnerOf((state.durable.cluster ?? foundedCluster(state)).map) : null;
  return {
    nodes,
    knobs,
    members: membersOf(state),
    left: leftOf(state),
    map: winner === null ? null : { revision: revisionOf(winner), ranges: winner.value },
    maintenance: state.durable.cluster?.maintenance ?? false,
    lost: keysOf(state.lost),
    pending: targetsOf(state).filter((target) => isSending(state, target)),
    hasForeign: hasForeign(state),
    targets: isCluster ? [] : targetsOf(state),
  };
}

/** `_node/_local/_config/couchdb/maintenance_mode`. */
function setMaintenance(turn: Turn, on: boolean): Reply {
  const cluster = clusterOf(turn);
  if (cluster.maintenance !== on) {
    cluster.maintenance = on;
    persist(turn);
    mark(turn, 'members', `${turn.state.self} is ${on ? 'in maintenance mode' : 'out of maintenance mode'}`);
  }
  return edited(200);
}

function editTargets(turn: Turn, add: readonly NodeId[], remove: readonly NodeId[]): Reply {
  const { state } = turn;
  const before = targetsOf(state);
  const wanted = new Set([...before, ...add].filter((node) => node !== state.self && !remove.includes(node)));
  state.durable.targets = state.nodes.filter((node) => wanted.has(node));
  persist(turn);
  rearrangeJobs(turn, null);
  return edited(201);
}

function start(turn: Turn): Reply {
  const { state } = turn;
  const { durable, self } = state;
  if (isRunning(state)) return edited(200);
  durable.stopped = false;
  if (state.knobs.mode === 'peers') durable.targets ??= [];
  else {
    const document = edit([], null, true, false)?.document ?? [];
    durable.cluster ??= { nodes: { [self]: document }, map: [], maintenance: false };
  }
  persist(turn);
  mark(turn, 'members', `${self} starts CouchDB`);
  startLiveness(turn);
  startJobs(turn);
  return edited(200);
}

/** Stopped in haste it keeps its files; otherwise a peer keeps its own, and a node of a cluster has none left. */
function stop(turn: Turn, force: boolean): Reply {
  const { state } = turn;
  const { durable, self, knobs } = state;
  if (!isRunning(state)) return edited(200);
  const isBusy = hasForeign(state) || targetsOf(state).some((target) => lacksSomething(state, target));
  const isKeeper = knobs.mode === 'cluster' && keepersOf(state).includes(self);
  if (!force && (isBusy || isKeeper)) return { kind: 'error', class: 'info', error: CONFLICT };
  mark(turn, 'members', `${self} stops CouchDB`);
  if (knobs.mode === 'cluster') for (const node of othersOf(turn)) send(turn, node, { kind: 'closing' });
  endWork(turn);
  for (const target of keysOf(state.jobs)) cancelTimer(turn, `job-${target}`);
  for (const table of [state.jobs, state.silent, state.lost, state.telling ?? {}]) empty(table);
  state.syncing = false;
  state.checkpointing = false;
  durable.stopped = true;
  if (knobs.mode === 'peers') durable.targets = [];
  else if (!force) forgetEverything(turn);
  persist(turn);
  return edited(200);
}

/** Everybody with whom this node has had a connection. */
function othersOf({ state }: Turn): readonly NodeId[] {
  const known = new Set([...membersOf(state), ...targetsOf(state), ...leftOf(state)]);
  return state.nodes.filter((node) => node !== state.self && known.has(node));
}

/** Whoever waits for an answer from here finds the connection closed. */
function endWork(turn: Turn): void {
  const { work } = turn.state;
  for (const id of keysOf(work)) {
    const open = lookUp(work, id);
    if (open === undefined) continue;
    const kind = open.kind === 'open' ? 'fail' : 'info';
    reply(turn, open.asker.node, open.asker.id, { kind: 'error', class: kind, error: INTERRUPTED });
    cancelTimer(turn, `wait-${open.id}`);
    delete work[id];
  }
}

function forgetEverything({ state: { durable } }: Turn): void {
  for (const table of [durable.documents, durable.sent, durable.received]) empty(table);
  durable.sequence = 0;
  delete durable.cluster;
}

function empty(table: Table<unknown>): void {
  for (const name of keysOf(table)) delete table[name];
}
