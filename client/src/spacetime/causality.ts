import type { Chunk, Message, Sign } from './chunk.ts';

/**
 * The causal past and future of an event (Lamport 1978): of each node, the last place that can have influenced
 * it, and the first that it can have influenced. -Infinity and Infinity where there is none.
 */
export type Cone = { readonly past: Float64Array; readonly future: Float64Array };

/** A line of events in which one can stand: a node, and a place on it. */
type Stand = { readonly node: number; readonly place: number };

/**
 * The cone of an event as far as these chunks reach; they are in order. A message has the past of its sending
 * and the future of its arrival: what it carried from where, to where.
 */
export function coneOf(event: Message | Sign, chunks: readonly Chunk[], nodes: number): Cone | null {
  const ends = endsOf(event);
  if (ends === null) return null;
  const past = new Float64Array(nodes).fill(-Infinity);
  const future = new Float64Array(nodes).fill(Infinity);
  past[ends.from.node] = ends.from.place;
  if (ends.to !== null) future[ends.to.node] = ends.to.place;
  for (let i = chunks.length - 1; i >= 0; i--) lookBack(chunks[i]?.messages ?? [], past);
  for (const { messages } of chunks) lookAhead(messages, future);
  return { past, future };
}

/** Whether a message lies in the past or the future of what the cone belongs to. */
export function sideOf(message: Message, { past, future }: Cone): 'past' | 'future' | null {
  const { from, to, sentPlace, endPlace, fate } = message;
  if (fate === 'delivered' && endPlace <= (past[to] ?? 0)) return 'past';
  return sentPlace >= (future[from] ?? 0) ? 'future' : null;
}

function endsOf(event: Message | Sign): { readonly from: Stand; readonly to: Stand | null } | null {
  if (event.kind === 'message') {
    const to = event.fate === 'delivered' ? { node: event.to, place: event.endPlace } : null;
    return { from: { node: event.from, place: event.sentPlace }, to };
  }
  if (event.node === null) return null;
  const stand = { node: event.node, place: event.place };
  return { from: stand, to: stand };
}

/** Messages are in the order of their ends, so what a later one brings into the past is known when an earlier one is met. */
function lookBack(messages: readonly Message[], past: Float64Array): void {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message?.fate !== 'delivered' || message.endPlace > (past[message.to] ?? 0)) continue;
    past[message.from] = Math.max(past[message.from] ?? 0, message.sentPlace);
  }
}

function lookAhead(messages: readonly Message[], future: Float64Array): void {
  for (const { from, to, sentPlace, endPlace, fate } of messages) {
    if (fate !== 'delivered' || sentPlace < (future[from] ?? 0)) continue;
    future[to] = Math.min(future[to] ?? 0, endPlace);
  }
}
