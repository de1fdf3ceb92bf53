import type { NodeId } from '../../../shared/sim/operation.ts';
import type { TimelineEvent } from '../../../shared/sim/timeline.ts';

/** To say when a node last heard of its peers, at least that much of the past is folded. Virtual milliseconds. */
const RUN_UP_MS = 5000;
const RUN_UP_MAX_MS = 40_000;

/** When every node last heard from every other, as far as somebody looked. Virtual milliseconds. */
export class Hearing {
  readonly #times = new Map<string, number>();
  #since = 0;

  /** Nothing before this is known. */
  get since(): number {
    return this.#since;
  }

  /** Null when nothing was heard since. */
  last(node: NodeId, from: NodeId): number | null {
    return this.#times.get(`${node} ${from}`) ?? null;
  }

  beginAt(at: number): void {
    this.#times.clear();
    this.#since = at;
  }

  observe(event: TimelineEvent): void {
    if (event.kind === 'delivered') this.#times.set(`${event.flight.to} ${event.flight.from}`, event.at);
  }
}

/** From where to listen so that enough is known at a moment: a checkpoint, because there the fold is at hand. */
export function startOfRunUp(checkpoints: readonly { readonly at: number }[], target: number): number {
  const start = checkpoints.findLast(({ at }) => at <= target - RUN_UP_MS)?.at ?? 0;
  return Math.max(start, target - RUN_UP_MAX_MS, 0);
}
