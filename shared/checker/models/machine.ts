import { textOf, type Operation } from '../history.ts';

/**
 * The sequential object of one key, its states and operations numbered from 0: what the search steps through.
 * A machine is made for a list of operations and knows these alone.
 */
export interface Machine {
  readonly start: number;
  /** The state after an operation, or REFUSED when it cannot have returned what it did in this state. */
  step(state: number, operation: number): number;
  /** What the operations that are left make impossible; null when the object offers no such short cut. */
  readonly outlook: Outlook | null;
  /** Per operation 1 when it replaces the state whatever it was, and 0 otherwise. Null: none does. */
  readonly overwrites: Uint8Array | null;
}

/** Keeps count of what is left, so that a state from which some answer cannot come true any more is left at once. */
export interface Outlook {
  take(operation: number): void;
  /** Undoes the last `take` that is not undone. */
  giveBack(operation: number): void;
  /** Whether after the step from `before` to `after` some answer that is left cannot be explained. */
  isHopeless(before: number, after: number): boolean;
  /** Whether, before anything has happened, some answer can come true in no state at all. */
  isImpossible(start: number): boolean;
  /** Whether the operation may as well take effect now as later: everything that is left agrees with it. */
  isFree(operation: number): boolean;
}

export const REFUSED = -1;

/** Numbers for texts, from 0 in the order in which they come. */
export class Numbering {
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  has(text: string): boolean {
    return this.#numbers.has(text);
  }
}

/** Operations that do and return the same have the same number: each may stand for another. */
export function classesOf(operations: readonly Operation[]): Int32Array {
  const numbering = new Numbering();
  return Int32Array.from(operations, ({ kind, value, out, client }) => {
    const owner = kind === 'acquire' || kind === 'release' ? client : '';
    return numbering.of(`${kind} ${textOf(value)} ${textOf(out)} ${owner}`);
  });
}

/** A sequential object as a person would write it down: a state of any form, and what each operation does to it. */
export type Rules<State> = {
  readonly start: State;
  /** Equal for equal states only. */
  readonly textOf: (state: State) => string;
  /** The next state, or null when the operation cannot have returned this. */
  readonly apply: (state: State, operation: Operation) => State | null;
  /** Told every state when it is first met, in the order of the numbers. */
  readonly onState?: (state: State) => void;
};

/** A machine out of rules: states are numbered as they are met, and every step is worked out once. */
export function tabulate<State>(operations: readonly Operation[], rules: Rules<State>): Machine {
  const classes = classesOf(operations);
  const width = operations.length + 1;
  const numbering = new Numbering();
  const states: State[] = [];
  const steps = new Map<number, number>();
  const numberOf = (state: State): number => {
    const number = numbering.of(rules.textOf(state));
    if (number === states.length) {
      states.push(state);
      rules.onState?.(state);
    }
    return number;
  };
  const work = (state: number, operation: number): number => {
    const next = rules.apply(states[state] as State, operations[operation] as Operation);
    return next === null ? REFUSED : numberOf(next);
  };
  return {
    start: numberOf(rules.start),
    outlook: null,
    overwrites: null,
    step(state, operation) {
      const name = state * width + (classes[operation] ?? 0);
      const known = steps.get(name);
      if (known !== undefined) return known;
      const next = work(state, operation);
      steps.set(name, next);
      return next;
    },
  };
}
