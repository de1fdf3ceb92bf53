import type { Json } from '../base/json.ts';
import { textOf, type HistoryLine } from '../checker/history.ts';
import type { OperationRecord } from '../sim/operation.ts';

/**
 * A run's operations as a history that `npm run check` reads. The client is the node; times are virtual milliseconds.
 * Where concurrent values stand side by side, a read returned a list of them.
 */
export function historyOf(operations: readonly OperationRecord[]): HistoryLine[] {
  return operations.map((operation) => {
    const { node, kind, key, invoked, returned } = operation;
    const isOpen = operation.class === 'info' || returned === null;
    const order = operation.result?.revision;
    return {
      client: node,
      op: kind,
      key,
      value: valueOf(operation),
      out: outOf(operation),
      call: invoked,
      ret: isOpen ? null : returned,
      status: isOpen ? 'info' : operation.class,
      ...(order === undefined || isOpen ? {} : { order }),
    };
  });
}

/** A history as text: a JSON object a line. */
export function historyText(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function valueOf({ kind, value, expected = null }: OperationRecord): Json {
  if (kind === 'read' || kind === 'delete') return null;
  return kind === 'cas' ? [expected, value] : value;
}

function outOf(operation: OperationRecord): Json {
  if (operation.class !== 'ok') return null;
  if (operation.kind === 'read') return seenBy(operation);
  return operation.kind === 'cas' ? (operation.result?.applied ?? null) : null;
}

function seenBy({ result }: OperationRecord): Json {
  if (result?.value !== undefined) return result.value;
  const values = result?.values ?? [];
  if (values.length > 1) return [...values].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return values[0] ?? null;
}
