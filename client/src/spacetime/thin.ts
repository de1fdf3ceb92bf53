import type { Chunk, Message } from './chunk.ts';

/** How many powers of two there are to thin by; the last is half a minute. */
const LEVELS = 15;

/** Thinned messages of each chunk, made once: a window that moves reads them again in every frame. */
const thinned = new WeakMap<Chunk, (readonly Message[])[]>();

/**
 * The messages of a chunk with those left out that would be drawn on top of another: at level n one of each
 * sender, receiver and kind in 2ⁿ milliseconds, the same ones wherever the window stands. Level 0 leaves out none.
 */
export function thin(chunk: Chunk, level: number): readonly Message[] {
  const levels = thinned.get(chunk) ?? [chunk.messages];
  thinned.set(chunk, levels);
  for (let next = levels.length; next <= Math.min(level, LEVELS); next++) {
    levels.push(oneOfEach(levels[next - 1] ?? [], 2 ** next));
  }
  return levels[Math.min(level, LEVELS)] ?? [];
}

/** The lowest level at which the chunks have at most so many messages; the last if there is none. */
export function levelFor(chunks: readonly Chunk[], messagesMax: number, from: number): number {
  for (let level = from; level < LEVELS; level++) {
    let count = 0;
    for (const chunk of chunks) count += thin(chunk, level).length;
    if (count <= messagesMax) return level;
  }
  return LEVELS;
}

function oneOfEach(messages: readonly Message[], ms: number): readonly Message[] {
  const seen = new Set<string>();
  return messages.filter((message) => {
    const { from, to, sentAt, look, fate } = message;
    const key = `${from} ${to} ${Math.floor(sentAt / ms)} ${fate === 'delivered' ? look : fate}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
