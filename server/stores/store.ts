import type { Reading } from '../../shared/recording/read.ts';

/**
 * Where recordings are kept. Its rules, which every store is tested for:
 *
 * S1 What an `append` acknowledged is read back after the process was killed, in order and once.
 * S2 What a `sync` acknowledged is read back after the machine lost its power.
 * S3 An `append` that failed left nothing behind: the next one follows the last good line.
 * S4 After a failed `sync` the log takes nothing more: what reached the disk is unknown, and asking again
 *    may be answered with a success that is not true.
 * S5 One process at a time writes to a recording.
 * S6 A side file is there as a whole, in its old or its new form, or not at all.
 */
export interface Store {
  /** Every recording there is, in no particular order. */
  list(): Promise<StoredRecording[]>;
  /** Begins a recording. Resolves when its first lines are safe from a loss of power. */
  create(id: string, lines: readonly string[]): Promise<RecordingLog>;
  /** Opens a recording to go on with it; undefined when there is none. */
  open(id: string): Promise<OpenedRecording | undefined>;
  /** The first line of a recording as text, or undefined. */
  firstLine(id: string): Promise<string | undefined>;
  /** The recording's bytes from the start, for a download; undefined when there is none. */
  read(
    id: string,
    bytesMax: number | null,
  ): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> } | undefined>;
  /** What is kept beside a recording, which is not part of it: who sat where. */
  readSide(id: string): Promise<string | undefined>;
  writeSide(id: string, text: string): Promise<void>;
  /** Removes a recording and everything beside it. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

export type StoredRecording = {
  readonly id: string;
  readonly bytes: number;
  /** When it was last written to, calendar milliseconds. */
  readonly touched: number;
};

export type OpenedRecording = {
  /** What is valid in it. */
  readonly reading: Reading;
  /** How many bytes that is. */
  readonly bytes: number;
  /** For going on; null when the recording is damaged in its middle and must stay as it is. */
  readonly log: RecordingLog | null;
};

/** One recording that is being written. Calls come one after another; a `sync` may run beside an `append`. */
export interface RecordingLog {
  /** Appends whole lines. Throws StoreError. */
  append(lines: readonly string[]): Promise<void>;
  /** Makes everything appended so far safe from a loss of power. Throws StoreError. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Why nothing was written. `unwritable`: not now, the disk is full, say; the same can be tried again.
 * `broken`: never again in this life of the process.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: 'unwritable' | 'broken';
  constructor(kind: 'unwritable' | 'broken', message: string) {
    super(message);
    this.kind = kind;
  }
}
