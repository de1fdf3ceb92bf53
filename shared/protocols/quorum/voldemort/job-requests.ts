import { impossible, unreachable } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Job } from './job.ts';
import type { Request } from './types.ts';

/** What a tool asks of a server in a step. */
export function requestOf(job: Job, node: NodeId): Request {
  const { step, setting, clusters, batch, isBegun } = job;
  const [before = setting, after = setting] = clusters.slice(batch);
  switch (step) {
    case 'bootstrap':
    case 'check':
      return { kind: 'metadata' };
    case 'interim':
    case 'farewell':
    case 'revert':
      return { kind: 'set-cluster', cluster: setting, clearRebalance: false };
    case 'restore':
      return { kind: 'set-cluster', cluster: setting, clearRebalance: true };
    case 'change':
    case 'rollback': {
      const tasks = job.tasks.filter(({ stealer }) => stealer === node);
      const rollback = step === 'rollback';
      return { kind: 'change-state', cluster: rollback ? before : after, source: before, tasks, rollback };
    }
    case 'undo':
      return { kind: 'change-state', cluster: before, source: before, tasks: [], rollback: true };
    case 'steal': {
      const task = job.tasks[job.task];
      return task === undefined ? impossible('no task') : { kind: 'steal', task, again: isBegun };
    }
    case 'repair':
      return { kind: 'repair-job' };
    case 'pause':
      return impossible('a pause asks nothing');
    default:
      return unreachable(step);
  }
}
