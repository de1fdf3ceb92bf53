import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { createClient, openHandle } from '../../coordination-client.ts';
import { cancelTimer, mark, persist, reply } from '../../turn.ts';
import { askZooKeeper, withClient } from './ensemble.ts';
import { heldBy } from './region-moves.ts';
import { createServer, register, removeLog } from './region-server.ts';
import type { HBaseState, Turn } from './types.ts';

/** `hbase-daemon.sh start regionserver`: from now on this machine has one, also after a restart. */
export function startServer(turn: Turn, from: NodeId, id: number): void {
  const { state } = turn;
  if (state.server.phase !== 'stopped') {
    reply(turn, from, id, { kind: 'refused', why: 'running' });
    return;
  }
  state.ordered = 'started';
  persist(turn);
  state.server = createServer(state);
  mark(turn, 'members', `${state.self} starts a region server`);
  connect(turn);
  if (state.client.link?.phase === 'connected') register(turn);
  reply(turn, from, id, { kind: 'done' });
}

/**
 * `hbase-daemon.sh stop regionserver`, once it has no regions. Its log goes before its own znode: a log without a
 * server is that of a dead one.
 */
export function stopServer(turn: Turn, from: NodeId, id: number): void {
  const { state } = turn;
  const { server } = state;
  if (server.phase === 'stopped') {
    reply(turn, from, id, { kind: 'done' });
    return;
  }
  if (heldBy(server).length > 0) {
    reply(turn, from, id, { kind: 'exception', error: 'ServerNotEmpty' });
    return;
  }
  server.stopper = { node: from, id };
  if (server.phase === 'stopping') return;
  server.phase = 'stopping';
  state.ordered = 'stopped';
  persist(turn);
  for (const timer of ['wal-resend', 'wal-timeout', 'report'] as const) cancelTimer(turn, timer);
  removeLog(turn);
}

/** Its log is gone: now it is. */
export function onLogRemoved(turn: Turn): void {
  const { server } = turn.state;
  const path = `servers/${server.id}`;
  if (server.phase === 'stopping') {
    askZooKeeper(turn, { kind: 'delete', path, version: -1 }, { kind: 'unregister' });
  }
}

/** ZooKeeper knows it no more: the process ends. */
export function onUnregistered(turn: Turn): void {
  const { state } = turn;
  const { phase, stopper } = state.server;
  if (phase !== 'stopping') return;
  mark(turn, 'members', `the region server of ${state.self} has stopped`);
  if (stopper !== undefined) reply(turn, stopper.node, stopper.id, { kind: 'done' });
  state.starts++;
  state.server = createServer(state);
  for (const region of keysOf(state.secondaries)) delete state.secondaries[region];
  if (isIdle(state)) release(turn);
}

/** Connects to ZooKeeper, if anything here has business with it. */
export function connect(turn: Turn): void {
  if (!isIdle(turn.state)) withClient(turn, openHandle);
}

/** Whether neither a region server nor a master runs here. */
export function isIdle({ ordered, master }: HBaseState): boolean {
  return ordered === 'stopped' && master === null;
}

function release(turn: Turn): void {
  const { state } = turn;
  const { servers, timeout, connections } = state.client;
  state.client = { ...createClient(servers, timeout, false), connections };
  state.asked = {};
  for (const timer of ['zk-connect', 'zk-ping', 'zk-silence', 'self-abort'] as const)
    cancelTimer(turn, timer);
}
