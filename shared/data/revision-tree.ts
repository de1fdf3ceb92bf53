import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonical, freeze, type Json } from '../base/json.ts';

/**
 * CouchDB's revision tree (couch_key_tree.erl), kept as its leaves: each with the path that led to it and with its
 * body, as compaction leaves them. A revision is `N-hash`; the hash is of the parent and the content, so the same
 * edit made twice is one revision. Leaves are sorted, the winner first. Frozen: documents share what they share.
 */
export type Revisions<V extends Json> = readonly Leaf<V>[];

export type Leaf<V extends Json> = {
  /** The generation of the leaf: the length of its path, as long as nothing was cut off. */
  readonly generation: number;
  /** The hashes of the path, the leaf's first. */
  readonly path: readonly string[];
  readonly deleted: boolean;
  readonly value: V;
};

/** How much of a path is kept (couch_db: revs_limit). What branches off below is a conflict for ever. */
const REVISIONS_MAX = 1000;

export function revisionOf({ generation, path }: Leaf<Json>): string {
  return `${generation}-${path[0] ?? ''}`;
}

/** The leaf that every copy shows: live before deleted, then the longer history, then the higher hash. */
export function winnerOf<V extends Json>(document: Revisions<V>): Leaf<V> | null {
  return document[0] ?? null;
}

/** The live leaves that do not win. Reads do not show them unless asked (`?conflicts=true`). */
export function conflictsOf<V extends Json>(document: Revisions<V>): Leaf<V>[] {
  return document.slice(1).filter(({ deleted }) => !deleted);
}

/** Whether the tree has that leaf's revision, as a leaf or on the way to one. */
export function knows(document: Revisions<Json>, leaf: Leaf<Json>): boolean {
  return document.some((known) => isOn(known, leaf.generation, leaf.path[0] ?? ''));
}

/**
 * An edit through the front door. It must name a leaf; without a parent there must be no live one, and it goes on
 * from the tombstone. Null: a conflict, the tree stays.
 */
export function edit<V extends Json>(
  document: Revisions<V>,
  parent: string | null,
  value: V,
  deleted: boolean,
): { readonly document: Revisions<V>; readonly leaf: Leaf<V> } | null {
  const winner = winnerOf(document);
  const base = parent === null ? winner : document.find((leaf) => revisionOf(leaf) === parent);
  if (base === undefined || (parent === null && winner?.deleted === false)) return null;
  const leaf = createLeaf(base, value, deleted);
  return { document: graft(document, leaf), leaf };
}

/** Takes a leaf as it is, with its path (`new_edits=false`): never refused. The same tree if it has it already. */
export function graft<V extends Json>(document: Revisions<V>, leaf: Leaf<V>): Revisions<V> {
  if (knows(document, leaf)) return document;
  const others = document.filter(({ generation, path }) => !isOn(leaf, generation, path[0] ?? ''));
  return freeze([...others, leaf].sort(compareLeaves));
}

export function merge<V extends Json>(a: Revisions<V>, b: Revisions<V>): Revisions<V> {
  return b.reduce(graft, a);
}

function createLeaf<V extends Json>(base: Leaf<V> | null, value: V, deleted: boolean): Leaf<V> {
  const generation = (base?.generation ?? 0) + 1;
  const content = canonical([deleted, base === null ? null : revisionOf(base), value]);
  const path = [bytesToHex(md5(utf8ToBytes(content))), ...(base?.path ?? [])];
  return freeze({ generation, path: path.slice(0, REVISIONS_MAX), deleted, value });
}

function isOn({ generation, path }: Leaf<Json>, at: number, hash: string): boolean {
  return at <= generation && path[generation - at] === hash;
}

function compareLeaves(a: Leaf<Json>, b: Leaf<Json>): number {
  if (a.deleted !== b.deleted) return a.deleted ? 1 : -1;
  if (a.generation !== b.generation) return b.generation - a.generation;
  return (a.path[0] ?? '') < (b.path[0] ?? '') ? 1 : -1;
}
