import { keysOf, lookUp, type Table } from '../base/table.ts';
import type { Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';

/**
 * What the operations on a bank say of one account each, as operations on a counter: money that goes is taken, and must
 * be there; money that comes is added; a read that shows the account reads it. Where an account alone cannot be
 * explained the bank cannot either, and that is found much faster. Only of a bank that was opened, and of accounts that
 * somebody read.
 */
export function accountsOf(operations: readonly Operation[]): Operation[][] {
  if (!operations.some(({ kind }) => kind === 'open')) return [];
  const names = new Set(
    operations.flatMap(({ kind, out }) => (kind === 'read' ? keysOf(out as Table<number>) : [])),
  );
  return [...names].map((name) => operations.flatMap((operation) => onAccount(operation, name)));
}

function onAccount(operation: Operation, name: string): Operation[] {
  const { kind, value, out } = operation;
  if (kind === 'open') {
    const balance = lookUp(value as Table<number>, name);
    return balance === undefined ? [] : [{ ...operation, kind: 'write', value: balance, out: null }];
  }
  if (kind === 'read') {
    const balance = lookUp(out as Table<number>, name);
    return balance === undefined ? [] : [{ ...operation, out: balance }];
  }
  const { from, to, amount } = value as Transfer;
  const isOut = String(from) === name;
  // A transfer that was refused looks at one account only, and one to oneself moves nothing.
  if (out === false || String(from) === String(to) || !(isOut || String(to) === name)) return [];
  return [{ ...operation, kind: isOut ? 'take' : 'increment', value: amount, out: null }];
}
