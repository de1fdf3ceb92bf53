import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { System } from '../../../shared/systems/system.ts';
import { systemFor } from '../../../shared/systems/system.ts';
import { judgeWords as words } from '../messages/judge.ts';
import type { RunJudgement } from './judge.ts';

/** What really became of an operation. */
export type Fate = keyof typeof words.fates;

/** An operation as its student saw it, beside what became of it and why. */
export type Revealed = {
  readonly operation: OperationRecord;
  readonly fate: Fate;
  readonly why: string | null;
};

/** What a node was told of each of its operations, and the truth. */
export function revealFor(
  node: NodeId,
  operations: readonly OperationRecord[],
  judgement: RunJudgement,
  system: System,
): Revealed[] {
  const stories = new Map<string, string>();
  for (const { kind, operations: involved, story } of judgement.mishaps) {
    const last = involved.at(-1);
    if (last !== undefined && (kind === 'stale read' || kind === 'resurrected delete'))
      stories.set(last, story);
  }
  return operations
    .filter((operation) => operation.node === node)
    .map((operation) => {
      const fate = fateOf(operation, judgement);
      return { operation, fate, why: stories.get(operation.id) ?? whyOf(operation, fate, system) };
    });
}

function fateOf({ id, class: outcome, returned }: OperationRecord, { stale, lost }: RunJudgement): Fate {
  if (returned === null) return 'open';
  if (lost.includes(id)) return 'lost';
  if (stale.includes(id)) return 'stale';
  return outcome === 'ok' ? 'ok' : outcome === 'fail' ? 'refused' : 'unknown';
}

function whyOf({ key, error }: OperationRecord, fate: Fate, system: System): string | null {
  switch (fate) {
    case 'ok':
      return null;
    case 'refused':
    case 'unknown': {
      const { errors } = systemFor(system, key);
      const known = errors.find((entry) => error !== null && matches(entry.error, error));
      return known?.when ?? (fate === 'unknown' ? words.fateWhy.unknown : error);
    }
    default:
      return words.fateWhy[fate];
  }
}

/** Tables name errors with places in angle brackets for what differs from case to case. */
function matches(entry: string, error: string): boolean {
  const parts = entry.split(/<[^>]*>|…/).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => error.includes(part));
}
