import { isCertain, isObserver, type Operation } from './history.ts';
import { Agenda } from './agenda.ts';
import { Configurations } from './configurations.ts';
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
 */
export class Search {
  readonly #operations: readonly Operation[];
  readonly #machine: Machine;
  readonly #agenda: Agenda;
  readonly #classes: Int32Array;
  readonly #returns: Float64Array;
  readonly #observers: Uint8Array;
  readonly #seen: Configurations;
  readonly #done: DoneSet;
  /** Operations in the order in which they were taken. */
  readonly #order: Int32Array;
  #taken = 0;
  #certainLeft: number;
  readonly #frames: Frame[] = [];
  /** By class, the candidate that stands for it in the frame being opened. */
  readonly #standing: Int32Array;
  #steps = 0;
  #verdict: 'ok' | 'violated' | null = null;

  /** The operations have to be sorted by call, and the machine be made for them. */
  constructor(operations: readonly Operation[], machine: Machine) {
    this.#operations = operations;
    this.#machine = machine;
    this.#agenda = new Agenda(operations);
    this.#classes = classesOf(operations);
    this.#returns = Float64Array.from(operations, ({ ret }) => ret);
    this.#observers = Uint8Array.from(operations, (operation) => (isObserver(operation) ? 1 : 0));
    this.#done = new DoneSet(operations);
    this.#seen = new Configurations(this.#done.unknownWords);
    this.#order = new Int32Array(operations.length);
    this.#certainLeft = operations.filter(isCertain).length;
    this.#standing = new Int32Array(operations.length).fill(-1);
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

  /** The order that was found; of use once the verdict is `ok`. */
  order(): Operation[] {
    return Array.from(this.#order.subarray(0, this.#taken), (index) => this.#operations[index] as Operation);
  }

  /** Searches on for a number of steps. Null when they did not suffice. */
  run(steps: number): 'ok' | 'violated' | null {
    const end = this.#steps + steps;
    while (this.#verdict === null && this.#steps < end && !this.#seen.isFull) {
      if (this.#certainLeft === 0) this.#verdict = 'ok';
      else if (this.#frames.length === 0) this.#verdict = 'violated';
      else this.#advance();
    }
    return this.#verdict;
  }

  /** Tries the next candidate of the innermost frame, or leaves it. */
  #advance(): void {
    const frame = this.#frames.at(-1) as Frame;
    const operation = frame.candidates[frame.tried++];
    if (operation === undefined) {
      this.#close(frame);
      return;
    }
    this.#steps++;
    const before = frame.state;
    const after = this.#machine.step(before, operation);
    if (after === REFUSED) return;
    const fruitless = frame.afterUnknown && this.#machine.overwrites?.[operation] === 1;
    if (fruitless) return;
    this.#take(operation);
    if (this.#machine.outlook?.isHopeless(before, after) === true || !this.#isNew(operation, after)) {
      this.#giveBack();
      return;
    }
    this.#open(operation, after);
  }

  #isNew(operation: number, state: number): boolean {
    const unknown = this.#returns[operation] === Infinity ? 1 : 0;
    const length = this.#done.describe(2 * state + unknown);
    return this.#seen.add(this.#done.row, length);
  }

  /** Enters a state: takes what need not wait, and lists what may come next. */
  #open(operation: number, state: number): void {
    const from = operation === -1 ? 0 : this.#taken - 1;
    const before = this.#taken;
    const settled = this.#settle(state);
    const afterUnknown = operation !== -1 && this.#returns[operation] === Infinity && this.#taken === before;
    this.#frames.push({
      state: settled,
      from,
      afterUnknown: afterUnknown && this.#machine.overwrites !== null,
      candidates: this.#candidates(settled),
      tried: 0,
    });
  }

  #close(frame: Frame): void {
    while (this.#taken > frame.from) this.#giveBack();
    this.#frames.pop();
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
  #candidates(state: number): number[] {
    const { next, head } = this.#agenda;
    const candidates: number[] = [];
    for (let entry = next[head] as number; entry !== head; entry = next[entry] as number) {
      if (this.#agenda.isReturn(entry)) break;
      if (this.#observers[entry] === 1 && this.#machine.step(state, entry) === REFUSED) continue;
      const kind = this.#classes[entry] as number;
      const standing = this.#standing[kind] as number;
      if (standing === -1) {
        this.#standing[kind] = candidates.push(entry) - 1;
      } else if (
        (this.#returns[entry] as number) < (this.#returns[candidates[standing] as number] as number)
      ) {
        candidates[standing] = entry;
      }
    }
    for (const candidate of candidates) this.#standing[this.#classes[candidate] as number] = -1;
    const returns = this.#returns;
    return candidates.sort((a, b) => {
      const [first, second] = [returns[a] as number, returns[b] as number];
      return first === second ? a - b : first < second ? -1 : 1;
    });
  }

  #take(operation: number): void {
    this.#agenda.take(operation);
    this.#done.add(operation);
    this.#machine.outlook?.take(operation);
    this.#order[this.#taken++] = operation;
    if (this.#returns[operation] !== Infinity) this.#certainLeft--;
  }

  #giveBack(): void {
    const operation = this.#order[--this.#taken] as number;
    if (this.#returns[operation] !== Infinity) this.#certainLeft++;
    this.#machine.outlook?.giveBack(operation);
    this.#done.remove(operation);
    this.#agenda.giveBack(operation);
  }
}

/** A state that the search is in: how it got there, and what it still has to try from there. */
type Frame = {
  readonly state: number;
  /** How many operations were taken before the one that led here. */
  readonly from: number;
  /** R4: an operation of unknown outcome led here, and nobody has looked since. */
  readonly afterUnknown: boolean;
  readonly candidates: readonly number[];
  tried: number;
};

/**
 * Which operations were taken, as bits. Those that returned are taken nearly in the order of their calls, so that a
 * configuration says only where the first gap is and what lies beyond it; those of unknown outcome are kept apart.
 */
class DoneSet {
  readonly row: Int32Array;
  readonly #certain: Int32Array;
  readonly #unknown: Int32Array;
  /** By operation its place among those that returned, or -1 - its place among the unknown ones. */
  readonly #place: Int32Array;
  readonly #counts: Int32Array;
  /** Words before the first are full, words after the last are empty. */
  #first = 0;
  #last = 0;

  constructor(operations: readonly Operation[]) {
    let certain = 0;
    let unknown = 0;
    this.#place = Int32Array.from(operations, (operation) =>
      isCertain(operation) ? certain++ : -1 - unknown++,
    );
    this.#certain = new Int32Array((certain >> 5) + 1);
    this.#unknown = new Int32Array((unknown + 31) >> 5);
    this.#counts = new Int32Array(this.#certain.length);
    this.row = new Int32Array(this.#certain.length + this.#unknown.length + 4);
  }

  /** How many words at the end of a row say which operations of unknown outcome were taken. */
  get unknownWords(): number {
    return this.#unknown.length;
  }

  add(operation: number): void {
    const word = this.#flip(operation);
    if (word > this.#last) this.#last = word;
  }

  remove(operation: number): void {
    const word = this.#flip(operation);
    if (word !== -1 && word < this.#first) this.#first = word;
  }

  /** Writes the configuration into `row` and returns its length. */
  describe(state: number): number {
    const { row } = this;
    const certain = this.#certain;
    const counts = this.#counts;
    while (counts[this.#first] === 32) this.#first++;
    while (this.#last > 0 && counts[this.#last] === 0) this.#last--;
    let length = 0;
    row[length++] = state;
    row[length++] = this.#first;
    row[length++] = this.#last;
    for (let word = this.#first; word <= this.#last; word++) row[length++] = certain[word] as number;
    for (const word of this.#unknown) row[length++] = word;
    return length;
  }

  /** Returns the word among those that returned, or -1. */
  #flip(operation: number): number {
    const place = this.#place[operation] as number;
    if (place < 0) {
      const index = -1 - place;
      this.#unknown[index >> 5] = (this.#unknown[index >> 5] as number) ^ (1 << (index & 31));
      return -1;
    }
    const word = place >> 5;
    const bit = 1 << (place & 31);
    const before = this.#certain[word] as number;
    this.#certain[word] = before ^ bit;
    this.#counts[word] = (this.#counts[word] as number) + ((before & bit) === 0 ? 1 : -1);
    return word;
  }
}
