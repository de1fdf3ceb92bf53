import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Answer } from '../../coordination.ts';
import { plan } from './assignment.ts';
import { askZooKeeper } from './ensemble.ts';
import type { Master, Recovery } from './master-types.ts';
import type { LogMessage } from './message-types.ts';
import { tell } from './turn.ts';
import type { Turn, WalEntry } from './types.ts';
import { contentOf, logValue } from './wal.ts';

/**
 * A data node has told what a dead server's log holds. Every copy of the last generation has all that was
 * acknowledged. If no node of the pipeline has one, its writer died before it could write anything in it: then
 * the best of the older copies has everything.
 */
export function onRecovered(
  turn: Turn,
  from: NodeId,
  { log, generation, entries }: LogMessage & { kind: 'log-recovered' },
): void {
  const { master } = turn.state;
  const recovery = master === null ? undefined : lookUp(master.recoveries, log);
  if (master === null || recovery?.phase !== 'read' || !recovery.pipeline.includes(from)) return;
  if (entries === null || generation !== recovery.generation) {
    recovery.older[from] = entries === null ? null : { generation, entries };
    if (recovery.pipeline.some((node) => lookUp(recovery.older, node) === undefined)) return;
  }
  recovery.regions = contentOf(generation === recovery.generation ? (entries ?? []) : bestOf(recovery));
  recovery.phase = 'replay';
  plan(turn, master);
}

/** What was not answered is asked again. */
export function retryRecoveries(turn: Turn, master: Master): void {
  for (const server of keysOf(master.recoveries)) {
    const recovery = master.recoveries[server];
    if (recovery?.phase === 'read') readCopies(turn, master, server);
    else if (recovery !== undefined && recovery.phase !== 'replay') {
      recovery.phase = 'look';
      lookAtLog(turn, server);
    }
  }
}

/** A dead server's log was looked at. Its znode is closed first: from here on its writer cannot take another pipeline. */
export function onLogRead(turn: Turn, master: Master, server: string, answer: Answer): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'look' || answer.kind !== 'znode' || answer.znode === null) return;
  const [isClosed, generation, ...pipeline] = listOf(answer.znode.value);
  recovery.generation = Number(generation);
  recovery.pipeline = pipeline.map(String);
  if (isClosed === true || !turn.state.knobs.fenceBeforeReplay) {
    recovery.phase = 'read';
    readCopies(turn, master, server);
    return;
  }
  recovery.phase = 'fence';
  const value = logValue(true, recovery.generation, recovery.pipeline);
  const { version } = answer.znode;
  askZooKeeper(turn, { kind: 'set', path: `logs/${server}`, value, version }, { kind: 'close-log', server });
}

export function onLogClosed(turn: Turn, master: Master, server: string, answer: Answer): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'fence') return;
  recovery.phase = answer.kind === 'error' ? 'look' : 'read';
  if (recovery.phase === 'read') readCopies(turn, master, server);
  else lookAtLog(turn, server);
}

function bestOf({ pipeline, older }: Recovery): readonly WalEntry[] {
  const copies = pipeline.flatMap((node) => lookUp(older, node) ?? []);
  copies.sort((a, b) => b.generation - a.generation || b.entries.length - a.entries.length);
  return copies[0]?.entries ?? [];
}

/** Asks the data nodes for a dead server's log, and seals it, unless the order was changed. */
function readCopies(turn: Turn, master: Master, server: string): void {
  const seal = turn.state.knobs.fenceBeforeReplay;
  for (const node of lookUp(master.recoveries, server)?.pipeline ?? []) {
    tell(turn, node, { kind: 'log-recover', log: server, seal });
  }
}

function lookAtLog(turn: Turn, server: string): void {
  askZooKeeper(turn, { kind: 'get', path: `logs/${server}`, watch: false }, { kind: 'read-log', server });
}

function listOf(value: Stored): readonly (string | number | boolean | null)[] {
  return isList(value) ? value : [value];
}

function isList(value: Stored): value is readonly (string | number | boolean | null)[] {
  return Array.isArray(value);
}
