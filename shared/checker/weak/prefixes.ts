import { isCertain, type Operation } from '../history.ts';
import { amountOf, poolOfOthers } from './shares.ts';
import { Sums } from './sums.ts';
import type { Look, Tally } from './tallies.ts';

/** What sums of an account there can be when who knows of a change knows all that its session had made before. */
export class Prefixes {
  readonly #tally: Tally;
  readonly #account: string;
  readonly #lowest: number;
  readonly #highest: number;

  constructor(tally: Tally, account: string) {
    this.#tally = tally;
    this.#account = account;
    const all = poolOfOthers(tally, [], account);
    this.#lowest = all.lowest;
    this.#highest = all.highest;
  }

  /** The sums that each operation of a session can have known; null when there are too many to tell. */
  knownIn(session: readonly Operation[]): readonly Sums[] | null {
    if (!Sums.fit(this.#lowest, this.#highest)) return null;
    const { sessions, changes } = this.#tally;
    let sums = new Sums(this.#lowest, this.#highest);
    const own = new Set(sessions.flat());
    for (const change of changes.keys()) if (!own.has(change)) sums.allow(this.#amountOf(change));
    for (const other of sessions) if (other !== session) sums = this.#walk(other, sums).at(-1) ?? sums;
    return this.#walk(session, sums);
  }

  /** The sums before each operation of a session, and after the last, with any number of its changes so far. */
  #walk(session: readonly Operation[], sums: Sums): Sums[] {
    const before: Sums[] = [];
    const known = sums.copy();
    // With all certain changes so far: what is of unknown outcome comes behind these.
    let whole = sums.copy();
    for (const operation of session) {
      before.push(known.copy());
      const amount = this.#amountOf(operation);
      if (amount === 0) continue;
      if (isCertain(operation)) whole = whole.moved(amount);
      else whole.allow(amount);
      known.join(whole);
    }
    return [...before, known];
  }

  #amountOf(operation: Operation): number {
    return amountOf(this.#tally, operation, this.#account);
  }
}

/** Whether one of some sums, with what was there at first, is what a look was told. */
export function hasSumOf({ kind, amount }: Look, start: number, sums: Sums): boolean {
  switch (kind) {
    case 'is':
      return sums.has(amount - start);
    case 'at least':
      return sums.hasFrom(amount - start);
    case 'less than':
      return sums.hasBelow(amount - start);
  }
}
