import { StoreError, type RecordingLog } from './store.ts';

/** What a log needs of an open file; Node's FileHandle is one. */
export interface LogFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** One recording in one file, a line an entry. `length` is where the last whole line ends. */
export class FileLog implements RecordingLog {
  readonly #file: LogFile;
  #length: number;
  #broken: string | null = null;

  constructor(file: LogFile, length: number) {
    this.#file = file;
    this.#length = length;
  }

  async append(lines: readonly string[]): Promise<void> {
    this.#refuseWhenBroken();
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      await this.#writeAll(bytes);
      this.#length += bytes.length;
    } catch (error) {
      await this.#cutBack();
      throw new StoreError('unwritable', `the recording cannot be written: ${reasonOf(error)}`);
    }
  }

  async sync(): Promise<void> {
    this.#refuseWhenBroken();
    try {
      await this.#file.datasync();
    } catch (error) {
      // The kernel may have dropped the pages it could not write, and would call the next attempt a success.
      throw this.#break(`the disk did not keep what was written: ${reasonOf(error)}`);
    }
  }

  async close(): Promise<void> {
    this.#broken ??= 'the recording is closed';
    await this.#file.close();
  }

  /** A full disk takes a part of a write and says so by its length alone; the next write then fails. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const position = this.#length + written;
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, position);
      if (bytesWritten === 0) throw new Error('nothing was written');
      written += bytesWritten;
    }
  }

  /** Takes back a line that was written in part, so that the next one does not follow half a line. */
  async #cutBack(): Promise<void> {
    try {
      await this.#file.truncate(this.#length);
    } catch (error) {
      throw this.#break(`half a line could not be taken back: ${reasonOf(error)}`);
    }
  }

  #refuseWhenBroken(): void {
    if (this.#broken !== null) throw new StoreError('broken', this.#broken);
  }

  #break(message: string): StoreError {
    this.#broken ??= message;
    return new StoreError('broken', message);
  }
}

/** The operating system's word for what went wrong, without the path. */
export function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : 'unknown';
}
