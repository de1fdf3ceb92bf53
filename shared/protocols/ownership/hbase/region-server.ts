import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { createClient } from '../../coordination-client.ts';
import { cancelTimer, mark, reply, setTimer } from '../../turn.ts';
import { answerOf, editOf, read } from './calls.ts';
import { askZooKeeper } from './ensemble.ts';
import type { LogMessage } from './message-types.ts';
import { firstServer, nodeOf, pipelineFrom, secondariesOf, serverName } from './regions.ts';
import { report, tellClosed, tellOpened } from './region-moves.ts';
import { tell } from './turn.ts';
import type { HBaseMessage, HBaseRequest, HBaseState, RegionServer, Turn, WalEntry } from './types.ts';
import {
  changePipeline,
  createWal,
  log,
  logValue,
  onLogAck,
  onPipelineChanged,
  openPipeline,
  silentNodes,
} from './wal.ts';

type CallRequest = HBaseRequest & { readonly kind: 'call' };

/** A new region server. It has nothing, whatever the one before it had: its regions belong to others by then. */
export function createServer(
  state: Pick<HBaseState, 'self' | 'incarnation' | 'starts' | 'ordered'>,
): RegionServer {
  const id = serverName(state.self, state.incarnation, state.starts);
  const phase = state.ordered === 'stopped' ? 'stopped' : 'starting';
  return { id, phase, wal: createWal(), regions: {}, calls: [] };
}

/** The session is there: the server shows itself, then has its log registered. */
export function register(turn: Turn): void {
  const { server, self } = turn.state;
  listen(turn);
  if (server.phase === 'stopped') return;
  if (server.phase === 'stopping') {
    removeLog(turn);
    return;
  }
  if (server.phase === 'running') {
    // What was asked before the connection broke may have been lost with it.
    const { wal } = server;
    if (wal.wanted !== null) {
      wal.wanted = null;
      changePipeline(turn, wal.failed);
    }
    return;
  }
  askZooKeeper(turn, ephemeral(`servers/${server.id}`, self), { kind: 'register' });
}

/** Its znode is there. */
export function onRegistered(turn: Turn): void {
  const { nodes, self, server } = turn.state;
  if (server.phase === 'stopping' || server.phase === 'stopped') return;
  const value = logValue(false, server.wal.generation, pipelineFrom(nodes, self, []));
  const path = `logs/${server.id}`;
  const request = { kind: 'create', path, value, ephemeral: false, sequential: false } as const;
  askZooKeeper(turn, request, { kind: 'create-log' });
}

/** Its log is registered: regions may come. */
export function onLogCreated(turn: Turn): void {
  const { nodes, self, server } = turn.state;
  if (server.phase !== 'starting') return;
  server.phase = 'running';
  openPipeline(turn, pipelineFrom(nodes, self, []));
  report(turn);
}

/** The log's new pipeline is registered, or was refused because the log was taken away. */
export function onPipelineAnswer(turn: Turn, version: number | null): void {
  if (version === null) abort(turn, 'its log was taken away');
  else onPipelineChanged(turn, version);
}

/** ZooKeeper has been heard from: the server may go on. */
export function listen(turn: Turn): void {
  setTimer(turn, 'self-abort', turn.state.knobs.selfAbortAfter);
}

/**
 * The server gives up, as HBase's do: what it holds may belong to somebody else by now. Whoever waits for a
 * change is not told what became of it. A new server starts, with a new session.
 */
export function abort(turn: Turn, reason: string): void {
  const { state } = turn;
  const { server, client } = state;
  for (const { to, id } of server.calls) {
    reply(turn, to, id, { kind: 'exception', error: 'RegionServerStoppedException' });
  }
  const { stopper } = server;
  if (stopper !== undefined) reply(turn, stopper.node, stopper.id, { kind: 'done' });
  if (server.phase === 'running') {
    mark(turn, 'halt', `the region server of ${state.self} aborts: ${reason}`);
  }
  for (const timer of ['wal-resend', 'wal-timeout', 'self-abort', 'master'] as const)
    cancelTimer(turn, timer);
  state.starts++;
  state.server = createServer(state);
  state.asked = {};
  if (state.master !== null) state.master.active = false;
  state.client = { ...createClient(client.servers, client.timeout, false), connections: client.connections };
}

/**
 * A client asks. If it means a server that ran here before, what this one has open may be not its own yet: a master that
 * knows nothing of that may give the region to another.
 */
