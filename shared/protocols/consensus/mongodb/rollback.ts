import { keysOf, type Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import { endCatchUp } from './catch-up.ts';
import { closeCursors } from './fetch.ts';
import { dataUpTo } from './oplog.ts';
import { mark, type Step } from './step.ts';
import { avoidSource, leaveSource } from './sync-source.ts';
import type { OplogEntry, RollbackFile } from './types.ts';
import { describeValue } from './words.ts';

/** Thrown when a majority has decided otherwise than this member's disk says: only a lost disk brings that about. */
export class Unrecoverable extends Error {
  override readonly name = 'Unrecoverable';
}

/**
 * The source has another history: what this member has beyond the common point no majority has, acknowledged or
 * not. It is taken back, and the documents go to a file for somebody to look at.
 */
export function onDiverged(step: Step, from: NodeId, common: number): void {
  const { state } = step;
  if (from !== state.source) return;
  if (state.role === 'primary') {
    // What a primary lacks it can do without; it does not roll back.
    endCatchUp(step);
    return;
  }
  if (common >= state.log.length) {
    avoidSource(step);
    return;
  }
  if (common < state.commit) {
    throw new Unrecoverable(
      'UnrecoverableRollbackError: need to rollback, but unable to determine common point between local and remote oplog',
    );
  }
  state.role = 'rollback';
  closeCursors(step);
  takeBack(step, common);
  leaveSource(step);
}

function takeBack(step: Step, common: number): void {
  const { state } = step;
  const dropped = state.log.splice(common);
  const documents = documentsOf(state.data.documents, dropped);
  const name = `rollback/removed.${state.rollbackFiles.length + 1}.bson`;
  if (documents.length > 0) state.rollbackFiles = [...state.rollbackFiles, { name, documents }];
  state.data = dataUpTo(state.log, common);
  step.unsaved = true;
  const writes = dropped.filter(({ change }) => change !== null).length;
  if (writes === 0) {
    mark(
      step,
      'truncate',
      `${state.self} drops ${dropped.length} entries without writes that no majority had`,
    );
    return;
  }
  const kept = documents.map(({ key, value }) => `${key}=${describeValue(value)}`).join(', ');
  const file = documents.length === 0 ? '' : `; ${name} keeps ${kept}`;
  mark(
    step,
    'rollback',
    `${state.self} rolls back ${writes} ${writes === 1 ? 'write' : 'writes'} that no majority had${file}`,
  );
}

/** The documents that the entries changed, as they were before the rollback. What had been deleted leaves nothing to keep. */
function documentsOf(
  documents: Readonly<Table<{ readonly value: Stored }>>,
  dropped: readonly OplogEntry[],
): RollbackFile['documents'] {
  const touched: Table<true> = {};
  for (const { change } of dropped) if (change !== null) touched[change.key] = true;
  return keysOf(touched).flatMap((key) => {
    const found = documents[key];
    return found === undefined ? [] : [{ key, value: found.value }];
  });
}
