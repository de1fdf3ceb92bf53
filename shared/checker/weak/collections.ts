import type { Json } from '../../base/json.ts';
import {
  byCall,
  byClient,
  byKey,
  groupBy,
  isCertain,
  textOf,
  type History,
  type Operation,
} from '../history.ts';
import { isText } from '../models/index.ts';

/**
 * What a history of sets and lists says without its clock. An item that one operation alone put there tells who saw
 * whom, as a unique value does in a register.
 */
export type Collections = {
  readonly kind: 'known';
  /** All that took place, by call. */
  readonly operations: readonly Operation[];
  /** By look, the puts whose items it showed, in the order in which it showed them. */
  readonly shown: ReadonlyMap<Operation, readonly Operation[]>;
  /** By look, the puts whose items it would have shown, had it known of them. */
  readonly lacking: ReadonlyMap<Operation, readonly Operation[]>;
  /** The operations whose client and times count, by client. Of all others it only counts who saw them. */
  readonly sessions: readonly (readonly Operation[])[];
  /** Whether the order in which a key's items are shown is that in which they were put there. */
  readonly isOrdered: (key: string) => boolean;
  /** Why a history without a contradiction may be wrong all the same; null when it cannot. */
  readonly doubt: string | null;
};

export type CollectionsFound =
  | Collections
  | { readonly kind: 'undecided'; readonly reason: string }
  | { readonly kind: 'thin-air'; readonly witness: readonly Operation[] };

/** Every model asks for the same. */
const found = new WeakMap<History, CollectionsFound>();

/**
 * Finds what was put into the sets and lists of a history, and who saw it. Items that were removed, or put there more
 * than once, say nothing: it is not told why they are missing, or whose they are.
 */
export function collectionsOf(history: History): CollectionsFound {
  const known = found.get(history);
  if (known !== undefined) return known;
  const collections = findCollections(history);
  found.set(history, collections);
  return collections;
}

function findCollections({ model, operations }: History): CollectionsFound {
  const parts = [...byKey(operations)].filter(([, part]) => model === 'set' || isText(model, part));
  if (parts.some(([, part]) => pairsOf(part) > MOST_PAIRS)) {
    return { kind: 'undecided', reason: 'there are too many looks at too many items' };
  }
  const puts: Operation[] = [];
  const looks = new Map<Operation, readonly Operation[]>();
  let doubt: string | null = null;
  for (const [key, part] of parts) {
    if (part.some(({ kind }) => kind === 'write' || kind === 'cas')) {
      return { kind: 'undecided', reason: `the list under key ${key} was also replaced as a whole` };
    }
    const items = new Items(part);
    doubt ??= items.doubt(key);
    puts.push(...items.puts.values());
    for (const look of part.filter(isLook)) {
      if (look.kind === 'read' && look.out !== null && !Array.isArray(look.out)) {
        return { kind: 'undecided', reason: `a text under key ${key} does not tell what was appended` };
      }
      const shown = items.shownTo(look);
      if (shown === null) return { kind: 'thin-air', witness: items.evidence(look) };
      looks.set(look, shown);
    }
  }
  const seen = new Set([...looks.values()].flat());
  const happened = puts.filter((put) => isCertain(put) || seen.has(put));
  return { ...arrange(byCall([...happened, ...looks.keys()]), looks, happened), doubt };
}

/** How many looks at how many items of one key are compared: each pair takes some bytes. */
const MOST_PAIRS = 30_000_000;

function pairsOf(part: readonly Operation[]): number {
  const looks = part.filter(isLook).length;
  return looks * (part.length - looks);
}

/** The same, with all forgotten but some operations and who saw what. */
export function onlyCollections(collections: Collections, kept: ReadonlySet<Operation>): Collections {
  const { shown, doubt } = collections;
  const looks = new Map([...shown].filter(([look]) => kept.has(look)));
  const puts = new Set([...[...kept].filter((each) => !isLook(each)), ...[...looks.values()].flat()]);
  const operations = byCall([...new Set([...puts, ...looks.keys()])]);
  return { ...arrange(operations, looks, [...puts], kept), doubt };
}

