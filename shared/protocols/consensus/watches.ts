import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { isFirst } from './lease-store.ts';
import { isMemberChange } from './member-change.ts';
import { reply, type Step } from './step.ts';
import { applyCommand, createStore, type WatchEvent } from './store.ts';
import type { RaftState } from './types.ts';

/** A client that watches at this member: a key, for its next changes; or a lock, until it is first in line. */
export type Watcher = { readonly to: NodeId; readonly request: number } & (
  | { readonly kind: 'key'; readonly key: string; readonly from: number }
  | { readonly kind: 'lock'; readonly lock: string; readonly lease: string }
);

/**
 * A watch looks at the store of the member that was asked: it misses nothing and sees all in order, but how late
 * depends on how far that member is behind. `start`: the revision to begin with, null for what comes next.
 */
export function watchKey(step: Step, to: NodeId, request: number, key: string, start: number | null): void {
  const { state } = step;
  add(step, { kind: 'key', to, request, key, from: start ?? state.store.revision + 1 });
}

export function watchLock(step: Step, to: NodeId, request: number, lock: string, lease: string): void {
  add(step, { kind: 'lock', to, request, lock, lease });
}

/** Entries were applied: tells those who waited for what they did. */
export function advanceWatches(step: Step): void {
  const { state } = step;
  if (state.watchers === undefined) return;
  const waiting = state.watchers.filter((watcher) => !tell(step, watcher));
  if (waiting.length === 0) delete state.watchers;
  else state.watchers = waiting;
}

function add(step: Step, watcher: Watcher): void {
  if (!tell(step, watcher)) (step.state.watchers ??= []).push(watcher);
}

function tell(step: Step, watcher: Watcher): boolean {
  const { state } = step;
  const { to, request } = watcher;
  if (watcher.kind === 'lock') {
    if (!isFirst(state.store, watcher.lock, watcher.lease)) return false;
    reply(step, to, request, { kind: 'first' });
    return true;
  }
  // Nothing at all has happened since: no need to look.
  if (state.store.revision < watcher.from) return false;
  const events = eventsOf(state, watcher.key, watcher.from);
  if (events.length === 0) return false;
  reply(step, to, request, { kind: 'watched', events });
  return true;
}

/** What happened to a key from a revision on, in order: the applied log tells it all. */
function eventsOf(state: RaftState, key: string, from: number): WatchEvent[] {
  const store = createStore();
  const events: WatchEvent[] = [];
  for (const entry of state.log.slice(0, state.applied)) {
    if (entry.proposal === null || isMemberChange(entry.proposal.command)) continue;
    const before = lookUp(store.keys, key);
    applyCommand(store, entry.proposal.command);
    const after = lookUp(store.keys, key);
    if (after === before || store.revision < from) continue;
    events.push({ revision: store.revision, value: after?.value ?? null });
  }
  return events;
}
