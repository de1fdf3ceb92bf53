import { keysOf, lookUp } from '../../base/table.ts';
import { conflictsOf, edit as editTree, graft, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { mark, persist } from '../turn.ts';
import { shorten } from './describe.ts';
import { belongsAt } from './membership.ts';
import type { CouchState, Document, DocumentLeaf, Edit, Turn } from './types.ts';

const NOTHING: Document = [];

export function documentAt({ durable }: CouchState, key: string): Document {
  return lookUp(durable.documents, key)?.revisions ?? NOTHING;
}

/** An edit of a client. Null: the revision that it names is no leaf here. */
export function update(turn: Turn, { key, parent, value, deleted }: Edit): DocumentLeaf | null {
  const edited = editTree(documentAt(turn.state, key), parent, value, deleted);
  if (edited === null) return null;
  store(turn, key, edited.document);
  return edited.leaf;
}

/** Leaves that others had accepted. True: there was something new in them. */
export function take(turn: Turn, key: string, leaves: readonly DocumentLeaf[]): boolean {
  const before = documentAt(turn.state, key);
  const after = leaves.reduce(graft, before);
  if (after === before) return false;
  store(turn, key, after);
  return true;
}

/** The documents changed after a sequence that belong at the target, the oldest change first. */
export function changesSince(
  state: CouchState,
  target: NodeId,
  sequence: number,
): { readonly key: string; readonly sequence: number; readonly revisions: Document }[] {
  const { documents } = state.durable;
  return keysOf(documents)
    .flatMap((key) => {
      const entry = lookUp(documents, key);
      if (entry === undefined || entry.sequence <= sequence || !belongsAt(state, key, target)) return [];
      return [{ key, ...entry }];
    })
    .sort((a, b) => a.sequence - b.sequence);
}

function store(turn: Turn, key: string, revisions: Document): void {
  const { self, durable } = turn.state;
  const before = conflictsOf(documentAt(turn.state, key)).length;
  durable.documents[key] = { sequence: ++durable.sequence, revisions };
  persist(turn);
  const conflicts = conflictsOf(revisions);
  const winner = winnerOf(revisions);
  if (winner === null || conflicts.length === before) return;
  if (conflicts.length > before) {
    const losers = conflicts.map((leaf) => shorten(revisionOf(leaf))).join(', ');
    mark(
      turn,
      'conflict',
      `${self}: ${key} is in conflict, ${shorten(revisionOf(winner))} wins over ${losers}`,
    );
  } else if (conflicts.length === 0) mark(turn, 'merge', `${self}: ${key} is in conflict no more`);
}