function arrange(
  operations: readonly Operation[],
  shown: ReadonlyMap<Operation, readonly Operation[]>,
  puts: readonly Operation[],
  kept: ReadonlySet<Operation> = new Set(operations),
): Omit<Collections, 'doubt'> {
  const ofKey = groupBy(puts, ({ key }) => key);
  const lists = new Set(puts.filter(({ kind }) => kind === 'append').map(({ key }) => key));
  const lacking = [...shown].map(([look, puts]): [Operation, Operation[]] => {
    const known = new Set(puts);
    const asked = (ofKey.get(look.key) ?? []).filter((put) => isAbout(look, put));
    return [look, asked.filter((put) => !known.has(put))];
  });
  return {
    kind: 'known',
    operations,
    shown,
    lacking: new Map(lacking),
    sessions: [...byClient(operations.filter((each) => kept.has(each))).values()],
    isOrdered: (key) => lists.has(key),
  };
}

/** Whether an operation looks at what is there. */
export function isLook({ kind }: Operation): boolean {
  return kind === 'read' || kind === 'contains';
}

/** Operations by call, each once. */
export function inTime(...operations: readonly Operation[]): Operation[] {
  return byCall([...new Set(operations)]);
}

/** A read looks at all items of its key, a question for one only at that. */
function isAbout({ kind, value }: Operation, put: Operation): boolean {
  return kind === 'read' || textOf(value) === textOf(put.value);
}

/** The items of one key, and who put them there. */
class Items {
  /** By item, its only put. */
  readonly puts = new Map<string, Operation>();
  /** Items that say nothing, and all puts of each. */
  readonly #loose = new Map<string, readonly Operation[]>();
  /** Whether a removal was answered: what it saw of its item is not asked here. */
  readonly #hasAnswers: boolean;

  constructor(part: readonly Operation[]) {
    this.#hasAnswers = part.some(({ kind, out }) => kind === 'remove' && typeof out === 'boolean');
    const removed = new Set(part.filter(({ kind }) => kind === 'remove').map(({ value }) => textOf(value)));
    const puts = part.filter(({ kind }) => kind === 'add' || kind === 'append');
    for (const [item, makers] of groupBy(puts, ({ value }) => textOf(value))) {
      const [put, ...others] = makers;
      if (put !== undefined && others.length === 0 && !removed.has(item)) this.puts.set(item, put);
      else this.#loose.set(item, makers);
    }
  }

  doubt(key: string): string | null {
    const [item] = this.#loose.keys();
    if (this.#hasAnswers) return `a removal under key ${key} told whether the item was there`;
    if (item === undefined) return null;
    return `${item} was put under key ${key} more than once, or removed: that does not tell who saw whom`;
  }

  /** The puts of the items that a look showed; null when it showed what nobody can have put there. */
  shownTo({ kind, value, out }: Operation): Operation[] | null {
    const items = (kind === 'read' ? itemsOf(out) : out === true ? [textOf(value)] : []).filter(
      (item) => !this.#loose.has(item),
    );
    const puts = items.flatMap((item) => this.puts.get(item) ?? []);
    return puts.length < items.length || new Set(puts).size < puts.length ? null : puts;
  }

  /** What shows that a look showed what nobody can have put there: the look, and what was put there but once. */
  evidence(look: Operation): Operation[] {
    const items = look.kind === 'read' ? itemsOf(look.out) : [];
    if (items.some((item) => !this.puts.has(item) && !this.#loose.has(item))) return [look];
    const twice = items.find((item, index) => this.puts.has(item) && items.indexOf(item) < index);
    const put = twice === undefined ? undefined : this.puts.get(twice);
    return put === undefined ? [look] : byCall([put, look]);
  }
}

function itemsOf(out: Json): string[] {
  return ((out ?? []) as readonly Json[]).map(textOf);
}
