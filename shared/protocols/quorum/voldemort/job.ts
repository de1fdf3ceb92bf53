import type { Table } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import type { Cluster } from './cluster.ts';
import type { StealTask } from './plan.ts';
import type { Metadata } from './types.ts';

/** What an administrator does, one server after the other, on the way to another cluster.xml. */
export type Step =
  /** The tool is told of the cluster by the first server that answers; then all are asked what they have and do. */
  | 'bootstrap'
  | 'check'
  /** A new server is made known, without partitions. */
  | 'interim'
  /** A batch: all servers change, and after a pause partitions are fetched. */
  | 'change'
  | 'pause'
  | 'steal'
  /** A node that has no partitions any more is taken out; and servers delete what is not theirs. */
  | 'farewell'
  | 'repair'
  /** Instead of all that: the cluster.xml of before a change that failed is set everywhere. */
  | 'restore'
  /** What was set at some servers is taken back, a batch by those that had changed, or by all. */
  | 'revert'
  | 'rollback'
  | 'undo';

export type Job = {
  readonly operation: Operation;
  step: Step;
  /** Whom the step is for, how many of them were asked, and who has done it. */
  targets: readonly NodeId[];
  asked: number;
  done: NodeId[];
  /** What servers have told. */
  readonly found: Table<Metadata>;
  /** The highest version of cluster.xml that any server can have. */
  version: number;
  /** cluster.xml that is being set, and what is set again if that fails. */
  setting: Cluster;
  fallback: Cluster;
  /** cluster.xml before the first batch, and after each. */
  clusters: readonly Cluster[];
  /** The batch that is on, and what is to be fetched in it. */
  batch: number;
  tasks: readonly StealTask[];
  /** Of the tasks: which is on, whether it was begun, which have failed. */
  task: number;
  isBegun: boolean;
  failed: StealTask[];
  /** The error with which it ends when all that can be is taken back. */
  error: string;
};

const NOTHING: Cluster = { version: 0, nodes: [], owners: [] };

export function jobFor(operation: Operation, targets: readonly NodeId[]): Job {
  return {
    operation,
    step: 'bootstrap',
    targets,
    asked: 0,
    done: [],
    found: {},
    version: 0,
    setting: NOTHING,
    fallback: NOTHING,
    clusters: [],
    batch: 0,
    tasks: [],
    task: 0,
    isBegun: false,
    failed: [],
    error: '',
  };
}
