import { unreachable } from '../../../base/assert.ts';
import { digest } from '../../../base/digest.ts';
import { equal, freeze } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import {
  compareDots,
  dotted,
  NO_SIBLINGS,
  type Sibling,
  type SiblingRules,
  type Siblings,
  undotted,
} from '../../../data/siblings.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import { type Change, changed, cleared, type DataType, mergeTypes } from './data-types.ts';

/** What a vnode has of a key: the plain object, and one value of each data type, which real Riak keeps in buckets of their own. */
export type Entry = {
  readonly object: Siblings<Content>;
  readonly types: Readonly<Table<DataType>>;
};

export type Content = {
  readonly value: Stored;
  /** A tombstone. Real Riak reaps it three seconds later once all primaries have it; here it stays. */
  readonly deleted: boolean;
  /** `X-Riak-Last-Modified`: the clock of the node that took the request. */
  readonly at: number;
};

export type EntryRules = {
  readonly allowMult: boolean;
  readonly lastWriteWins: boolean;
  readonly dvv: boolean;
};

/** What is to be written. */
export type Update =
  | { readonly kind: 'store'; readonly value: Stored }
  /** Delete what the client has found: the object by its context, data types by what was seen of them. */
  | { readonly kind: 'clear'; readonly seen: Readonly<Table<DataType>> }
  /** `seen`: what the client has fetched before, so that it can remove that much. */
  | { readonly kind: 'change'; readonly change: Change; readonly seen: DataType | null };

export const EMPTY: Entry = { object: NO_SIBLINGS, types: {} };

/** The entry after a write that this vnode coordinates under the name `actor`. */
export function updated(
  rules: EntryRules,
  held: Entry,
  update: Update,
  context: VectorClock,
  actor: string,
  at: number,
): Entry {
  const store = (content: Content) => stored(rules, held.object, content, context, actor);
  switch (update.kind) {
    case 'store':
      return { ...held, object: store({ value: update.value, deleted: false, at }) };
    case 'clear': {
      const types: Table<DataType> = { ...held.types };
      for (const name of keysOf(update.seen)) {
        const known = withSeen(lookUp(held.types, name), lookUp(update.seen, name) ?? null);
        if (known !== undefined) types[name] = cleared(known, actor, at);
      }
      if (keysOf(context).length === 0) return { ...held, types };
      return { object: store({ value: null, deleted: true, at }), types };
    }
    case 'change': {
      const { type } = update.change;
      const known = withSeen(lookUp(held.types, type), update.seen);
      return { ...held, types: { ...held.types, [type]: changed(known, update.change, actor, at) } };
    }
    default:
      return unreachable(update);
  }
}

/** How two copies meet. When `b` tells nothing new the result is `a` itself. */
export function mergeEntries(rules: EntryRules, a: Entry, b: Entry): Entry {
  if (a === b) return a;
  const object = resolved(rules, siblingRules(rules).merge(a.object, b.object));
  const types: Table<DataType> = { ...a.types };
  for (const name of keysOf(b.types)) {
    const known = withSeen(lookUp(a.types, name), lookUp(b.types, name) ?? null);
    if (known !== undefined) types[name] = known;
  }
  const merged = { object, types };
  return equal(merged, a) ? a : merged;
}

/** What another coordinator's write does to a copy: with `last_write_wins` Riak does not even look at what is there. */
export function overwritten(rules: EntryRules, held: Entry, arrived: Entry): Entry {
  const merged = mergeEntries(rules, held, arrived);
  if (!rules.lastWriteWins || arrived.object.values.length === 0) return merged;
  return { ...merged, object: { seen: merged.object.seen, values: arrived.object.values } };
}

/** How many values disagree when two copies meet, before `allow_mult` or the last write decides. */
export function concurrentValues(rules: EntryRules, a: Entry, b: Entry): number {
  return siblingRules(rules).merge(a.object, b.object).values.length;
}

/** Names a content: copies with equal labels hold the same. */
export function labelOf(entry: Entry): string {
  return digest(freeze(entry));
}

/** The values that a reader sees, deleted ones not among them. */
export function liveValues({ values }: Siblings<Content>): Stored[] {
  return values.filter(({ value }) => !value.deleted).map(({ value }) => value.value);
}

/** Without `allow_mult`, of concurrent values the one modified last (riak_object:reconcile): the others are lost. */
function resolved(rules: EntryRules, object: Siblings<Content>): Siblings<Content> {
  if ((rules.allowMult && !rules.lastWriteWins) || object.values.length < 2) return object;
  return { seen: object.seen, values: [object.values.reduce(laterModified)] };
}

function stored(
  rules: EntryRules,
  object: Siblings<Content>,
  content: Content,
  context: VectorClock,
  actor: string,
): Siblings<Content> {
  const after = siblingRules(rules).put(object, context, content, actor);
  if (!rules.lastWriteWins) return resolved(rules, after);
  const written = after.values.filter(({ dot }) => dot.actor === actor).reduce(laterDot);
  return { seen: after.seen, values: [written] };
}

/** With `last_write_wins` clocks decide nothing, so dots would only lose values. */
function siblingRules({ dvv, lastWriteWins }: EntryRules): SiblingRules {
  return dvv && !lastWriteWins ? dotted : undotted;
}

function withSeen(held: DataType | undefined, seen: DataType | null): DataType | undefined {
  if (seen === null || equal(held, seen)) return held;
  return held === undefined ? seen : mergeTypes(held, seen);
}

function laterModified(a: Sibling<Content>, b: Sibling<Content>): Sibling<Content> {
  if (a.value.at !== b.value.at) return a.value.at > b.value.at ? a : b;
  return laterDot(a, b);
}

function laterDot(a: Sibling<Content>, b: Sibling<Content>): Sibling<Content> {
  return compareDots(a.dot, b.dot) > 0 ? a : b;
}
