import { impossible } from '../base/assert.ts';
import type { Operation, Result, Stored } from '../sim/operation.ts';
import type { Command } from './store.ts';

/** The command with which a client carries out an operation. */
export function commandOf({ kind, key, value = null, expected = null }: Operation): Command {
  switch (kind) {
    case 'read':
      return { kind: 'get', key };
    case 'write':
      return { kind: 'set', key, value };
    case 'delete':
      return { kind: 'del', key };
    case 'add':
      return { kind: 'sadd', key, value };
    case 'remove':
      return { kind: 'srem', key, value };
    case 'append':
      return { kind: 'rpush', key, value };
    case 'increment':
      return { kind: 'incrby', key, by: typeof value === 'number' ? value : 1 };
    case 'cas':
      return { kind: 'cas', key, expected, value };
    default:
      return impossible(`a store's client takes no ${kind}`);
  }
}

/** What a client hands on of a command's answer. */
export function resultOf(
  { kind }: Operation,
  { value, applied }: { readonly value: Stored; readonly applied: boolean },
): Result {
  if (kind === 'read' || kind === 'increment') return { value };
  if (kind === 'cas') return applied ? { applied } : { applied, value };
  return {};
}
