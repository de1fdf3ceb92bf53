import { Calendar } from '../base/calendar.ts';
import { unreachable } from '../base/assert.ts';
import type { Body, Owner } from './node.ts';

/** A message arrives. Nodes by index, to keep it small. */
export type Delivery = {
  readonly kind: 'deliver';
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly sentAt: number;
  readonly body: Body;
};

/** A timer goes off, unless it was set again or cancelled since. */
export type Alarm = {
  readonly kind: 'timer';
  readonly at: number;
  readonly node: number;
  readonly owner: Owner;
  readonly timer: string;
};

export type AgendaItem = Delivery | Alarm;

/** The agenda as plain data, in its one order. */
export type AgendaState = readonly AgendaItem[];

/**
 * All that will happen in a world, by virtual time and then in the order in which it was decided. A timer
 * that is replaced or cancelled stays in the calendar and is passed over when its time comes: taking it
 * out would cost more.
 */
export class Agenda {
  #calendar = new Calendar<AgendaItem>();
  /** For each node the running timers of replica and driver by name: the alarm that counts. */
  readonly #running: readonly Readonly<Record<Owner, Map<string, Alarm>>>[];

  constructor(nodes: number) {
    this.#running = Array.from({ length: nodes }, () => ({ replica: new Map(), driver: new Map() }));
  }

  deliver(delivery: Delivery): void {
    this.#calendar.put(delivery.at, delivery);
  }

  setTimer(node: number, owner: Owner, timer: string, at: number): void {
    const alarm: Alarm = { kind: 'timer', at, node, owner, timer };
    this.#running[node]?.[owner].set(timer, alarm);
    this.#calendar.put(at, alarm);
  }

  cancelTimer(node: number, owner: Owner, timer: string): void {
    this.#running[node]?.[owner].delete(timer);
  }

  cancelAllTimers(node: number): void {
    this.#running[node]?.replica.clear();
    this.#running[node]?.driver.clear();
  }

  /** Takes the next thing due at or before `until` off the agenda. */
  next(until: number): AgendaItem | undefined {
    for (let at = this.#calendar.next; at !== undefined && at <= until; at = this.#calendar.next) {
      const item = this.#calendar.take();
      if (item === undefined) return undefined;
      switch (item.kind) {
        case 'deliver':
          return item;
        case 'timer':
          if (!this.#isRunning(item)) continue;
          this.#running[item.node]?.[item.owner].delete(item.timer);
          return item;
        default:
          unreachable(item);
      }
    }
    return undefined;
  }

  /** Messages on their way, by arrival. */
  deliveries(): Delivery[] {
    return this.#calendar.items().filter((item) => item.kind === 'deliver');
  }

  save(): AgendaState {
    return this.#calendar.items().filter((item) => item.kind === 'deliver' || this.#isRunning(item));
  }

  load(state: AgendaState): void {
    this.#calendar = new Calendar();
    this.#running.forEach((_, node) => this.cancelAllTimers(node));
    for (const item of state) {
      this.#calendar.put(item.at, item);
      if (item.kind === 'timer') this.#running[item.node]?.[item.owner].set(item.timer, item);
    }
  }

  #isRunning(alarm: Alarm): boolean {
    return this.#running[alarm.node]?.[alarm.owner].get(alarm.timer) === alarm;
  }
}

/** Names a timer among those of one node. */
export function timerKey(owner: Owner, timer: string): string {
  return owner === 'replica' ? `r ${timer}` : `d ${timer}`;
}
