import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { judgeWords as words } from '../messages/judge.ts';
import { describeOperation, describeOutcome } from '../messages/replay.ts';
import type { RunJudgement } from './judge.ts';

/** People's names by node, where they are to be told. */
export type Names = Readonly<Record<string, string>>;

/** A run's operations as a table of texts, a line each: the first line names the columns. */
export function operationRows(
  operations: readonly OperationRecord[],
  { stale, lost }: Pick<RunJudgement, 'stale' | 'lost'>,
  names: Names | null,
): string[][] {
  const isStale = new Set(stale);
  const isLost = new Set(lost);
  const rows = operations.map((operation) => {
    const { id, node, invoked, returned } = operation;
    const outcome = returned === null ? words.columns.open : operation.class;
    const mark = isLost.has(id) ? words.fates.lost : isStale.has(id) ? words.fates.stale : '';
    const text = `${outcome} ${returned === null ? '' : describeOutcome(operation)}`.trim();
    const took = returned === null ? '' : String(returned - invoked);
    return [String(invoked), node, names?.[node] ?? '', describeOperation(operation), text, took, mark];
  });
  const table = [[...words.reportColumns], ...rows];
  // Without names there is no column for them.
  return names === null ? table.map((row) => row.filter((_, index) => index !== 2)) : table;
}

/** A table as CSV (RFC 4180), with a byte order mark so that spreadsheet programs read it as UTF-8. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}

/**
 * Spreadsheet programs take a cell that begins with one of these for a formula, quoted or not (OWASP, "CSV
 * Injection"): an apostrophe before it makes it a text. Plain numbers stay numbers.
 */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

function cell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