export function onCall(turn: Turn, from: NodeId, id: number, asked: CallRequest): void {
  const { server, secondaries } = turn.state;
  const { region: name, call } = asked;
  if (server.phase === 'stopped') {
    reply(turn, from, id, { kind: 'exception', error: 'ConnectException' });
    return;
  }
  const region = lookUp(server.regions, name);
  if (region?.open !== true || region.unannounced === true || !isMeant(server, asked)) {
    const copy = lookUp(secondaries, name);
    if (call.kind === 'get' && call.timeline && copy !== undefined) {
      reply(turn, from, id, read(copy, call.key, true));
    } else reply(turn, from, id, { kind: 'exception', error: 'NotServingRegionException' });
    return;
  }
  if (call.kind === 'get') {
    reply(turn, from, id, read(region.visible, call.key, false));
    return;
  }
  const edit = editOf(region, name, call);
  if (edit === null) {
    // It rests on changes that may not be on the whole pipeline yet.
    const answer = answerOf(region, call);
    const { entries, synced } = server.wal;
    if (synced === entries.length) reply(turn, from, id, answer);
    else server.calls.push({ length: entries.length, to: from, id, reply: answer });
    return;
  }
  if (edit === 'not a number') {
    reply(turn, from, id, { kind: 'exception', error: 'DoNotRetryIOException' });
    return;
  }
  region.sequence = edit.cell.sequence;
  region.latest.cells[edit.key] = edit.cell;
  if (edit.nonce !== null) region.latest.nonces[edit.nonce] = edit.cell.sequence;
  const answer = { kind: 'result', cell: edit.cell, stale: false, applied: true } as const;
  server.calls.push({ length: server.wal.entries.length + 1, to: from, id, reply: answer });
  log(turn, edit);
}

/** A read that may be old is asked of any server. */
function isMeant({ id }: RegionServer, { server, call }: CallRequest): boolean {
  const isAnybody = server === undefined && call.kind === 'get' && call.timeline;
  return isAnybody || (server ?? firstServer(nodeOf(id))) === id;
}

/** The master gives it a region. The content is written to its own log before anybody may use it. */
export function onOpenRegion(turn: Turn, message: HBaseMessage & { kind: 'open-region' }): void {
  const { server } = turn.state;
  const { region, rows, sequence } = message;
  if (message.server !== server.id || server.phase !== 'running') return;
  const known = lookUp(server.regions, region);
  // It may have been opened here before without being made known; meanwhile somebody else has changed it.
  if (known !== undefined && known.sequence >= sequence) {
    if (known.open) tellOpened(turn, region);
    return;
  }
  server.regions[region] = {
    latest: { cells: { ...rows.cells }, nonces: { ...rows.nonces } },
    visible: { ...rows.cells },
    sequence,
    open: false,
    ...(known?.closing === undefined ? {} : { unannounced: true }),
  };
  log(turn, { kind: 'base', region, rows, sequence });
}

export function onAck(turn: Turn, from: NodeId, message: LogMessage & { kind: 'log-ack' }): void {
  const { server } = turn.state;
  if (message.log !== server.id) return;
  for (const entry of onLogAck(turn, from, message)) show(turn, entry);
  const done = server.calls.filter(({ length }) => length <= server.wal.synced);
  server.calls = server.calls.filter(({ length }) => length > server.wal.synced);
  for (const { to, id, reply: answer } of done) reply(turn, to, id, answer);
  tellClosed(turn);
}

/** A data node does not take the log any more. Sealed: somebody recovers it, so this server counts as dead. */
export function onRefused(turn: Turn, from: NodeId, message: LogMessage & { kind: 'log-refused' }): void {
  if (message.log !== turn.state.server.id) return;
  if (message.why === 'sealed') abort(turn, 'its log is sealed, it counts as dead');
  else changePipeline(turn, [from]);
}

export function onPipelineSilent(turn: Turn): void {
  changePipeline(turn, silentNodes(turn.state.server));
}

export function onNodeGone(turn: Turn, node: NodeId): void {
  if (turn.state.server.wal.pipeline.includes(node)) changePipeline(turn, [node]);
}

/** What is on the whole pipeline may be seen. */
function show(turn: Turn, entry: WalEntry): void {
  const { self, nodes, server } = turn.state;
  const region = lookUp(server.regions, entry.region);
  if (region === undefined) return;
  if (entry.kind === 'base') {
    if (entry.sequence !== region.sequence || region.closing !== undefined) return;
    region.open = true;
    tellOpened(turn, entry.region);
  } else region.visible[entry.key] = entry.cell;
  const cells = entry.kind === 'base' ? entry.rows.cells : { [entry.key]: entry.cell };
  for (const node of secondariesOf(nodes, self)) {
    tell(turn, node, { kind: 'replicate', region: entry.region, cells });
  }
}

/** The first of two steps of a stop; also again, where the connection broke meanwhile. */
export function removeLog(turn: Turn): void {
  const path = `logs/${turn.state.server.id}`;
  askZooKeeper(turn, { kind: 'delete', path, version: -1 }, { kind: 'remove-log' });
}

function ephemeral(path: string, value: string) {
  return { kind: 'create', path, value, ephemeral: true, sequential: false } as const;
}
