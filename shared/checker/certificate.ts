import { groupBy, isCertain, textOf, type Operation } from './history.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import type { Precedence } from './zones.ts';

/**
 * Why a register's history is not linearizable, as arrows: who read from whom, and who ended before whom began.
 * Of reads and plain writes with unique values it names at most four operations and two writes.
 */
export type Certificate = {
  /**
   * `order`: what was written or read earlier began after something later had ended. `blocks`: each of two writes,
   * with what saw them, would have to come before the other. `nobody`: nobody can have written what was read.
   * `fork`: two compare-and-sets replaced the same value. `circle`: each of some waited for another's value.
   */
  readonly kind: 'order' | 'blocks' | 'nobody' | 'fork' | 'circle';
  readonly precedes: readonly Precedence[];
  readonly readsFrom: readonly { readonly reader: Operation; readonly source: Operation | null }[];
  /** Every operation that is named. */
  readonly operations: readonly Operation[];
};

/**
 * Whether a certificate proves that no order explains the operations of one key: whether all that it names took place,
 * each of its arrows is true, and the arrows contradict each other. It follows from the definition alone and knows
 * nothing of how the certificate was found.
 */
export function isProof(certificate: Certificate, history: readonly Operation[]): boolean {
  const past = new Past(history);
  const views = new Views(certificate.readsFrom);
  return isTrue(certificate, history, past) && contradicts(certificate, past, views);
}

function isTrue(certificate: Certificate, history: readonly Operation[], past: Past): boolean {
  const { precedes, readsFrom, operations } = certificate;
  const known = new Set(history);
  const named = new Set<Operation | null>([...operations, null]);
  return (
    operations.every((each) => known.has(each)) &&
    precedes.every(({ ended, began }) => named.has(ended) && named.has(began)) &&
    precedes.every(({ ended, began }) => ended === null || ended.ret < began.call) &&
    readsFrom.every(({ reader, source }) => named.has(reader) && named.has(source)) &&
    readsFrom.every(({ reader, source }) => past.onlySees(reader, source)) &&
    [...precedes.map(({ began }) => began), ...readsFrom.map(({ reader }) => reader)].every((each) =>
      tookPlace(each, readsFrom),
    )
  );
}

/** What was seen took place, if who saw it did. */
function tookPlace(
  operation: Operation,
  readsFrom: Certificate['readsFrom'],
  asked: ReadonlySet<Operation> = new Set(),
): boolean {
  if (isCertain(operation)) return true;
  if (asked.has(operation)) return false;
  const more = new Set(asked).add(operation);
  return readsFrom.some(({ reader, source }) => source === operation && tookPlace(reader, readsFrom, more));
}

function contradicts(
  { kind, precedes, operations, readsFrom }: Certificate,
  past: Past,
  views: Views,
): boolean {
  switch (kind) {
    case 'order':
      return precedes.some(({ ended, began }) => views.mustFollow(ended, began));
    case 'blocks':
      return precedes.some((one) => precedes.some((other) => views.crosses(one, other)));
    case 'nobody':
      return operations.some(
        (reader) =>
          valueSeenBy(reader).length > 0 && tookPlace(reader, readsFrom) && past.seenBy(reader).length === 0,
      );
    case 'fork':
      return views.hasFork();
    case 'circle':
      return readsFrom.some(({ reader }) => views.rootOf(reader) === 'nowhere');
  }
}

/** Whose writes could be seen, by value and by time. */
class Past {
  readonly #writes: readonly Operation[];
  readonly #byValue: ReadonlyMap<string, readonly Operation[]>;

  constructor(history: readonly Operation[]) {
    this.#writes = history.filter(({ kind, out }) => kind === 'write' || (kind === 'cas' && out !== false));
    this.#byValue = groupBy(this.#writes, (write) => textOf(valueWritten(write)));
  }

  /** Whether it saw the value of this write, and no other write of that value can have been meant. */
  onlySees(reader: Operation, source: Operation | null): boolean {
    const value = valueSeenBy(reader)[0];
    const isSame = value === textOf(source === null ? null : valueWritten(source));
    return isSame && this.seenBy(reader).every((each) => each === source);
  }

  /** Whom it can have seen; null stands for the unwritten value. */
  seenBy(reader: Operation): (Operation | null)[] {
    const value = valueSeenBy(reader)[0] ?? '';
    /** When the last overwrite that was complete before the reader began, began itself. */
    let overwritten = -Infinity;
    for (const { call, ret } of this.#writes) if (ret < reader.call && call > overwritten) overwritten = call;
    const writers = (this.#byValue.get(value) ?? []).filter(
      (write) => write !== reader && write.call <= reader.ret && write.ret >= overwritten,
    );
    return value === textOf(null) && overwritten === -Infinity ? [...writers, null] : writers;
  }
}

/**
 * What the arrows between readers and writes say of any order: no other write stands between a write and those that
 * saw it, and a compare-and-set ends what it replaces. So all that goes back to one write stands together.
 */
class Views {
  readonly #sources: ReadonlyMap<Operation, Operation | null>;

  constructor(readsFrom: Certificate['readsFrom']) {
    this.#sources = new Map(readsFrom.map(({ reader, source }) => [reader, source]));
  }

  /** Where reading from each other began: a write, null for the unwritten value, or nowhere when it is a circle. */
  rootOf(operation: Operation | null): Operation | null | 'nowhere' {
    return this.#wayOf(operation).root;
  }

  /** Whether the first of two must stand behind the second. */
  mustFollow(later: Operation | null, earlier: Operation): boolean {
    const [late, early] = [this.#wayOf(later), this.#wayOf(earlier)];
    return late.root !== 'nowhere' && late.root === early.root && early.level < late.level;
  }

  /** Whether one puts what goes back to one root before what goes back to another, and the other the other way round. */
  crosses(one: Precedence, other: Precedence): boolean {
    const [first, second] = [this.rootOf(one.ended), this.rootOf(one.began)];
    if (first === 'nowhere' || second === 'nowhere' || first === second) return false;
    return this.rootOf(other.ended) === second && this.rootOf(other.began) === first;
  }

  /** Whether two compare-and-sets replaced the same. */
  hasFork(): boolean {
    const replaced = [...this.#sources].filter(([{ kind }]) => kind === 'cas').map(([, source]) => source);
    return new Set(replaced).size < replaced.length;
  }

  /** Each reader stands behind what it read, and before what replaced that. */
  #wayOf(operation: Operation | null): {
    readonly root: Operation | null | 'nowhere';
    readonly level: number;
  } {
    const way = new Set<Operation>();
    let at = operation;
    let level = 0;
    while (at !== null && !way.has(at)) {
      way.add(at);
      const source = this.#sources.get(at);
      if (source === undefined) return { root: at, level };
      level += at.kind === 'cas' ? 2 : 1;
      at = source;
    }
    return { root: at === null ? null : 'nowhere', level };
  }
}
