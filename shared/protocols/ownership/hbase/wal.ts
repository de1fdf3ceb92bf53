import { assert } from '../../../base/assert.ts';
import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cancelTimer, setTimer } from '../../turn.ts';
import { askZooKeeper } from './ensemble.ts';
import type { LogMessage } from './message-types.ts';
import { pipelineFrom } from './regions.ts';
import { tell } from './turn.ts';
import type { Rows, Turn, Wal, WalEntry } from './types.ts';

/** How soon what a link may have lost is sent again; and how long a silent data node is waited for (dfs.client.socket-timeout). */
const RESEND_AFTER = 1000;
const SOCKET_TIMEOUT = 60_000;

/**
 * A region server's write-ahead log. An entry is synced when every data node of the pipeline has it. Who is in
 * the pipeline is kept in ZooKeeper, as a highly available NameNode keeps it in its journal: a writer whose log
 * was taken away cannot change it any more.
 */
export function createWal(): Wal {
  return {
    entries: [],
    generation: 1,
    pipeline: [],
    acknowledged: {},
    synced: 0,
    version: 0,
    failed: [],
    wanted: null,
  };
}

/** The log's znode: closed or not, generation, pipeline. */
export function logValue(
  closed: boolean,
  generation: number,
  pipeline: readonly NodeId[],
): (string | number | boolean)[] {
  return [closed, generation, ...pipeline];
}

/** Gives the whole log to the nodes of its pipeline. */
export function openPipeline(turn: Turn, pipeline: readonly NodeId[]): void {
  const { id, wal } = turn.state.server;
  wal.pipeline = pipeline;
  wal.acknowledged = {};
  const { generation } = wal;
  const entries = [...wal.entries];
  for (const node of pipeline) tell(turn, node, { kind: 'log-open', log: id, generation, entries });
  watchPipeline(turn);
}

/** Writes an entry. It is synced only later. */
export function log(turn: Turn, entry: WalEntry): void {
  const { id, wal } = turn.state.server;
  const { generation, pipeline } = wal;
  const after = wal.entries.length;
  const isIdle = wal.synced === after;
  wal.entries.push(entry);
  for (const node of pipeline) {
    tell(turn, node, { kind: 'log-append', log: id, generation, after, entries: [entry] });
  }
  if (isIdle) watchPipeline(turn);
}

/** A data node has more of the log. Returns the entries that are synced thereby. */
export function onLogAck(turn: Turn, from: NodeId, message: LogMessage & { kind: 'log-ack' }): WalEntry[] {
  const { wal } = turn.state.server;
  if (message.generation !== wal.generation || !wal.pipeline.includes(from)) return [];
  wal.acknowledged[from] = Math.max(wal.acknowledged[from] ?? 0, message.length);
  const everywhere = Math.min(...wal.pipeline.map((node) => wal.acknowledged[node] ?? 0));
  const synced = wal.entries.slice(wal.synced, everywhere);
  wal.synced = Math.max(wal.synced, everywhere);
  if (everywhere === wal.entries.length) {
    wal.failed = [];
    cancelTimer(turn, 'wal-resend');
    cancelTimer(turn, 'wal-timeout');
  }
  return synced;
}

export function resend(turn: Turn): void {
  const { id, wal } = turn.state.server;
  const { generation } = wal;
  for (const node of wal.pipeline) {
    const after = wal.acknowledged[node];
    if (after === undefined) {
      tell(turn, node, { kind: 'log-open', log: id, generation, entries: [...wal.entries] });
    } else if (after < wal.entries.length) {
      tell(turn, node, { kind: 'log-append', log: id, generation, after, entries: wal.entries.slice(after) });
    }
  }
  setTimer(turn, 'wal-resend', RESEND_AFTER);
}

/** The data nodes that have not answered for too long. */
export function silentNodes({ wal }: Turn['state']['server']): NodeId[] {
  return wal.pipeline.filter((node) => (wal.acknowledged[node] ?? -1) < wal.entries.length);
}

/** A data node is lost: another takes its place, which has to be registered first. */
export function changePipeline(turn: Turn, lost: readonly NodeId[]): void {
  const { self, nodes, server } = turn.state;
  const { id, wal } = server;
  wal.failed = [...new Set([...wal.failed, ...lost])];
  if (wal.wanted !== null) return;
  wal.wanted = pipelineFrom(nodes, self, wal.failed);
  const value = logValue(false, wal.generation + 1, wal.wanted);
  askZooKeeper(
    turn,
    { kind: 'set', path: `logs/${id}`, value, version: wal.version },
    { kind: 'change-pipeline' },
  );
}

/** The new pipeline is registered. If more nodes were lost meanwhile, it changes again. */
export function onPipelineChanged(turn: Turn, version: number): void {
  const { wal } = turn.state.server;
  const wanted = wal.wanted ?? wal.pipeline;
  wal.wanted = null;
  wal.version = version;
  wal.generation++;
  openPipeline(turn, wanted);
  const lost = wal.failed.filter((node) => wanted.includes(node));
  if (lost.length > 0) changePipeline(turn, lost);
}

/** By region: the content that a log's entries lead to, each beginning with its latest base. */
export function contentOf(entries: readonly WalEntry[]): Table<{ rows: Rows; sequence: number }> {
  const content: Table<{ rows: Rows; sequence: number }> = {};
  for (const entry of entries) {
    if (entry.kind === 'base') {
      const { cells, nonces } = entry.rows;
      const rows = { cells: { ...cells }, nonces: { ...nonces } };
      content[entry.region] = { rows, sequence: entry.sequence };
      continue;
    }
    const region = content[entry.region];
    assert(region !== undefined, `${entry.region} is open before it is written`);
    region.sequence = entry.cell.sequence;
    region.rows.cells[entry.key] = entry.cell;
    if (entry.nonce !== null) region.rows.nonces[entry.nonce] = entry.cell.sequence;
  }
  return content;
}

function watchPipeline(turn: Turn): void {
  setTimer(turn, 'wal-resend', RESEND_AFTER);
  setTimer(turn, 'wal-timeout', SOCKET_TIMEOUT);
}
