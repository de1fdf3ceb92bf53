import type { NodeId } from '../sim/operation.ts';
import type { Step } from './script.ts';

/**
 * Where an administrator's tool runs at a time unless the script says: at the first member that is up, and at another
 * than the node that the change is about where there is one. Members are those that the script's steps have made until then, whatever came of it.
 */
export function toolAt(
  steps: readonly Step[],
  initial: readonly NodeId[],
  at: number,
  about: NodeId,
): NodeId {
  const members = new Set(initial);
  const down = new Set<NodeId>();
  // Sorting is stable: what is at the same time happens in the order of the script.
  for (const step of steps.filter((other) => other.at < at).sort((a, b) => a.at - b.at)) {
    if (step.do === 'join') members.add(step.node);
    if (step.do === 'leave') members.delete(step.node);
    if (step.do === 'crash') down.add(step.node);
    if (step.do === 'restart') down.delete(step.node);
  }
  const up = [...members].filter((node) => !down.has(node));
  return up.find((node) => node !== about) ?? up[0] ?? about;
}
