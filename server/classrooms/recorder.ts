import { encodeLine, type Line } from '../../shared/recording/codec.ts';
import { StoreError, type RecordingLog } from '../stores/store.ts';
import type { Clock } from '../clock.ts';

/** How long an unforced write may wait for others to share its way to the disk. */
const SYNC_AFTER_MS = 50;
/** So many waiting lines are worth a write to the disk of their own. */
const SYNC_AFTER_LINES = 64;

/** Told how long things took; the metrics listen. */
export interface RecorderGauge {
  appended(seconds: number, lines: number): void;
  synced(seconds: number): void;
}

/**
 * Writes the lines of one recording, each chained to the one before, and brings them to the disk in groups:
 * while one `fdatasync` is under way, all who need the next one share it.
 */
export class Recorder {
  readonly #log: RecordingLog;
  readonly #clock: Clock;
  readonly #gauge: RecorderGauge;
  readonly #onBroken: (error: StoreError) => void;
  #chain: string;
  /** Lines written, and lines known to be on the disk. */
  #written = 0;
  #safe = 0;
  #syncing: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(
    log: RecordingLog,
    chain: string,
    clock: Clock,
    gauge: RecorderGauge,
    onBroken: (error: StoreError) => void,
  ) {
    this.#log = log;
    this.#chain = chain;
    this.#clock = clock;
    this.#gauge = gauge;
    this.#onBroken = onBroken;
  }

  /** Appends lines. Throws StoreError, and then none of them is in the recording. One call at a time. */
  async append(lines: readonly Line[]): Promise<void> {
    const began = this.#clock.now();
    let chain = this.#chain;
    const texts = lines.map((line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return encoded.text;
    });
    await this.#log.append(texts);
    this.#chain = chain;
    this.#written += lines.length;
    this.#gauge.appended((this.#clock.now() - began) / 1000, lines.length);
    if (this.#written - this.#safe >= SYNC_AFTER_LINES) this.#syncSoon();
    else this.#cancelTimer ??= this.#clock.after(SYNC_AFTER_MS, () => this.#syncSoon());
  }

  /** Resolves when everything appended so far survives a loss of power. Throws StoreError. */
  async durable(): Promise<void> {
    const wanted = this.#written;
    while (this.#safe < wanted) await (this.#syncing ?? this.#sync());
  }

  async close(): Promise<void> {
    this.#cancelTimer?.();
    try {
      await this.durable();
    } finally {
      await this.#log.close();
    }
  }

  #syncSoon(): void {
    if (this.#safe < this.#written && this.#syncing === null) this.#sync().catch(() => undefined);
  }

  #sync(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const began = this.#clock.now();
    const written = this.#written;
    this.#syncing = this.#log
      .sync()
      .then(() => {
        this.#safe = written;
        this.#gauge.synced((this.#clock.now() - began) / 1000);
        if (this.#safe < this.#written) {
          this.#cancelTimer ??= this.#clock.after(SYNC_AFTER_MS, () => this.#syncSoon());
        }
      })
      .catch((error: unknown) => {
        const broken = error instanceof StoreError ? error : new StoreError('broken', String(error));
        this.#onBroken(broken);
        throw broken;
      })
      .finally(() => {
        this.#syncing = null;
      });
    return this.#syncing;
  }
}
