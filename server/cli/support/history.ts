import { writeFileSync } from 'node:fs';
import { toEdn, toPorcupine } from '../../../shared/checker/export.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import { historyOf, historyText } from '../../../shared/scripts/history.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { ProgramError, reasonOf } from './program.ts';

const FORMATS: ReadonlyMap<string, (lines: readonly HistoryLine[]) => string> = new Map([
  ['jsonl', historyText],
  ['edn', toEdn],
  ['porcupine', toPorcupine],
]);

/** The options with which a program writes a history. */
export const HISTORY_OPTIONS = { history: { type: 'string' }, format: { type: 'string' } } as const;

export type HistoryArguments = {
  readonly history?: string | undefined;
  readonly format?: string | undefined;
};

/** Refuses a format that does not exist, before anything has run. */
export function checkFormat({ format = 'jsonl' }: HistoryArguments): void {
  if (FORMATS.has(format)) return;
  throw new ProgramError(2, `--format: there is no ${format}; there are ${[...FORMATS.keys()].join(', ')}`);
}

/** Writes what people asked of a run as a history, when a file was named for it. */
export function writeHistory(
  { history, format = 'jsonl' }: HistoryArguments,
  operations: readonly OperationRecord[],
): void {
  const textOf = FORMATS.get(format);
  if (history === undefined || textOf === undefined) return;
  try {
    writeFileSync(history, textOf(historyOf(operations)));
  } catch (error) {
    throw new ProgramError(2, `${history}: ${reasonOf(error)}`);
  }
}
