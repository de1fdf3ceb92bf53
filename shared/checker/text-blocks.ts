import { isCertain, type Operation } from './history.ts';
import { textViewOf, type TextView } from './models/text.ts';
import { findConflict, type Block, type Member } from './zones.ts';

export type TextVerdict =
  | { readonly kind: 'ok' | 'undecided' }
  /** `evidence` cannot be ordered, even alone. */
  | { readonly kind: 'violated'; readonly evidence: readonly Operation[] };

/**
 * Decides a list or text of one key in O(n log n), when every appended item is unique and every read can be taken
 * apart into items. A read then tells the order of all that it shows, so that a write, the appends after it and the
 * reads between them are one block (`zones.ts`). An append that nobody saw is a block by itself: it may stand
 * behind any other.
 */
export function decideText(operations: readonly Operation[]): TextVerdict {
  if (operations.some(({ kind }) => kind === 'cas')) return { kind: 'undecided' };
  const view = textViewOf(operations);
  const judged = withoutEmptyStart(operations, view);
  const tree = new Tree(judged, view);
  const reads = judged.filter(({ kind }) => kind === 'read');
  const texts = new Map(reads.map((read) => [read, view.text(read.out)]));
  const sorted = [...reads].sort((a, b) => (texts.get(a) ?? '').length - (texts.get(b) ?? '').length);
  for (const read of sorted) {
    const fault = tree.place(read, texts.get(read) ?? '');
    if (fault !== null) return fault;
  }
  const conflict = findConflict(tree.blocks());
  if (conflict === null) return { kind: 'ok' };
  const named = conflict.precedes.flatMap(({ ended, began }) => (ended === null ? [began] : [ended, began]));
  return { kind: 'violated', evidence: tree.evidenceFor(named) };
}

/** A write of nothing before all else changes nothing, but would be mistaken for the unwritten value. */
function withoutEmptyStart(operations: readonly Operation[], view: TextView): readonly Operation[] {
  const first = operations.find(({ kind, value }) => kind === 'write' && view.text(value) === '');
  if (first === undefined || operations.some((other) => other !== first && other.call <= first.ret))
    return operations;
  return operations.filter((operation) => operation !== first);
}

/** A text that was seen: what made it out of the text before. */
type Node = {
  readonly parent: Node | null;
  readonly maker: Operation | null;
  readonly text: string;
  readonly depth: number;
  /** Which block it belongs to; that of the unwritten text is UNWRITTEN. */
  readonly block: number;
  /** A read that shows this text or a longer one. */
  readonly shownBy: Operation;
  child: Node | null;
};

const UNWRITTEN = 0;

/** The texts that reads show, each below the one that it was appended to. */
class Tree {
  readonly #operations: readonly Operation[];
  readonly #view: TextView;
  readonly #starts: Items;
  readonly #appends: Items;
  readonly #nodes = new Map<Operation, Node>();
  readonly #reads: { readonly read: Operation; readonly node: Node }[] = [];
  /** The block that begins with the unwritten text; null while nobody has seen it. */
  #unwritten: Node | null = null;
  /** The node that the read before ended at: often a prefix of the next. */
  #latest: Node | null = null;

  constructor(operations: readonly Operation[], view: TextView) {
    this.#operations = operations;
    this.#view = view;
    this.#starts = new Items(operations, 'write', view.text);
    this.#appends = new Items(operations, 'append', view.item);
  }

