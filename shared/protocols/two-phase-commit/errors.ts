import { STORE_ERRORS } from '../store-words.ts';

/**
 * The errors, in the words of a real resource manager that takes part in two-phase commit and of its client: MySQL's
 * (MySQL 8.0 Error Message Reference, errors 1205, 3572, 1402, 1613 and 2013). What only the store of the textbook
 * knows has words of ours.
 */
export const ERRORS = {
  lockTimeout: 'Lock wait timeout exceeded; try restarting transaction',
  locked: 'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.',
  rolledBack: 'XA_RBROLLBACK: Transaction branch was rolled back',
  voteTimeout: 'XA_RBTIMEOUT: Transaction branch was rolled back: took too long',
  lost: 'Lost connection to MySQL server during query',
  ...STORE_ERRORS,
  sameAccount: 'the two accounts are the same',
} as const;

export function insufficientFunds(key: string, balance: number): string {
  return `insufficient funds: ${key} has ${balance}`;
}

export function notAnAmount(amount: number): string {
  return `${amount} is not an amount of money`;
}
