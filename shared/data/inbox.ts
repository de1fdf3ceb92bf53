import { lookUp, type Table } from '../base/table.ts';

/**
 * What a receiver has taken, by sender: everything up to a number, and single ones after it. So that a message that
 * comes again, in whatever order, takes effect once (exactly-once effect).
 */
export type Inbox = Table<{ readonly upTo: number; readonly beyond: readonly number[] }>;

/** Notes a message. False: it was taken before. Numbers begin with 1. */
export function takeOnce(inbox: Inbox, sender: string, number: number): boolean {
  const { upTo, beyond } = lookUp(inbox, sender) ?? { upTo: 0, beyond: [] };
  if (number <= upTo || beyond.includes(number)) return false;
  const taken = [...beyond, number].sort((a, b) => a - b);
  let end = upTo;
  while (taken[0] === end + 1) {
    taken.shift();
    end++;
  }
  inbox[sender] = { upTo: end, beyond: taken };
  return true;
}
