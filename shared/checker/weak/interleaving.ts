import { byCall, byClient, isCertain, isObserver, type History, type Operation } from '../history.ts';
import { partition } from '../linearizable.ts';
import { machineFor } from '../models/index.ts';
import { REFUSED, type Machine } from '../models/machine.ts';
import { canComplete, type Layout } from './layout.ts';
import { openingsOf } from './tallies.ts';

/**
 * Sequential consistency of any objects (Lamport 1979): one order of all operations, whatever the clock says, in which
 * every client's stand in its own order and every answer is right; what opened an object comes first. Tries the orders,
 * those near the clock's first, for a number of steps. Null when they did not suffice.
 */
export function hasOrder(histories: readonly History[], steps: number): boolean | null {
  return canComplete(new Interleaving(histories), steps);
}

/** An operation as the search sees it: its object, its number there, its client, and how many of that come before it. */
type Piece = {
  readonly operation: Operation;
  readonly object: number;
  readonly index: number;
  readonly client: number;
  readonly before: number;
  /** Its place among the operations of unknown outcome; -1 when its outcome is known. */
  readonly optional: number;
};

/** An order of the operations of several objects. */
class Interleaving implements Layout {
  /** How far each client has come, the state of each object, and which operations of unknown outcome were used. */
  readonly row: Int32Array;
  readonly usedWords: number;
  readonly #pieces: readonly Piece[];
  readonly #machines: readonly Machine[];
  /** By client, its certain operations in its order; and all of unknown outcome. */
  readonly #sessions: readonly (readonly number[])[];
  readonly #optional: readonly number[];
  readonly #order: number[] = [];
  /** By place in the order, the state that its object was in before. */
  readonly #states: number[] = [];
  #left: number;

  constructor(histories: readonly History[]) {
    const parts = histories.flatMap(({ model, operations }) =>
      partition(model, operations).map((part) => ({ model, part })),
    );
    this.#machines = parts.map(({ model, part }) => machineFor(model, part));
    const places = new Map<Operation, readonly [object: number, index: number]>();
    const starts = parts.map(({ model, part }, object) => {
      const openings = new Set(openingsOf(model, part) ?? []);
      const machine = this.#machines[object] as Machine;
      let start = machine.start;
      part.forEach((each, index) => {
        if (openings.has(each)) start = machine.step(start, index);
        else places.set(each, [object, index]);
      });
      return start;
    });
    this.#pieces = piecesOf(byCall([...places.keys()]), places);
    const clients = this.#pieces.reduce((count, { client }) => Math.max(count, client + 1), 0);
    const sessions: number[][] = Array.from({ length: clients }, () => []);
    this.#pieces.forEach(({ client, optional }, piece) => {
      if (optional === -1) sessions[client]?.push(piece);
    });
    this.#sessions = sessions;
    this.#optional = [...this.#pieces.keys()].filter((piece) => this.#pieces[piece]?.optional !== -1);
    this.#left = this.#pieces.length - this.#optional.length;
    this.usedWords = (this.#optional.length + 31) >> 5;
    this.row = new Int32Array(clients + parts.length + this.usedWords);
    this.row.set(starts, clients);
  }

  get taken(): number {
    return this.#order.length;
  }

  /** What is of unknown outcome need not have happened. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /**
   * A look that may come now and changes nothing may as well come now. One at accounts of which nobody said what was in
   * them does change something: it tells what that was.
   */
  takeLooks(): void {
    for (let found = true; found;) {
      found = false;
      for (const [client, session] of this.#sessions.entries()) {
        for (let next = session[this.row[client] as number]; next !== undefined;) {
          const isIdle = this.#after(next) === this.row[this.#wordOf(next)];
          if (!isObserver(this.#pieceOf(next).operation) || !isIdle) break;
          this.take(next);
          found = true;
          next = session[this.row[client] as number];
        }
      }
    }
  }

  /** What changes something and may come next, by call; what may never have happened last. */
  candidates(): number[] {
    const next = this.#sessions.flatMap((session, client) => session[this.row[client] as number] ?? []);
    const certain = next.filter((piece) => this.#after(piece) !== REFUSED).sort((a, b) => a - b);
    const optional = this.#optional.filter((piece) => {
      const { client, before } = this.#pieceOf(piece);
      if (this.#isUsed(piece) || (this.row[client] as number) < before) return false;
      const state = this.#after(piece);
      return state !== REFUSED && state !== this.row[this.#wordOf(piece)];
    });
    return [...certain, ...optional];
  }

  take(piece: number): void {
    const word = this.#wordOf(piece);
    const state = this.#after(piece);
    this.#order.push(piece);
    this.#states.push(this.row[word] as number);
    this.row[word] = state;
    this.#move(piece, 1);
  }

  undoTo(count: number): void {
    while (this.#order.length > count) {
      const piece = this.#order.pop() as number;
      this.row[this.#wordOf(piece)] = this.#states.pop() as number;
      this.#move(piece, -1);
    }
  }

  #move(piece: number, by: number): void {
    const { client, optional } = this.#pieceOf(piece);
    if (optional === -1) {
      this.row[client] = (this.row[client] as number) + by;
      this.#left -= by;
      return;
    }
    const word = this.#usedWordOf(optional);
    this.row[word] = (this.row[word] as number) ^ (1 << (optional & 31));
  }

  #isUsed(piece: number): boolean {
    const { optional } = this.#pieceOf(piece);
    return ((this.row[this.#usedWordOf(optional)] as number) & (1 << (optional & 31))) !== 0;
  }

  /** The state of its object after a piece, if it came next. */
  #after(piece: number): number {
    const { object, index } = this.#pieceOf(piece);
    return (this.#machines[object] as Machine).step(this.row[this.#wordOf(piece)] as number, index);
  }

  #wordOf(piece: number): number {
    return this.#sessions.length + this.#pieceOf(piece).object;
  }

  #usedWordOf(optional: number): number {
    return this.row.length - this.usedWords + (optional >> 5);
  }

  #pieceOf(piece: number): Piece {
    return this.#pieces[piece] as Piece;
  }
}

function piecesOf(
  operations: readonly Operation[],
  places: ReadonlyMap<Operation, readonly [object: number, index: number]>,
): Piece[] {
  const clients = new Map([...byClient(operations).keys()].map((client, number) => [client, number]));
  const counts = new Map<string, number>();
  let optional = 0;
  return operations.map((operation) => {
    const [object, index] = places.get(operation) ?? [0, 0];
    const before = counts.get(operation.client) ?? 0;
    if (isCertain(operation)) counts.set(operation.client, before + 1);
    const client = clients.get(operation.client) ?? 0;
    return { operation, object, index, client, before, optional: isCertain(operation) ? -1 : optional++ };
  });
}
