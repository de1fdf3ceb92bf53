import { Heap, isBefore } from '../base/heap.ts';
import { unreachable } from '../base/assert.ts';
import type { Body, Owner } from './node.ts';

/** A message arrives. Nodes by index, to keep it small. */
export type Delivery = {
  readonly kind: 'deliver';
  readonly at: number;
  readonly seq: number;
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly sentAt: number;
  readonly body: Body;
};

/** A timer goes off. */
export type Alarm = {
  readonly kind: 'timer';
  readonly at: number;
  readonly seq: number;
  readonly node: number;
  readonly owner: Owner;
  readonly timer: string;
};

export type AgendaItem = Delivery | Alarm;

/** The agenda as plain data, in its one order. */
export type AgendaState = { readonly seq: number; readonly items: readonly AgendaItem[] };

/**
 * All that will happen in a world, in the order (virtual time, sequence number). A timer that is replaced
 * or cancelled stays in the heap and is passed over when its time comes: taking it out would cost more.
 */
export class Agenda {
  #queue = new Heap<AgendaItem>();
  #seq = 0;
  /** For each node the running timers: owner and name to the sequence number of the item that counts. */
  readonly #running: readonly Map<string, number>[];

  constructor(nodes: number) {
    this.#running = Array.from({ length: nodes }, () => new Map<string, number>());
  }

  get items(): readonly AgendaItem[] {
    return this.#queue.items;
  }

  deliver(delivery: Omit<Delivery, 'seq'>): void {
    this.#queue.push({ ...delivery, seq: ++this.#seq });
  }

  setTimer(node: number, owner: Owner, timer: string, at: number): void {
    const seq = ++this.#seq;
    this.#running[node]?.set(timerKey(owner, timer), seq);
    this.#queue.push({ kind: 'timer', at, seq, node, owner, timer });
  }

  cancelTimer(node: number, owner: Owner, timer: string): void {
    this.#running[node]?.delete(timerKey(owner, timer));
  }

  cancelAllTimers(node: number): void {
    this.#running[node]?.clear();
  }

  /** Takes the next thing due at or before `until` off the agenda. */
  next(until: number): AgendaItem | undefined {
    for (;;) {
      const item = this.#queue.peek();
      if (item === undefined || item.at > until) return undefined;
      this.#queue.pop();
      switch (item.kind) {
        case 'deliver':
          return item;
        case 'timer':
          if (!this.#isRunning(item)) continue;
          this.#running[item.node]?.delete(timerKey(item.owner, item.timer));
          return item;
        default:
          unreachable(item);
      }
    }
  }

  save(): AgendaState {
    const items = this.#queue.items
      .filter((item) => item.kind === 'deliver' || this.#isRunning(item))
      .sort((a, b) => (isBefore(a, b) ? -1 : 1));
    return { seq: this.#seq, items };
  }

  load(state: AgendaState): void {
    this.#seq = state.seq;
    this.#queue = new Heap();
    for (const running of this.#running) running.clear();
    for (const item of state.items) {
      this.#queue.push(item);
      if (item.kind === 'timer') this.#running[item.node]?.set(timerKey(item.owner, item.timer), item.seq);
    }
  }

  #isRunning(alarm: Alarm): boolean {
    return this.#running[alarm.node]?.get(timerKey(alarm.owner, alarm.timer)) === alarm.seq;
  }
}

function timerKey(owner: Owner, timer: string): string {
  return `${owner} ${timer}`;
}
