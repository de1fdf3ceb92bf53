import { assert } from '../base/assert.ts';
import { groupBy, isCertain, textOf, type Operation } from './history.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import { Overwrites } from './overwrites.ts';

/** Who wrote what each operation saw. Null stands for the unwritten value, which nobody wrote. */
export type Sources = ReadonlyMap<Operation, Operation | null>;

/**
 * `ambiguous`: equal values were written more than once, and time does not tell which of them was seen. `nobody`:
 * what the reader saw was never written, or every write of it was by then overwritten, as `evidence` shows.
 */
export type SourcesFound =
  | { readonly kind: 'known'; readonly sources: Sources }
  | { readonly kind: 'ambiguous' }
  | {
      readonly kind: 'nobody';
      readonly reader: Operation;
      readonly evidence: readonly Operation[];
      /** Who saw whom, as far as it was asked. */
      readonly sources: Sources;
    };

/** The unwritten value as a text. */
export const UNWRITTEN = textOf(null);

/**
 * Finds for every read, and for every compare-and-set that took place, the one write that it can have seen. Where
 * several wrote that value, one comes into question unless it began after the read had ended, or was surely
 * overwritten before the read began.
 */
export function findSources(operations: readonly Operation[]): SourcesFound {
  const writes = operations.filter(isWrite);
  const byValue = groupBy(writes, (write) => textOf(valueWritten(write)));
  const rivals = new Map<string, Writers>();
  const overwrites = new Overwrites(writes);
  const sources = new Map<Operation, Operation | null>();
  const waiting = operations.filter((operation) => isCertain(operation) && valueSeenBy(operation).length > 0);
  const asked = new Set(waiting);
  for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop()) {
    const value = valueSeenBy(reader)[0] ?? UNWRITTEN;
    const writers = byValue.get(value) ?? [];
    let source: Operation | null | undefined = writers[0];
    if (writers.length !== 1 || value === UNWRITTEN || source === reader) {
      const possible = rivals.get(value) ?? new Writers(writers);
      rivals.set(value, possible);
      const gone = overwrites.latestBefore(reader.call);
      const found = possible.candidates(reader, value === UNWRITTEN, gone);
      if (found.length > 1) return { kind: 'ambiguous' };
      const [candidate] = found;
      if (candidate === undefined) {
        return { kind: 'nobody', reader, evidence: possible.evidence(gone), sources };
      }
      source = candidate;
    }
    assert(source !== undefined, 'a value that was written has a writer');
    sources.set(reader, source);
    // What was seen has happened; a compare-and-set of unknown outcome that happened has seen something too.
    if (source?.kind !== 'cas' || asked.has(source)) continue;
    asked.add(source);
    waiting.push(source);
  }
  return { kind: 'known', sources };
}

/** What shows that an operation of unknown outcome took place: who saw what it wrote, and who saw that, up to an answer. */
export function proofOf(operation: Operation, sources: Sources): Operation[] {
  if (isCertain(operation)) return [];
  // A reader stands before its source among the sources: the first one was not found by way of the operation itself.
  const reader = [...sources].find(([, source]) => source === operation)?.[0];
  return reader === undefined ? [] : [reader, ...proofOf(reader, sources)];
}

/** Whether it changes the register, or may. */
export function isWrite({ kind, out }: Operation): boolean {
  return kind === 'write' || kind === 'claim' || (kind === 'cas' && out !== false);
}

/** All who wrote one value, by call. */
class Writers {
  readonly #certain: readonly Operation[];
  readonly #unknown: readonly Operation[];
  /** By place among the certain ones, the latest return up to there. */
  readonly #latestReturns: Float64Array;

  constructor(writers: readonly Operation[]) {
    this.#certain = writers.filter(isCertain);
    this.#unknown = writers.filter((writer) => !isCertain(writer));
    let latest = -Infinity;
    this.#latestReturns = Float64Array.from(this.#certain, ({ ret }) => (latest = Math.max(latest, ret)));
  }

  /** Whom the reader can have seen, at most two; `gone` is the last overwrite that was surely complete by then. */
  candidates(reader: Operation, isUnwritten: boolean, gone: Operation | undefined): (Operation | null)[] {
    // What nobody wrote can only be the unwritten value, however late it was read.
    if (this.#certain.length + this.#unknown.length === 0) return isUnwritten ? [null] : [];
    const found: (Operation | null)[] = isUnwritten && gone === undefined ? [null] : [];
    const since = gone?.call ?? -Infinity;
    for (const writer of this.#unknown) {
      if (found.length < 2 && writer !== reader && writer.call <= reader.ret) found.push(writer);
    }
    for (let i = this.#certain.length - 1; i >= 0 && found.length < 2; i--) {
      if ((this.#latestReturns[i] as number) < since) break;
      const writer = this.#certain[i] as Operation;
      if (writer !== reader && writer.call <= reader.ret && writer.ret >= since) found.push(writer);
    }
    return found;
  }

  /** What shows that none of them can have been seen: themselves and what overwrote them. */
  evidence(gone: Operation | undefined): Operation[] {
    return [...this.#certain, ...this.#unknown, ...(gone === undefined ? [] : [gone])];
  }
}
