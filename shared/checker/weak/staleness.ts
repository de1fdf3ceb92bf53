import { byKey, isCertain, textOf } from '../history.ts';
import { Overwrites } from '../overwrites.ts';
import { isWrite } from '../sources.ts';
import type { Contradiction } from './causal.ts';
import type { Relations } from './relations.ts';

/**
 * Whether some read returned what had been overwritten for longer than a bound, in milliseconds: another write of
 * the key began after that one had returned, and returned more than the bound before the read began.
 */
export function stalenessContradiction({ operations, sources }: Relations, bound: number): Contradiction {
  for (const part of byKey(operations).values()) {
    const overwrites = new Overwrites(part.filter(isWrite));
    for (const reader of part) {
      const source = sources.get(reader);
      if (source === undefined) continue;
      const newer = overwrites.latestBefore(reader.call - bound);
      if (newer === undefined || newer === source || newer === reader) continue;
      if (source === null) return [newer, reader];
      if (source.ret < newer.call) return [source, newer, reader];
    }
  }
  return null;
}

/**
 * Whether replicas agree in the end: among the reads that began more than `quiet` milliseconds after the last write
 * of their key had returned, or was called when it never returned, all return the same, and nothing that was surely overwritten. Not tested when there is
 * no such read.
 */
export function eventualContradiction(
  { operations, sources }: Relations,
  quiet: number,
): { readonly isTested: boolean; readonly contradiction: Contradiction } {
  let isTested = false;
  for (const part of byKey(operations).values()) {
    const writes = part.filter(isWrite);
    const last = writes.reduce(
      (time, { call, ret }) => Math.max(time, ret === Infinity ? call : ret),
      -Infinity,
    );
    const late = part.filter((reader) => reader.kind === 'read' && reader.call > last + quiet);
    const [first] = late;
    if (first === undefined || writes.length === 0) continue;
    isTested = true;
    const other = late.find((reader) => textOf(reader.out) !== textOf(first.out));
    if (other !== undefined) return { isTested, contradiction: [first, other] };
    const source = sources.get(first) ?? null;
    const newer = writes.find((write) => isCertain(write) && write.call > (source?.ret ?? -Infinity));
    if (newer !== undefined) {
      return { isTested, contradiction: source === null ? [newer, first] : [source, newer, first] };
    }
  }
  return { isTested, contradiction: null };
}