  /** Finds what a read shows. Null when it fits with what is known. */
  place(read: Operation, text: string): TextVerdict | null {
    if (this.#starts.isAmbiguous('') || this.#starts.at('', 0) !== null) return { kind: 'undecided' };
    let node = this.#latest !== null && text.startsWith(this.#latest.text) ? this.#latest : null;
    if (node?.text === '') node = null;
    while ((node?.text ?? '').length < text.length) {
      const position = node?.text.length ?? 0;
      const append = this.#appends.at(text, position);
      const start = node === null ? this.#starts.at(text, 0) : null;
      if (append === 'ambiguous' || start === 'ambiguous') return { kind: 'undecided' };
      if (append !== null && start !== null) return { kind: 'undecided' };
      const found = append ?? start;
      if (found === null) return { kind: 'violated', evidence: this.evidenceFor([read]) };
      const parent: Node | null = node ?? (append === null ? null : this.#unwrittenSeenBy(read));
      const next = this.#step(parent, found, read);
      if (next === null)
        return { kind: 'violated', evidence: this.evidenceFor(this.#fork(found.maker, read, parent)) };
      node = next;
    }
    node ??= this.#unwrittenSeenBy(read);
    this.#reads.push({ read, node });
    this.#latest = node;
    return null;
  }

  blocks(): Block[] {
    const blocks = new Map<number | Operation, Member[]>();
    const put = (block: number | Operation, member: Member) => {
      const members = blocks.get(block);
      if (members === undefined) blocks.set(block, [member]);
      else members.push(member);
    };
    for (const operation of this.#operations) {
      if (operation.kind === 'read') continue;
      const node = this.#nodes.get(operation);
      if (node !== undefined) put(node.block, { operation, level: 2 * node.depth });
      else if (isCertain(operation)) put(operation, { operation, level: 0 });
    }
    for (const { read, node } of this.#reads) put(node.block, { operation: read, level: 2 * node.depth + 1 });
    return [...blocks].map(([block, members]) => ({ members, isFirst: block === UNWRITTEN }));
  }

  /** Operations with all that shows where they stand. */
  evidenceFor(named: readonly Operation[]): Operation[] {
    const evidence = new Set(named);
    for (const operation of named) {
      const node = this.#nodes.get(operation);
      if (node !== undefined) evidence.add(node.shownBy);
    }
    for (const operation of [...evidence]) {
      if (operation.kind !== 'read') continue;
      for (const maker of this.#makersIn(operation)) evidence.add(maker);
    }
    return [...evidence];
  }

  #unwrittenSeenBy(read: Operation): Node {
    this.#unwritten ??= {
      parent: null,
      maker: null,
      text: '',
      depth: 0,
      block: UNWRITTEN,
      shownBy: read,
      child: null,
    };
    return this.#unwritten;
  }

  /** The node of an item behind its parent; null when the item stands elsewhere, or another stands there. */
  #step(parent: Node | null, { maker, text }: Item, read: Operation): Node | null {
    const known = this.#nodes.get(maker);
    if (known !== undefined) return known.parent === parent ? known : null;
    if (parent !== null && parent.child !== null) return null;
    const node: Node = {
      parent,
      maker,
      text: (parent?.text ?? '') + text,
      depth: (parent?.depth ?? -1) + 1,
      block: parent?.block ?? this.#nodes.size + 1,
      shownBy: read,
      child: null,
    };
    if (parent !== null) parent.child = node;
    this.#nodes.set(maker, node);
    return node;
  }

  /** Two reads show the same append behind different texts, or different appends behind the same. */
  #fork(maker: Operation, read: Operation, parent: Node | null): Operation[] {
    const other = this.#nodes.get(maker)?.shownBy ?? parent?.child?.shownBy;
    return other === undefined ? [read] : [read, other];
  }

  /** Everybody whose items stand in what a read shows, as far as they can be told apart. */
  #makersIn(read: Operation): Operation[] {
    const text = this.#view.text(read.out);
    const makers: Operation[] = [];
    for (let position = 0; position < text.length;) {
      const item = this.#appends.at(text, position) ?? (position === 0 ? this.#starts.at(text, 0) : null);
      if (item === null || item === 'ambiguous') break;
      makers.push(item.maker);
      position += item.text.length;
    }
    return makers;
  }
}

type Item = { readonly maker: Operation; readonly text: string };

/** What writes or appends leave, to be found in a text. */
class Items {
  readonly #makers = new Map<string, Operation[]>();
  readonly #lengths: readonly number[];

  constructor(operations: readonly Operation[], kind: 'write' | 'append', textOf: TextView['text']) {
    for (const operation of operations) {
      if (operation.kind !== kind) continue;
      const text = textOf(operation.value);
      this.#makers.set(text, [...(this.#makers.get(text) ?? []), operation]);
    }
    this.#lengths = [...new Set([...this.#makers.keys()].map(({ length }) => length))];
  }

  isAmbiguous(text: string): boolean {
    return (this.#makers.get(text)?.length ?? 0) > 1;
  }

  /** The one item that stands in the text at a position; null when there is none. */
  at(text: string, position: number): Item | 'ambiguous' | null {
    let found: Item | null = null;
    for (const length of this.#lengths) {
      const item = text.slice(position, position + length);
      // The end of the text cuts an item short.
      if (item.length < length) continue;
      const [maker, ...more] = this.#makers.get(item) ?? [];
      if (maker === undefined) continue;
      if (found !== null || more.length > 0) return 'ambiguous';
      found = { maker, text: item };
    }
    return found;
  }
}
