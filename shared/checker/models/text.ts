import type { Json } from '../../base/json.ts';
import { isCertain, textOf, type Operation } from '../history.ts';
import { tabulate, type Machine, type Outlook } from './machine.ts';

/**
 * A value that can be appended to, as one text: a list is its items, each as canonical JSON and a line feed, so
 * that "is a prefix of" means the same for lists and for texts. Unwritten is empty.
 */
export type TextView = {
  /** What a write leaves, an append adds or a read returned. */
  readonly text: (value: Json) => string;
  /** What an append of this value adds. */
  readonly item: (value: Json) => string;
};

/** Texts when everything appended and read is one, lists otherwise. */
export function textViewOf(operations: readonly Operation[]): TextView {
  const isText = (value: Json) => typeof value === 'string' || value === null;
  const texts = operations.every(({ kind, value, out, ret }) => {
    if (kind === 'read') return ret === Infinity || isText(out);
    return kind === 'cas' ? (value as Json[]).every(isText) : isText(value);
  });
  const plain = (value: Json) => (typeof value === 'string' ? value : '');
  // Appends alone do not tell texts from lists: without a list among the reads either way is right.
  if (texts) return { text: plain, item: plain };
  const item = (value: Json) => `${textOf(value)}\n`;
  const text = (value: Json) => {
    if (value === null || value === '') return '';
    return Array.isArray(value) ? value.map(item).join('') : item(value);
  };
  return { text, item };
}

/** A list or text with read, write, append and compare-and-set. */
export function textMachine(operations: readonly Operation[]): Machine {
  const view = textViewOf(operations);
  const states: string[] = [];
  const machine = tabulate<string>(operations, {
    start: '',
    textOf: (state) => state,
    apply: (state, operation) => applyTo(state, operation, view),
    onState: (state) => states.push(state),
  });
  return { ...machine, outlook: new PrefixOutlook(operations, view, states) };
}

function applyTo(state: string, { kind, value, out }: Operation, view: TextView): string | null {
  switch (kind) {
    case 'read':
      return view.text(out) === state ? state : null;
    case 'write':
      return view.text(value);
    case 'append':
      return state + view.item(value);
    default: {
      const [from, to] = value as [Json, Json];
      const found = view.text(from) === state;
      if (out === false) return found ? null : state;
      return found ? view.text(to) : null;
    }
  }
}

/** Once nothing is left that replaces the text, it only grows: every read that is left must begin with it. */
class PrefixOutlook implements Outlook {
  readonly #reads: readonly (string | null)[];
  readonly #replaces: readonly boolean[];
  readonly #compares: boolean;
  readonly #states: readonly string[];
  /** By state, the reads whose text begins with it. */
  readonly #extensions = new Map<number, Int32Array>();
  readonly #left: Uint8Array;
  #readsLeft = 0;
  #replacementsLeft = 0;

  constructor(operations: readonly Operation[], view: TextView, states: readonly string[]) {
    this.#reads = operations.map((operation) =>
      operation.kind === 'read' && isCertain(operation) ? view.text(operation.out) : null,
    );
    this.#replaces = operations.map(({ kind, out }) => kind === 'write' || (kind === 'cas' && out !== false));
    this.#compares = operations.some(({ kind }) => kind === 'cas');
    this.#states = states;
    this.#left = new Uint8Array(operations.length);
    operations.forEach((_, operation) => this.giveBack(operation));
  }

  take(operation: number): void {
    this.#change(operation, -1);
  }

  giveBack(operation: number): void {
    this.#change(operation, 1);
  }

  isHopeless(before: number, after: number): boolean {
    if (this.#replacementsLeft > 0 || before === after) return false;
    let explained = 0;
    for (const read of this.#extensionsOf(after, before)) explained += this.#left[read] as number;
    return explained < this.#readsLeft;
  }

  isImpossible(): boolean {
    return false;
  }

  /** When nobody reads any more. A compare-and-set reads. */
  isFree(): boolean {
    return this.#readsLeft === 0 && !this.#compares;
  }

  #change(operation: number, by: 1 | -1): void {
    if (this.#replaces[operation] === true) this.#replacementsLeft += by;
    if (this.#reads[operation] === null) return;
    this.#readsLeft += by;
    this.#left[operation] = by === 1 ? 1 : 0;
  }

  #extensionsOf(state: number, before: number): Int32Array {
    const known = this.#extensions.get(state);
    if (known !== undefined) return known;
    const text = this.#states[state] ?? '';
    const shorter = this.#states[before] ?? '';
    const parent = text.startsWith(shorter) ? this.#extensions.get(before) : undefined;
    const added = text.slice(shorter.length);
    const extensions =
      parent?.filter((read) => this.#reads[read]?.startsWith(added, shorter.length)) ??
      Int32Array.from(this.#reads.keys()).filter((read) => this.#reads[read]?.startsWith(text));
    this.#extensions.set(state, extensions);
    return extensions;
  }
}
