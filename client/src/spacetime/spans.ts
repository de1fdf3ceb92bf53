import type { Chunk, Span } from './chunk.ts';
import type { View } from './view.ts';

/** What lasts, put together again over the chunks of a window. */
export type Merged = Span & { readonly key: string };

/** The spans that touch a view: what goes on from chunk to chunk is one. In the order in which they begin. */
export function mergeSpans(chunks: readonly Chunk[], view: View): Merged[] {
  const merged: Merged[] = [];
  const last = new Map<string, number>();
  for (const { spans } of chunks) {
    for (const span of spans) {
      if (span.until < view.from || span.from > view.until) continue;
      const key = keyOf(span);
      const index = last.get(key);
      const before = index === undefined ? undefined : merged[index];
      if (index !== undefined && before !== undefined && before.until === span.from) {
        merged[index] = { ...before, until: span.until };
      } else {
        last.set(key, merged.length);
        merged.push({ ...span, key });
      }
    }
  }
  return merged.sort((a, b) => a.from - b.from);
}

function keyOf(span: Span): string {
  switch (span.kind) {
    case 'fault':
      return `fault ${span.id} ${span.text}`;
    case 'sides':
      return `sides ${span.sides.join()}`;
    case 'down':
    case 'paused':
      return `${span.kind} ${span.node}`;
  }
}
