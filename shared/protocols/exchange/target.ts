import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { knows, revisionOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { persist, send } from '../turn.ts';
import { documentAt, take } from './database.ts';
import { wakeJobs } from './jobs.ts';
import { mapRevisionOf } from './membership.ts';
import type { CouchState, DocumentLeaf, Message, Turn } from './types.ts';

type Question = Extract<Message, { readonly kind: 'open-job' | 'compare' | 'documents' | 'checkpoint' }>;

/** This node is the target of another's replication. */
export function onJobQuestion(turn: Turn, source: NodeId, message: Question): void {
  const { state } = turn;
  const { received } = state.durable;
  switch (message.kind) {
    case 'open-job': {
      const sequence = lookUp(received, source) ?? 0;
      const map = mapRevisionOf(state);
      const opened = { kind: 'job-opened', request: message.request, sequence } as const;
      send(turn, source, map === undefined ? opened : { ...opened, map });
      return;
    }
    case 'compare':
      send(turn, source, {
        kind: 'missing',
        request: message.request,
        leaves: missingHere(state, message.leaves),
      });
      return;
    case 'documents': {
      let news = false;
      for (const key of keysOf(message.leaves)) {
        if (take(turn, key, lookUp(message.leaves, key) ?? [])) news = true;
      }
      send(turn, source, { kind: 'taken', request: message.request });
      if (news) wakeJobs(turn);
      return;
    }
    case 'checkpoint':
      received[source] = message.sequence;
      persist(turn);
  }
}

function missingHere(state: CouchState, leaves: Table<readonly DocumentLeaf[]>): Table<readonly string[]> {
  const missing: Table<readonly string[]> = {};
  for (const key of keysOf(leaves)) {
    const here = documentAt(state, key);
    const unknown = (lookUp(leaves, key) ?? []).filter((leaf) => !knows(here, leaf));
    if (unknown.length > 0) missing[key] = unknown.map(revisionOf);
  }
  return missing;
}
