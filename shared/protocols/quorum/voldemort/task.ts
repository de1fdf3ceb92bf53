import type { Table } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import type { Slop, Versioned } from './types.ts';

/** An operation on its way through the client's pipeline. */
export type Task = {
  readonly operation: Operation;
  stage: 'get' | 'put' | 'delete';
  /** How often it has begun anew because somebody else wrote in between. */
  attempts: number;
  /** When the present stage began, milliseconds. */
  started: number;
  /** Owners taken to be available when it began; how many of them have been asked. */
  nodes: readonly NodeId[];
  asked: number;
  waiting: NodeId[];
  successes: number;
  /** Owners that do not have the write: for each a slop is kept somewhere. */
  failed: NodeId[];
  readonly found: Table<readonly Versioned[]>;
  /** What is written: before the first owner has numbered it, and after. */
  base: Versioned | null;
  write: Slop['write'] | null;
  master: NodeId | null;
  told: boolean;
  /** How often a server has told that the client's cluster.xml is not its own; and whether a write had been sent then. */
  refreshes?: number;
  isDoubtful?: boolean;
};

/** An operation of which nothing was done so far. */
export function createTask(operation: Operation): Task {
  return {
    operation,
    stage: 'get',
    attempts: 1,
    started: 0,
    nodes: [],
    asked: 0,
    waiting: [],
    successes: 0,
    failed: [],
    found: {},
    base: null,
    write: null,
    master: null,
    told: false,
  };
}

/** Whether somebody may have taken what this task was to write. */
export function mayBeWritten({ failed, isDoubtful }: Task): boolean {
  return failed.length > 0 || isDoubtful === true;
}

/** Whether it reads and writes in one, and is tried again if somebody was quicker. */
export function isUpdate({ operation }: Task): boolean {
  return operation.kind === 'add' || operation.kind === 'remove' || operation.kind === 'cas';
}
