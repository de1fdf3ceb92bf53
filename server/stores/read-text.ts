import type { Store } from './store.ts';

/** The text of a recording as far as it is written; undefined when there is none. */
export async function readText(store: Store, id: string): Promise<string | undefined> {
  const found = await store.read(id, null);
  if (found === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of found.bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
