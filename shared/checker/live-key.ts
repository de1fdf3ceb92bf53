import { textOf, type Operation } from './history.ts';

/**
 * What is known of a key while a class goes on. `undecided`: it is not told who wrote what was read, or what was read is
 * forgotten; the whole check decides.
 */
export type LiveVerdict =
  | { readonly kind: 'ok' | 'undecided' }
  | { readonly kind: 'violated'; readonly operations: readonly Operation[] };

/** How many writes of a key are remembered at most: whoever sees an older value is left to the whole check. */
const MOST_WRITES = 1024;

/** A write with those who read it: its earliest return and its latest call among them. */
type Zone = {
  readonly write: Operation | null;
  /** When the write itself was over; Infinity while it is not. */
  ret: number;
  version: string | undefined;
  ended: Operation | null;
  began: Operation | null;
};

const firstReturn = ({ ended, write }: Zone): number =>
  write === null ? -Infinity : (ended?.ret ?? Infinity);
const lastCall = ({ began }: Zone): number => began?.call ?? -Infinity;

/** One key of a history that grows. Its operations are told as `LiveCheck` says. */
export class LiveKey {
  verdict: LiveVerdict;
  readonly #unwritten: Zone = { write: null, ret: -Infinity, version: undefined, ended: null, began: null };
  readonly #zones = new Map<string, Zone[]>([[textOf(null), [this.#unwritten]]]);
  /** Every write's zone, in the order of the calls. */
  #written: Zone[] = [];
  /** The zones of which something has returned, by their earliest return: they enter at the end. */
  #entered: Zone[] = [];
  /** Of the writes that are over, the one that began last: whatever was over before it began is surely gone. */
  #latest: Operation | null = null;
  /** By the line of a read that is under way, what was the latest when it began. */
  readonly #latestAt = new Map<number, Operation>();
  #hasForgotten = false;

  constructor(kind: 'ok' | 'undecided') {
    this.verdict = { kind };
  }

  called(operation: Operation): void {
    if (this.verdict.kind !== 'ok') return;
    if (operation.kind === 'read') this.#remember(operation);
    else if (operation.kind === 'write') this.#open(operation);
    else this.#giveUp();
  }

  returned(operation: Operation): void {
    if (this.verdict.kind !== 'ok') return;
    const zone = operation.kind === 'read' ? this.#zoneSeenBy(operation) : this.#zoneOf(operation);
    if (zone === null) return;
    if (operation.kind === 'write') {
      zone.ret = operation.ret;
      zone.version = operation.line.version;
      if (this.#latest === null || operation.call > this.#latest.call) this.#latest = operation;
    } else zone.version ??= operation.line.version;
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
    const zone = this.#zoneOf(operation);
    if (zone === null) return;
    if (zone.ended === null) this.#drop(zone);
    else this.verdict = { kind: 'violated', operations: [zone.ended] };
  }

  #remember(read: Operation): void {
    if (this.#latest === null) return;
    this.#latestAt.set(read.at, this.#latest);
    // What is never answered is forgotten: that only tells fewer values apart.
    const [oldest] = this.#latestAt.keys();
    if (this.#latestAt.size > MOST_WRITES && oldest !== undefined) this.#latestAt.delete(oldest);
  }

  #open(write: Operation): void {
    const zone: Zone = { write, ret: Infinity, version: undefined, ended: null, began: write };
    const value = textOf(write.value);
    const others = this.#zones.get(value);
    if (others === undefined) this.#zones.set(value, [zone]);
    else others.push(zone);
    this.#written.push(zone);
    if (this.#written.length > MOST_WRITES) this.#forget();
  }

  /** The zone of a write itself; null when it is forgotten, and then nobody has seen it. */
  #zoneOf(write: Operation): Zone | null {
    const zones = this.#zones.get(textOf(write.value)) ?? [];
    return zones.find((zone) => zone.write?.at === write.at) ?? null;
  }

  /** The one zone that a read belongs to; null when there is none, or no telling which, as the verdict then says. */
  #zoneSeenBy(read: Operation): Zone | null {
    const zones = this.#zones.get(textOf(read.out)) ?? [];
    const latest = this.#latestAt.get(read.at) ?? null;
    this.#latestAt.delete(read.at);
    const [only] = zones;
    if (zones.length === 1 && only !== undefined) return only;
    const { version } = read.line;
    const since = latest?.call ?? -Infinity;
    const possible = zones.filter(({ write, ret }) => (write === null ? latest === null : ret >= since));
    const named = zones.filter((zone) => version !== undefined && zone.version === version);
    const nameless = possible.filter((zone) => version === undefined || zone.version === undefined);
    const [first, ...more] = named.length > 0 ? named : nameless;
    if (first !== undefined && more.length === 0) return first;
    if (possible.length > 0 || this.#hasForgotten) this.#giveUp();
    else {
      const writes = zones.flatMap(({ write, ended }) => (write === null ? [] : [ended ?? write]));
      this.verdict = {
        kind: 'violated',
        operations: [...writes, ...(latest === null ? [] : [latest]), read],
      };
    }
    return null;
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
    const dropped = this.#written.slice(0, MOST_WRITES >> 1);
    this.#written = this.#written.slice(MOST_WRITES >> 1);
    const gone = new Set(dropped);
    for (const value of new Set(dropped.map(({ write }) => textOf(write?.value ?? null)))) {
      const left = (this.#zones.get(value) ?? []).filter((zone) => !gone.has(zone));
      if (left.length > 0) this.#zones.set(value, left);
      else this.#zones.delete(value);
    }
    this.#entered = this.#entered.filter((zone) => !gone.has(zone));
  }

  #drop(zone: Zone): void {
    const value = textOf(zone.write?.value ?? null);
    this.#zones.set(
      value,
      (this.#zones.get(value) ?? []).filter((other) => other !== zone),
    );
    this.#written = this.#written.filter((other) => other !== zone);
  }

  #giveUp(): void {
    if (this.verdict.kind !== 'ok') return;
    this.verdict = { kind: 'undecided' };
    this.#zones.clear();
    this.#latestAt.clear();
    this.#written = [];
    this.#entered = [];
  }
}
