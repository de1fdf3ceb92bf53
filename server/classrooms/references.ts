import type { Answer } from './answer.ts';

/** How many of a classroom's latest references are remembered. */
const REMEMBERED = 10_000;

/** What became of a command: its place in the recording, or why it has none. */
export type Recorded = Answer<{ seq: number }>;

/**
 * Which commands were asked for already. Somebody whose answer was lost asks again with the same reference:
 * a second effect would be a second write of theirs, a second cut.
 */
export class References {
  readonly #seqs = new Map<string, number>();
  readonly #pending = new Map<string, Promise<Recorded>>();

  find(ref: string): Recorded | Promise<Recorded> | undefined {
    const seq = this.#seqs.get(ref);
    return seq === undefined ? this.#pending.get(ref) : { ok: true, seq };
  }

  pending(ref: string, answer: Promise<Recorded>): void {
    this.#pending.set(ref, answer);
    const forget = () => this.#pending.delete(ref);
    answer.then(forget, forget);
  }

  recorded(ref: string, seq: number): void {
    if (this.#seqs.has(ref)) return;
    this.#seqs.set(ref, seq);
    if (this.#seqs.size <= REMEMBERED) return;
    const oldest = this.#seqs.keys().next();
    if (!oldest.done) this.#seqs.delete(oldest.value);
  }
}
