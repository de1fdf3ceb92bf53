import type { Command, Entry } from '../../shared/recording/command.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { Refusal } from '../../shared/wire/refusals.ts';
import type { Clock } from '../clock.ts';
import { StoreError } from '../stores/store.ts';
import { refusal } from './answer.ts';
import { CommandQueue, type AskOptions, type Waiting } from './command-queue.ts';
import { OutcomeUnknown, type Health } from './health.ts';
import type { Scribe } from './scribe.ts';
import type { Recorded, References } from './references.ts';

/** Whoever wants to know what happens to a recording. */
export interface SequencerListener {
  /** No line is being written: time may pass now. */
  betweenBatches(): void;
  /** Entries are recorded and have taken effect. */
  applied(entries: readonly Entry[]): void;
  healthChanged(health: Health): void;
}

const PROBE_EVERY_MS = 1000;
const CLOSED = 'the server is about to stop';

/**
 * The one way into a recording: commands queue here, are checked, appended, and only then take effect and
 * are shown. Nobody ever sees what a crash could undo.
 */
export class Sequencer {
  readonly fold: Fold;
  readonly #scribe: Scribe;
  readonly #clock: Clock;
  readonly #listener: SequencerListener;
  readonly #references: References;
  readonly #queue: CommandQueue;
  #tasks: (() => void)[] = [];
  #working = false;
  #closed = false;
  #health: Health = { kind: 'well' };
  #cancelProbe: (() => void) | null = null;

  constructor(parts: {
    fold: Fold;
    scribe: Scribe;
    references: References;
    clock: Clock;
    listener: SequencerListener;
  }) {
    this.fold = parts.fold;
    this.#scribe = parts.scribe;
    this.#references = parts.references;
    this.#clock = parts.clock;
    this.#listener = parts.listener;
    this.#queue = new CommandQueue(parts.fold, parts.clock);
  }

  get health(): Health {
    return this.#health;
  }

  /** Whether a line is being written, so that time must not pass the moment its entry is stamped with. */
  get busy(): boolean {
    return this.#working;
  }

  /**
   * Asks for a command. `durable`: the answer waits until it survives a loss of power. Throws OutcomeUnknown
   * when it cannot be said what became of it.
   */
  async ask(command: Command, options: AskOptions): Promise<Recorded> {
    const blocked = this.#whyNot();
    if (blocked !== null) return blocked;
    const asked = options.ref === null ? undefined : this.#references.find(options.ref);
    const waiting = asked === undefined ? this.#enqueue(command, options) : Promise.resolve(asked);
    const answer = await waiting;
    if (!answer.ok || !options.durable) return answer;
    try {
      await this.#scribe.durable();
    } catch {
      throw new OutcomeUnknown('recorded, but perhaps not on the disk');
    }
    return answer;
  }

  /** Does something with the fold while no line is being written: an entry under way is stamped with this moment. */
  exclusive(task: () => void): Promise<void> {
    if (!this.#working) {
      task();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#tasks.push(() => {
        task();
        resolve();
      });
    });
  }

  /** Ends the classroom's part in this life of the server: something is wrong that going on would make worse. */
  stop(message: string): void {
    if (this.#health.kind === 'stopped') return;
    this.#changeHealth({ kind: 'stopped', message });
    this.#queue.refuseAll(refusal('internal', message));
  }

  /** Takes nothing more, lets what is being written be written, and closes the recording. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelProbe?.();
    this.#queue.refuseAll(refusal('internal', CLOSED));
    await this.exclusive(() => undefined);
    await this.#scribe.close();
  }

  #whyNot(): Refusal | null {
    const health = this.#health;
    if (this.fold.class.ended) return refusal('ended', 'the classroom has ended');
    if (this.#closed) return refusal('internal', CLOSED);
    if (health.kind === 'stopped') return refusal('internal', health.message);
    if (health.kind === 'cannot-record') return refusal('cannot-record', health.message);
    return null;
  }

  #enqueue(command: Command, options: AskOptions): Promise<Recorded> {
    const placed = this.#queue.push(command, options);
    if (options.ref !== null) this.#references.pending(options.ref, placed);
    void this.#work();
    return placed;
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#queue.length > 0 && this.#health.kind === 'well') {
        this.#runTasks();
        this.#listener.betweenBatches();
        const batch = this.#queue.takeBatch();
        if (batch.length > 0) await this.#record(batch);
      }
    } finally {
      this.#working = false;
      this.#runTasks();
    }
  }

  #runTasks(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task();
  }

  async #record(batch: readonly Waiting[]): Promise<void> {
    if (this.#health.kind !== 'well') return;
    const { seq, now } = this.fold;
    const entries = batch.map(({ command, ref }, i): Entry => ({ seq: seq + 1 + i, at: now, command, ref }));
    if (await this.#write(entries)) {
      this.#apply(entries, batch);
      return;
    }
    const health = this.#whyNot() ?? refusal('cannot-record', 'nothing can be recorded');
    for (const waiting of batch) waiting.resolve(health);
    this.#queue.refuseAll(health);
  }

  /** False when nothing was written. */
  async #write(entries: readonly Entry[]): Promise<boolean> {
    try {
      await this.#scribe.write(this.fold, entries);
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'unwritable') this.#cannotRecord(error.message);
      else this.stop(error instanceof StoreError ? error.message : 'the recording cannot be continued');
      return false;
    }
  }

  #apply(entries: readonly Entry[], batch: readonly Waiting[]): void {
    if (this.#health.kind === 'stopped') {
      for (const waiting of batch) waiting.reject(new OutcomeUnknown('the classroom stopped meanwhile'));
      return;
    }
    let applied = 0;
    try {
      for (const entry of entries) {
        this.fold.apply(entry);
        if (entry.ref !== null) this.#references.recorded(entry.ref, entry.seq);
        applied++;
      }
    } catch (error) {
      const seq = entries[applied]?.seq ?? 0;
      const name = error instanceof Error ? error.message : 'unknown';
      this.stop(`entry ${seq} cannot be carried out (${name}): the classroom is stopped`);
    }
    this.#listener.applied(entries.slice(0, applied));
    batch.forEach((waiting, i) => {
      const seq = entries[i]?.seq ?? 0;
      if (i < applied) waiting.resolve({ ok: true, seq });
      else waiting.reject(new OutcomeUnknown('recorded, but not carried out'));
    });
  }

  #cannotRecord(message: string): void {
    this.#changeHealth({ kind: 'cannot-record', message });
    this.#cancelProbe ??= this.#clock.every(PROBE_EVERY_MS, () => void this.#probe());
  }

  /** Tries whether there is space again, with an entry that changes nothing. */
  async #probe(): Promise<void> {
    if (this.#working || this.#health.kind !== 'cannot-record') return;
    this.#working = true;
    try {
      const until = Math.max(this.fold.class.horizon, this.fold.now);
      const seq = this.fold.seq + 1;
      const entry: Entry = { seq, at: this.fold.now, command: { kind: 'horizon', until }, ref: null };
      if (!(await this.#write([entry]))) return;
      this.#apply([entry], []);
      this.#cancelProbe?.();
      this.#cancelProbe = null;
      this.#changeHealth({ kind: 'well' });
    } finally {
      this.#working = false;
      this.#runTasks();
      void this.#work();
    }
  }

  #changeHealth(health: Health): void {
    if (this.#health.kind === 'stopped') return;
    this.#health = health;
    this.#listener.healthChanged(health);
  }
}
