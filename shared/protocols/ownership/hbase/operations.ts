import { impossible } from '../../../base/assert.ts';
import type { Operation, Result } from '../../../sim/operation.ts';
import type { Call, HBaseReply } from './types.ts';

/** What the client asks a region server for an operation. Retried counters and lists carry a nonce. */
export function callOf({ id, kind, key, value, expected, options }: Operation): Call {
  switch (kind) {
    case 'read':
      return { kind: 'get', key, timeline: options?.['timeline'] === true };
    case 'write':
      return { kind: 'put', key, value: value ?? null };
    case 'delete':
      return { kind: 'delete', key };
    case 'add':
    case 'remove':
      return { kind, key, item: value ?? null };
    case 'cas':
      return { kind: 'check-and-put', key, expected: expected ?? null, value: value ?? null };
    case 'increment':
      return { kind: 'increment', key, by: typeof value === 'number' ? value : 1, nonce: id };
    case 'append':
      return { kind: 'append', key, value: value ?? null, nonce: id };
    default:
      return impossible(`the HBase driver takes no ${kind}`);
  }
}

/** What the application is told. Of a secondary's answer the version says that it may be old. */
export function resultOf(
  operation: Operation,
  { cell, stale, applied }: HBaseReply & { kind: 'result' },
): Result {
  const { kind } = operation;
  const version = cell === null ? {} : { version: `change ${cell.sequence}${stale ? ', stale' : ''}` };
  const revision = cell === null ? {} : { revision: cell.sequence };
  const value = cell?.value ?? null;
  if (kind === 'write' || kind === 'delete') return { ...version, ...revision };
  if (kind === 'cas')
    return applied ? { applied, ...version, ...revision } : { applied, value, ...version, ...revision };
  return { value, ...version, ...revision };
}
