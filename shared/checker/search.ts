import { isCertain, isObserver, type Operation } from './history.ts';
import { Agenda } from './agenda.ts';
import { Configurations } from './configurations.ts';
import { DoneSet } from './done-set.ts';
import { Frames } from './frames.ts';
import { classesOf, REFUSED, type Machine } from './models/machine.ts';

/**
 * Looks for an order of the operations that their times allow and the object accepts: the search of Wing and Gong
 * (1993) with Lowe's memory of configurations (2017), in flat memory, with these reductions. Each is an exchange
 * argument: an order without the step left out exists whenever one with it does.
 *
 * R1 An operation that only looks, and may come next, does so at once; so does one whose effect nobody left minds.
 * R2 Operations of unknown outcome are optional: all is done when those that returned are.
 * R3 Of operations that do the same and may come next, the one that returned first does.
 * R4 A write of unknown outcome that the next operation overwrites need not have happened.
 * R5 A state from which some answer cannot come true any more is left at once (`Outlook`).
 * R6 A state that was reached before with fewer of the operations of unknown outcome is left (`Configurations`).
 */
export class Search {
  readonly #machine: Machine;
  readonly #agenda: Agenda;
  readonly #classes: Int32Array;
  readonly #observers: Uint8Array;
  readonly #unknown: Uint8Array;
  /** By operation its place in the order of returns, and the other way round. */
  readonly #ranks: Int32Array;
  readonly #byRank: Int32Array;
  readonly #done: DoneSet;
  readonly #seen: Configurations;
  /** Operations in the order in which they were taken. */
  readonly #order: Int32Array;
  #taken = 0;
  #certainLeft: number;
  readonly #frames: Frames;
  /** By class, the rank of the candidate that stands for it while candidates are collected; -1 for none. */
  readonly #standing: Int32Array;
  readonly #stood: Int32Array;
  #steps = 0;
  #verdict: 'ok' | 'violated' | null = null;

  /** The operations have to be sorted by call, and the machine be made for them. */
  constructor(operations: readonly Operation[], machine: Machine) {
    this.#machine = machine;
    this.#agenda = new Agenda(operations);
    this.#classes = classesOf(operations);
    this.#observers = Uint8Array.from(operations, (operation) => (isObserver(operation) ? 1 : 0));
    this.#unknown = Uint8Array.from(operations, (operation) => (isCertain(operation) ? 0 : 1));
    this.#byRank = byReturn(operations);
    this.#ranks = new Int32Array(operations.length);
    this.#byRank.forEach((operation, rank) => (this.#ranks[operation] = rank));
    this.#done = new DoneSet(operations);
    this.#seen = new Configurations(this.#done.unknownWords);
    this.#order = new Int32Array(operations.length);
    this.#certainLeft = operations.filter(isCertain).length;
    this.#frames = new Frames(operations.length + 1);
    this.#standing = new Int32Array(operations.length).fill(-1);
    this.#stood = new Int32Array(operations.length);
    if (machine.outlook?.isImpossible(machine.start) === true) this.#verdict = 'violated';
    else this.#open(-1, machine.start);
  }

  /** How many steps were tried so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether it gave up because it would need too much memory. */
  get isExhausted(): boolean {
    return this.#seen.isFull;
  }

