import type { Clock } from '../../server/clock.ts';

/** A clock that a test turns by hand: everything due happens in order, at once. */
export class FakeClock implements Clock {
  #now = 1000;
  #wall = Date.UTC(2026, 8, 1, 8);
  #count = 0;
  #due: { at: number; order: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, order: this.#count++, task };
    this.#due.push(entry);
    return () => (this.#due = this.#due.filter((other) => other !== entry));
  }

  every(ms: number, task: () => void): () => void {
    let cancel = () => {};
    const again = () => {
      cancel = this.after(ms, () => {
        again();
        task();
      });
    };
    again();
    return () => cancel();
  }

  /** Lets time pass, with a breath after everything that happens: what it began may have to wait for a disk. */
  async pass(
    ms: number,
    breathe: () => Promise<void> = () => new Promise((resolve) => setImmediate(resolve)),
  ): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#due
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#set(next.at);
      next.task();
      await breathe();
    }
    this.#set(end);
  }

  #set(now: number): void {
    this.#wall += now - this.#now;
    this.#now = now;
  }
}
