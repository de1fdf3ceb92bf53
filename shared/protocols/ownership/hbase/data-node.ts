import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { persist } from '../../turn.ts';
import type { LogMessage } from './message-types.ts';
import { tell } from './turn.ts';
import type { Turn } from './types.ts';

/**
 * HDFS's part in a write-ahead log: each data node of the pipeline keeps a copy. Recovering the lease of a log
 * seals its copies, and from then on its writer, if it still lives, is refused: that fences it.
 */
export function onLogRequest(
  turn: Turn,
  from: NodeId,
  message: LogMessage & { kind: 'log-open' | 'log-append' | 'log-recover' },
): void {
  switch (message.kind) {
    case 'log-open':
      open(turn, from, message);
      return;
    case 'log-append':
      append(turn, from, message);
      return;
    case 'log-recover':
      recover(turn, from, message);
      return;
  }
}

/** A new pipeline: its nodes get the whole log. */
function open(turn: Turn, from: NodeId, message: LogMessage & { kind: 'log-open' }): void {
  const { logs } = turn.state;
  const { log, generation, entries } = message;
  const known = lookUp(logs, log);
  if (known?.sealed === true) {
    tell(turn, from, { kind: 'log-refused', log, why: 'sealed' });
    return;
  }
  if (known === undefined || known.generation < generation) {
    logs[log] = { generation, sealed: false, entries: [...entries] };
    persist(turn);
  }
  acknowledge(turn, from, log);
}

function append(turn: Turn, from: NodeId, message: LogMessage & { kind: 'log-append' }): void {
  const { log, generation, after, entries } = message;
  const known = lookUp(turn.state.logs, log);
  if (known === undefined || known.sealed || known.generation !== generation) {
    tell(turn, from, { kind: 'log-refused', log, why: known?.sealed === true ? 'sealed' : 'missing' });
    return;
  }
  // What comes again is there already; after a gap the writer sends again from what was acknowledged.
  const fresh = after > known.entries.length ? [] : entries.slice(known.entries.length - after);
  if (fresh.length > 0) {
    known.entries.push(...fresh);
    persist(turn);
  }
  acknowledge(turn, from, log);
}

function recover(turn: Turn, from: NodeId, { log, seal }: LogMessage & { kind: 'log-recover' }): void {
  const known = lookUp(turn.state.logs, log);
  if (known !== undefined && seal && !known.sealed) {
    known.sealed = true;
    persist(turn);
  }
  const entries = known === undefined ? null : [...known.entries];
  tell(turn, from, { kind: 'log-recovered', log, generation: known?.generation ?? 0, entries });
}

function acknowledge(turn: Turn, to: NodeId, log: string): void {
  const { generation, entries } = turn.state.logs[log] ?? { generation: 0, entries: [] };
  tell(turn, to, { kind: 'log-ack', log, generation, length: entries.length });
}
