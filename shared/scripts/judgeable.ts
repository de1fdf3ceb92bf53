import type { Json } from '../base/json.ts';
import {
  HistoryError,
  textOf,
  type History,
  type HistoryLine,
  type Model,
  type Operation,
} from '../checker/history.ts';
import { prepare } from '../checker/prepare.ts';
import type { OperationKind, OperationRecord } from '../sim/operation.ts';
import { historyOf } from './history.ts';

/** A run's operations on the keys that hold one kind of object, as a history that a checker can judge. */
export type JudgeableHistory = {
  /** Without the reads that returned several concurrent values: no rule for single values speaks of them. */
  readonly history: History;
  /** Those reads, by their return. */
  readonly plural: readonly Operation[];
};

/** What can be judged of a run, and the keys of which no rule says what is right. */
export type Judgeable = {
  readonly histories: readonly JudgeableHistory[];
  readonly untested: readonly string[];
};

/** Objects by the operations that they offer. A key belongs to the first that offers all that was asked of it. */
const OBJECTS: readonly { readonly model: Model; readonly kinds: readonly OperationKind[] }[] = [
  { model: 'kv', kinds: ['read', 'write', 'delete', 'cas'] },
  { model: 'kv', kinds: ['read', 'write', 'delete', 'cas', 'append'] },
  { model: 'counter', kinds: ['read', 'increment'] },
  { model: 'set', kinds: ['read', 'add', 'remove'] },
  { model: 'lock', kinds: ['lock', 'unlock'] },
];

/** What changes nothing and returns nothing that could be wrong. */
const SILENT: readonly OperationKind[] = ['sync', 'watch'];

/** Splits the operations of a run by the kind of object that their keys hold. Lines name operations by their place. */
export function judgeableOf(operations: readonly OperationRecord[]): Judgeable {
  const lines = historyOf(operations);
  const parts = new Map<string, { at: number; line: HistoryLine; kind: OperationKind }[]>();
  operations.forEach(({ key, kind }, index) => {
    const line = lines[index];
    if (line === undefined || SILENT.includes(kind)) return;
    const part = parts.get(key) ?? [];
    part.push({ at: index, line, kind });
    parts.set(key, part);
  });
  const isFed = operations.some(({ kind }) => !OBJECTS.some(({ kinds }) => kinds.includes(kind)));
  const chosen = OBJECTS.map(({ model }) => ({ model, lines: [] as { at: number; line: HistoryLine }[] }));
  const untested: string[] = [];
  for (const [key, part] of parts) {
    const index = OBJECTS.findIndex(({ kinds }) => part.every(({ kind }) => kinds.includes(kind)));
    // An application writes to keys of its own accord; what was put there by nobody's request cannot be judged.
    if (index < 0 || (isFed && hasStrangeValue(part))) untested.push(key);
    else chosen[index]?.lines.push(...part);
  }
  const histories = chosen.flatMap(({ model, lines: members }): JudgeableHistory[] => {
    if (members.length === 0) return [];
    try {
      const isPlural = (out: Json) => model === 'kv' && Array.isArray(out);
      const history = prepare(
        members.filter(({ line }) => !isPlural(line.out)),
        model,
      );
      const plural = prepare(
        members.filter(({ line }) => isPlural(line.out)),
        model,
      ).operations;
      return [{ history, plural: [...plural].sort((a, b) => a.ret - b.ret) }];
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      untested.push(...new Set(members.map(({ line }) => String(line.key))));
      return [];
    }
  });
  return { histories, untested };
}

function hasStrangeValue(part: readonly { readonly line: HistoryLine }[]): boolean {
  const asked = new Set(part.map(({ line }) => textOf(line.op === 'cas' ? casTarget(line) : line.value)));
  return part.some(({ line }) => line.op === 'read' && line.out !== null && !asked.has(textOf(line.out)));
}

function casTarget({ value }: HistoryLine): Json {
  const [, to = null] = value as readonly Json[];
  return to;
}
