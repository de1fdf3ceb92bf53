import { keysOf, lookUp } from '../../base/table.ts';
import { newestOf } from '../../data/last-write-wins.ts';
import { describeVersions, labelOf, mergeVersions } from '../../data/versions.ts';
import type { NodeId } from '../../sim/operation.ts';
import { keepTicking } from './detector.ts';
import { mark, persist, type Turn } from './turn.ts';
import type { Copies, QuorumKnobs, QuorumState } from './types.ts';

/**
 * Keeps copies of a key: as an owner, or for an owner that is down. True when something was new. Nothing is
 * overwritten: what arrives is merged with what is there, so order and repetition do not matter.
 */
export function keep(turn: Turn, key: string, versions: Copies, standInFor: NodeId | null): boolean {
  const { state } = turn;
  const { data, hints } = state.durable;
  const shelf = standInFor === null ? data : (hints[standInFor] ??= {});
  const before = lookUp(shelf, key) ?? [];
  const after = mergeVersions(before, versions);
  if (after === before) return false;
  shelf[key] = after;
  persist(turn);
  if (standInFor !== null) {
    mark(turn, 'hint', `${state.self} keeps ${key} for ${standInFor}`);
    keepTicking(turn);
  }
  markMeeting(turn, key, before, after);
  return true;
}

/** Everything this node has of a key. What it keeps for others counts too, or stand-ins could not serve reads. */
export function held(state: QuorumState, key: string): Copies {
  const { data, hints } = state.durable;
  let versions = lookUp(data, key) ?? [];
  for (const owner of keysOf(hints)) {
    const kept = lookUp(lookUp(hints, owner) ?? {}, key);
    if (kept !== undefined) versions = mergeVersions(versions, kept);
  }
  return versions;
}

/** Throws a hint away, if it is still what the label says: the owner has it. */
export function dropHint(turn: Turn, owner: NodeId, key: string, label: string): boolean {
  const { hints } = turn.state.durable;
  const shelf = lookUp(hints, owner);
  const kept = shelf === undefined ? undefined : lookUp(shelf, key);
  if (shelf === undefined || kept === undefined || labelOf(kept) !== label) return false;
  delete shelf[key];
  if (keysOf(shelf).length === 0) delete hints[owner];
  persist(turn);
  return true;
}

/** What a reader gets to see of the versions of a key. */
export function resolve(knobs: QuorumKnobs, versions: Copies): Copies {
  return knobs.resolver === 'last-write-wins' ? newestOf(versions) : versions;
}

function markMeeting(turn: Turn, key: string, before: Copies, after: Copies): void {
  const { self, knobs } = turn.state;
  if (after.length > 1 && after.length > before.length) {
    const outcome =
      knobs.resolver === 'siblings' ? 'both are kept' : 'the later clock wins, the other is lost';
    mark(
      turn,
      'conflict',
      `${self} has concurrent versions of ${key} (${describeVersions(after)}): ${outcome}`,
    );
  } else if (before.length > 1 && after.length === 1) {
    mark(turn, 'merge', `${self} has one version of ${key} again (${describeVersions(after)})`);
  }
}
