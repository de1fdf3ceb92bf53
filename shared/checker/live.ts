import { isCertain, type Operation } from './history.ts';
import { LiveKey, type LiveVerdict } from './live-key.ts';

/** How many keys are followed at most. */
const MOST_KEYS = 256;

/**
 * Linearizability of registers while the history grows: the zones of Gibbons and Korach (`zones.ts`), kept sorted.
 * Give it every operation when it is called and when it returns, in the order in which that happens. A step takes
 * some comparisons, and memory is bounded. Equal values are told apart by their versions, and by those that were
 * surely overwritten; a key where that is not enough, or with compare-and-sets, is undecided.
 */
export class LiveCheck {
  readonly #keys = new Map<string, LiveKey>();
  readonly #others = new LiveKey('undecided');

  /** An operation begins: from now on a write may be seen. */
  called(operation: Operation): void {
    this.#of(operation.key).called(operation);
  }

  /** An operation is over, with its answer. What never returns need not be told. Returns what its key is like now. */
  returned(operation: Operation): LiveVerdict {
    const key = this.#of(operation.key);
    if (isCertain(operation)) key.returned(operation);
    return key.verdict;
  }

  /** A write certainly did not take place: nobody may see it. */
  failed(operation: Operation): LiveVerdict {
    const key = this.#of(operation.key);
    key.failed(operation);
    return key.verdict;
  }

  #of(name: string): LiveKey {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    if (this.#keys.size === MOST_KEYS) return this.#others;
    const key = new LiveKey('ok');
    this.#keys.set(name, key);
    return key;
  }
}

/**
 * The return at which the history of a register broke, by playing it through; null when it did not, or when values
 * repeat and only the search can tell.
 */
export function instantOfBreak(operations: readonly Operation[]): number | null {
  const live = new LiveCheck();
  const events = operations.flatMap((operation) => {
    const call = { at: operation.call, isReturn: 0, operation };
    return isCertain(operation) ? [call, { at: operation.ret, isReturn: 1, operation }] : [call];
  });
  events.sort((a, b) => a.at - b.at || a.isReturn - b.isReturn);
  for (const { at, isReturn, operation } of events) {
    if (isReturn === 0) live.called(operation);
    else if (live.returned(operation).kind === 'violated') return at;
  }
  return null;
}
