import { writeFileSync } from 'node:fs';
import { toEdn, toPorcupine } from '../../../shared/checker/export.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import { historyText } from '../../../shared/scripts/history.ts';
import { historyOf } from '../../../shared/scripts/judgeable.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { ShivizLog } from '../../../shared/scripts/shiviz.ts';
import { ProgramError, reasonOf } from './program.ts';

/** What a history says: who asked what, what was answered, and when. */
const FORMATS: ReadonlyMap<string, (lines: readonly HistoryLine[]) => string> = new Map([
  ['jsonl', historyText],
  ['edn', toEdn],
  ['porcupine', toPorcupine],
]);

/** The whole run, with its messages. */
const SHIVIZ = 'shiviz';

/** The options with which a program writes a history. */
export const HISTORY_OPTIONS = { history: { type: 'string' }, format: { type: 'string' } } as const;

export type HistoryArguments = {
  readonly history?: string | undefined;
  readonly format?: string | undefined;
};

/** Refuses a format that does not exist, before anything has run. */
export function checkFormat({ format = 'jsonl' }: HistoryArguments): void {
  const formats = [...FORMATS.keys(), SHIVIZ];
  if (formats.includes(format)) return;
  throw new ProgramError(2, `--format: there is no ${format}; there are ${formats.join(', ')}`);
}

/**
 * Watches a fold that is at its beginning, as far as the format needs it. Returns what writes the history once the fold
 * is at its end, when a file was named for it.
 */
export function historyWriter({ history, format = 'jsonl' }: HistoryArguments, fold: Fold): () => void {
  if (history === undefined) return () => undefined;
  if (format === SHIVIZ) {
    const log = new ShivizLog(fold.world.setup);
    fold.world.observe = (event) => log.add(event);
    return () => write(history, log.text());
  }
  const textOf = FORMATS.get(format) ?? historyText;
  return () => write(history, textOf(historyOf({ header: fold.header, operations: fold.world.operations })));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ProgramError(2, `${file}: ${reasonOf(error)}`);
  }
}