  /** Searches on for a number of steps. Null when they did not suffice. */
  run(steps: number): 'ok' | 'violated' | null {
    const end = this.#steps + steps;
    while (this.#verdict === null && this.#steps < end && !this.#seen.isFull) {
      if (this.#certainLeft === 0) this.#verdict = 'ok';
      else if (this.#frames.isEmpty) this.#verdict = 'violated';
      else this.#advance();
    }
    return this.#verdict;
  }

  /** Tries the next candidate of the innermost frame, or leaves it. */
  #advance(): void {
    const rank = this.#frames.next();
    if (rank === -1) {
      while (this.#taken > this.#frames.taken) this.#giveBack();
      this.#frames.leave();
      return;
    }
    this.#steps++;
    const operation = this.#byRank[rank] as number;
    const before = this.#frames.state;
    const after = this.#machine.step(before, operation);
    this.#take(operation);
    if (this.#machine.outlook?.isHopeless(before, after) === true || !this.#isNew(operation, after)) {
      this.#giveBack();
      return;
    }
    this.#open(operation, after);
  }

  #isNew(operation: number, state: number): boolean {
    const length = this.#done.describe(2 * state + (this.#unknown[operation] as number));
    return this.#seen.add(this.#done.row, length);
  }

  /** Enters a state: takes what need not wait, and lists what may come next. */
  #open(operation: number, state: number): void {
    const taken = this.#taken;
    const settled = this.#settle(state);
    // R4: an operation of unknown outcome led here, and nobody has looked since.
    const isUnseen = operation !== -1 && this.#unknown[operation] === 1 && this.#taken === taken;
    this.#frames.enter(settled, operation === -1 ? 0 : taken - 1);
    this.#collect(settled, isUnseen ? this.#machine.overwrites : null);
  }

  /** R1: takes all that may come next and need not wait, until there is nothing more; returns the state then. */
  #settle(start: number): number {
    const { next, head } = this.#agenda;
    let state = start;
    for (let entry = next[head] as number; entry !== head;) {
      if (this.#agenda.isReturn(entry)) break;
      if (!this.#canSettle(state, entry)) {
        entry = next[entry] as number;
        continue;
      }
      state = this.#machine.step(state, entry);
      this.#take(entry);
      // Its return may have been what held the others back, and is behind: begin again.
      entry = next[head] as number;
    }
    return state;
  }

  #canSettle(state: number, operation: number): boolean {
    if (this.#observers[operation] === 1) return this.#machine.step(state, operation) === state;
    if (this.#machine.outlook?.isFree(operation) !== true) return false;
    return this.#machine.step(state, operation) !== REFUSED;
  }

  /** R3: what may come next, one for each class, those that returned first first. */
  #collect(state: number, fruitless: Uint8Array | null): void {
    const { next, head } = this.#agenda;
    let classes = 0;
    for (let entry = next[head] as number; entry !== head; entry = next[entry] as number) {
      if (this.#agenda.isReturn(entry)) break;
      if (fruitless !== null && fruitless[entry] === 1) continue;
      if (this.#machine.step(state, entry) === REFUSED) continue;
      const kind = this.#classes[entry] as number;
      const rank = this.#ranks[entry] as number;
      const standing = this.#standing[kind] as number;
      if (standing === -1) this.#stood[classes++] = kind;
      if (standing === -1 || rank < standing) this.#standing[kind] = rank;
    }
    for (let i = 0; i < classes; i++) {
      const kind = this.#stood[i] as number;
      this.#frames.offer(this.#standing[kind] as number);
      this.#standing[kind] = -1;
    }
  }

  #take(operation: number): void {
    this.#agenda.take(operation);
    this.#done.add(operation);
    this.#machine.outlook?.take(operation);
    this.#order[this.#taken++] = operation;
    if (this.#unknown[operation] === 0) this.#certainLeft--;
  }

  #giveBack(): void {
    const operation = this.#order[--this.#taken] as number;
    if (this.#unknown[operation] === 0) this.#certainLeft++;
    this.#machine.outlook?.giveBack(operation);
    this.#done.remove(operation);
    this.#agenda.giveBack(operation);
  }
}

/** The numbers of the operations in the order of their returns; those of unknown outcome last, by call. */
function byReturn(operations: readonly Operation[]): Int32Array {
  const returns = Float64Array.from(operations, ({ ret }) => ret);
  return Int32Array.from(operations.keys()).sort((a, b) => {
    const [first, second] = [returns[a] as number, returns[b] as number];
    return first === second ? a - b : first < second ? -1 : 1;
  });
}
