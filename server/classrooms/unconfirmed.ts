import type { NodeId } from '../../shared/sim/operation.ts';
import type { Clock } from '../clock.ts';

type Waiting = { readonly ref: string; cancel: () => void };

/**
 * Seats whose browser has not yet said that it holds their token. The answer to `join` may be lost on its way,
 * and then nobody could ever come back: such a seat is kept for a while, for the token or for whoever asks to
 * join again with the same reference, and then given up.
 */
export class Unconfirmed {
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #giveUp: (node: NodeId) => void;
  readonly #seats = new Map<NodeId, Waiting>();

  /** `keptMs`: how long a seat waits without its browser, real milliseconds. */
  constructor(clock: Clock, keptMs: number, giveUp: (node: NodeId) => void) {
    this.#clock = clock;
    this.#keptMs = keptMs;
    this.#giveUp = giveUp;
  }

  /** A seat was given for the `join` of that reference. */
  add(node: NodeId, ref: string): void {
    this.#seats.set(node, { ref, cancel: () => undefined });
  }

  /** The seat that was given for a reference. */
  find(ref: string): NodeId | null {
    for (const [node, seat] of this.#seats) if (seat.ref === ref) return node;
    return null;
  }

  /** Its browser is gone: the time begins to run. */
  departed(node: NodeId): void {
    const seat = this.#seats.get(node);
    if (seat === undefined) return;
    seat.cancel();
    seat.cancel = this.#clock.after(this.#keptMs, () => {
      this.#seats.delete(node);
      this.#giveUp(node);
    });
  }

  /** A browser is back that has not shown its token either. */
  returned(node: NodeId): void {
    this.#seats.get(node)?.cancel();
  }

  /** The token has arrived, or the seat is nobody's any more. */
  settled(node: NodeId): void {
    this.returned(node);
    this.#seats.delete(node);
  }

  close(): void {
    for (const { cancel } of this.#seats.values()) cancel();
    this.#seats.clear();
  }
}
