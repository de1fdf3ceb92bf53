import type { Registry } from './classrooms/registry.ts';
import type { Clock } from './clock.ts';
import { describeError, type Log } from './log.ts';

const HOUR_MS = 3600 * 1000;
const SWEEP_EVERY_MS = 30_000;

/** What nobody asks for and must be done all the same: idle classrooms leave memory, old recordings the disk. */
export class Housekeeping {
  readonly #parts: { registry: Registry; clock: Clock; log: Log; retentionDays: number };
  readonly #cancels: (() => void)[] = [];

  constructor(parts: { registry: Registry; clock: Clock; log: Log; retentionDays: number }) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, registry } = this.#parts;
    this.#cancels.push(
      clock.every(SWEEP_EVERY_MS, () => this.#safely(() => registry.sweep())),
      clock.every(HOUR_MS, () => this.#safely(() => this.#purge())),
    );
    this.#safely(() => this.#purge());
  }

  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  /** Deletes recordings that were last written to longer ago than the time of retention. */
  async #purge(): Promise<void> {
    const { clock, registry, retentionDays } = this.#parts;
    const before = clock.wall() - Math.max(HOUR_MS, retentionDays * 24 * HOUR_MS);
    for (const { id, touched } of await registry.store.list()) {
      if (touched < before && (registry.classroomOf(id)?.connected ?? 0) === 0) await registry.remove(id);
    }
  }

  #safely(task: () => Promise<void>): void {
    task().catch((error: unknown) => this.#parts.log.error(describeError(error), 'housekeeping failed'));
  }
}
