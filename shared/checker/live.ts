import { isCertain, textOf, type Operation } from './history.ts';

/** What is known of a key while a class goes on. `undecided`: values repeat or are forgotten; the whole check decides. */
export type LiveVerdict =
  | { readonly kind: 'ok' | 'undecided' }
  | { readonly kind: 'violated'; readonly operations: readonly Operation[] };

/** How many writes of a key are remembered at most: whoever sees an older value is left to the whole check. */
const MOST_WRITES = 1024;

/** How many keys are followed at most. */
const MOST_KEYS = 256;

/**
 * Linearizability of registers with unique values while the history grows: the zones of Gibbons and Korach
 * (`zones.ts`), kept sorted. Give it every write when it is called and every operation when it returns, in the order
 * in which that happens. A step takes some comparisons, and memory is bounded. A key with compare-and-sets or with a
 * value written twice is undecided.
 */
export class LiveCheck {
  readonly #keys = new Map<string, LiveKey>();
  readonly #others = new LiveKey('undecided');

  /** A write begins: from now on it may be seen. */
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

/** A write with those who read it: its earliest return and its latest call among them. */
type Zone = { readonly write: Operation | null; ended: Operation | null; began: Operation | null };

const firstReturn = ({ ended, write }: Zone): number =>
  write === null ? -Infinity : (ended?.ret ?? Infinity);
const lastCall = ({ began }: Zone): number => began?.call ?? -Infinity;

class LiveKey {
  verdict: LiveVerdict;
  readonly #zones = new Map<string, Zone>([[textOf(null), { write: null, ended: null, began: null }]]);
  /** The zones of which something has returned, by their earliest return: they enter at the end. */
  #entered: Zone[] = [];
  #hasForgotten = false;

  constructor(kind: 'ok' | 'undecided') {
    this.verdict = { kind };
  }

  called(operation: Operation): void {
    if (operation.kind === 'read' || this.verdict.kind !== 'ok') return;
    if (operation.kind !== 'write') {
      this.#giveUp();
      return;
    }
    const value = textOf(operation.value);
    if (this.#zones.has(value)) this.#giveUp();
    else this.#zones.set(value, { write: operation, ended: null, began: operation });
    if (this.#zones.size > MOST_WRITES) this.#forget();
  }

  returned(operation: Operation): void {
    if (this.verdict.kind !== 'ok') return;
    const zone = this.#zones.get(textOf(operation.kind === 'read' ? operation.out : operation.value));
    if (zone === undefined) {
      if (this.#hasForgotten) this.#giveUp();
      else this.verdict = { kind: 'violated', operations: [operation] };
      return;
    }
    const isNew = zone.ended === null;
    zone.ended ??= operation;
    if (zone.began === null || operation.call > zone.began.call) zone.began = operation;
    // The unwritten value is there from the beginning of time.
    if (isNew && zone.write === null) this.#entered.unshift(zone);
    else if (isNew) this.#entered.push(zone);
    this.#compare(zone);
  }

  failed(operation: Operation): void {
    if (this.verdict.kind !== 'ok' || operation.kind !== 'write') return;
    const zone = this.#zones.get(textOf(operation.value));
    if (zone === undefined) return;
    if (zone.ended === null) this.#zones.delete(textOf(operation.value));
    else this.verdict = { kind: 'violated', operations: [zone.ended] };
  }

  /** Two zones cannot be ordered when each began, at its latest, after the other had ended, at its earliest. */
  #compare(zone: Zone): void {
    const start = this.#firstAfter(firstReturn(zone));
    const before = this.#entered[start - 1];
    for (const other of [...(before === undefined ? [] : [before]), ...this.#within(start, lastCall(zone))]) {
      if (other !== zone && firstReturn(other) < lastCall(zone) && firstReturn(zone) < lastCall(other)) {
        const named = [zone.write, zone.ended, zone.began, other.write, other.ended, other.began];
        const operations = [...new Set(named)].filter((each) => each !== null);
        this.verdict = { kind: 'violated', operations };
        return;
      }
    }
  }

  *#within(start: number, end: number): Generator<Zone> {
    for (let i = start; i < this.#entered.length; i++) {
      const zone = this.#entered[i] as Zone;
      if (firstReturn(zone) >= end) return;
      yield zone;
    }
  }

  #firstAfter(time: number): number {
    let low = 0;
    let high = this.#entered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (firstReturn(this.#entered[middle] as Zone) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drops the older half of the writes. Nobody should see them any more; who does is judged by the whole check. */
  #forget(): void {
    this.#hasForgotten = true;
    const [, ...written] = this.#zones.entries();
    const dropped = written.slice(0, MOST_WRITES >> 1);
    for (const [value] of dropped) this.#zones.delete(value);
    const gone = new Set(dropped.map(([, zone]) => zone));
    this.#entered = this.#entered.filter((zone) => !gone.has(zone));
  }

  #giveUp(): void {
    if (this.verdict.kind !== 'ok') return;
    this.verdict = { kind: 'undecided' };
    this.#zones.clear();
    this.#entered = [];
  }
}
