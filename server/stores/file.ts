import fs from 'node:fs/promises';
import path from 'node:path';
import { readRecording, type Reading } from '../../shared/recording/read.ts';
import { FileLog, reasonOf, type LogFile } from './file-log.ts';
import { lockFolder } from './folder-lock.ts';
import {
  StoreError,
  type OpenedRecording,
  type RecordingLog,
  type Store,
  type StoredRecording,
} from './store.ts';

/** What the store needs of the file system; a test puts one in between that fails. */
export type Disk = Pick<typeof fs, 'readFile' | 'rename' | 'rm' | 'readdir' | 'stat' | 'mkdir'> & {
  open(file: string, flags: string): Promise<LogFile & Pick<fs.FileHandle, 'sync'>>;
};

/** Recordings as files of a folder that this process alone writes to. Throws when the folder is in use. */
export async function openFileStore(folder: string, disk: Disk = fs): Promise<Store> {
  await disk.mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  return new FileStore(folder, disk, unlock);
}

class FileStore implements Store {
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #unlock: () => Promise<void>;

  constructor(folder: string, disk: Disk, unlock: () => Promise<void>) {
    this.#folder = folder;
    this.#disk = disk;
    this.#unlock = unlock;
  }

  async list(): Promise<StoredRecording[]> {
    const names = (await this.#disk.readdir(this.#folder)).filter((name) => name.endsWith('.jsonl'));
    const found: StoredRecording[] = [];
    for (const name of names) {
      const id = name.slice(0, -'.jsonl'.length);
      if (!isId(id)) continue;
      const stat = await this.#disk.stat(this.#log(id)).catch(() => undefined);
      if (stat !== undefined) found.push({ id, bytes: stat.size, touched: stat.mtimeMs });
    }
    return found;
  }

  async create(id: string, lines: readonly string[]): Promise<RecordingLog> {
    const file = this.#log(id);
    let handle;
    try {
      handle = await this.#disk.open(file, 'wx');
      const log = new FileLog(handle, 0);
      await log.append(lines);
      await log.sync();
      await this.#syncFolder();
      return log;
    } catch (error) {
      await handle?.close().catch(() => undefined);
      // Nobody was told of it, so nobody misses it.
      if (handle !== undefined) await this.#disk.rm(file, { force: true }).catch(() => undefined);
      throw error instanceof StoreError
        ? error
        : new StoreError('unwritable', `no recording can be made: ${reasonOf(error)}`);
    }
  }

  async open(id: string): Promise<OpenedRecording | undefined> {
    const bytes = await this.#readFile(this.#log(id));
    if (bytes === undefined) return undefined;
    const text = bytes.toString('utf8');
    const reading = readRecording(text);
    const valid = Buffer.byteLength(text.slice(0, reading.length));
    if (!canGoOn(reading)) return { reading, bytes: valid, log: null };
    const handle = await this.#disk.open(this.#log(id), 'r+');
    try {
      if (valid < bytes.length) await handle.truncate(valid);
      let length = valid;
      // A write that was cut just before its line break left a whole line.
      if (bytes[valid - 1] !== LINE_BREAK) {
        await handle.write(Uint8Array.of(LINE_BREAK), 0, 1, valid);
        length++;
      }
      await handle.datasync();
      return { reading, bytes: valid, log: new FileLog(handle, length) };
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw new StoreError('unwritable', `${id} cannot be opened for writing: ${reasonOf(error)}`);
    }
  }

  async firstLine(id: string): Promise<string | undefined> {
    const found = await this.read(id, FIRST_LINE_MAX);
    if (found === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for await (const part of found.bytes) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const end = text.indexOf('\n');
    return end < 0 ? text : text.slice(0, end);
  }

  async read(
    id: string,
    bytesMax: number | null,
  ): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> } | undefined> {
    if (!isId(id)) return undefined;
    let handle;
    try {
      handle = await fs.open(this.#log(id), 'r');
      const { size } = await handle.stat();
      const wanted = bytesMax === null ? size : Math.min(size, bytesMax);
      // Read to where it ended when it was opened: a recording that goes on would never be read to its end.
      const bytes =
        wanted === 0 ? emptyStream(handle) : handle.createReadStream({ start: 0, end: wanted - 1 });
      return { size: wanted, bytes };
    } catch (error) {
      await handle?.close().catch(() => undefined);
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async readSide(id: string): Promise<string | undefined> {
    return (await this.#readFile(this.#side(id)))?.toString('utf8');
  }

  async writeSide(id: string, text: string): Promise<void> {
    const temporary = `${this.#side(id)}.tmp`;
    try {
      const handle = await this.#disk.open(temporary, 'w');
      try {
        const log = new FileLog(handle, 0);
        await log.append([text]);
        // The name must not come to stand for a file whose content is still only in memory.
        await log.sync();
      } finally {
        await handle.close();
      }
      await this.#disk.rename(temporary, this.#side(id));
      await this.#syncFolder();
    } catch (error) {
      await this.#disk.rm(temporary, { force: true }).catch(() => undefined);
      throw new StoreError('unwritable', `the list of people cannot be written: ${reasonOf(error)}`);
    }
  }

  async remove(id: string): Promise<void> {
    if (!isId(id)) return;
    const files = [`${this.#side(id)}.tmp`, this.#side(id), this.#log(id)];
    for (const file of files) await this.#disk.rm(file, { force: true });
    await this.#syncFolder();
  }

  async close(): Promise<void> {
    await this.#unlock();
  }

  async #readFile(file: string): Promise<Buffer | undefined> {
    try {
      return await this.#disk.readFile(file);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A new name in a folder survives a loss of power only when the folder is on the disk as well. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await this.#disk.open(this.#folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #log(id: string): string {
    return path.join(this.#folder, `${checked(id)}.jsonl`);
  }

  #side(id: string): string {
    return path.join(this.#folder, `${checked(id)}.people.json`);
  }
}

const LINE_BREAK = 10;
/** A header with a thousand nodes takes some 30 kB. */
const FIRST_LINE_MAX = 256 * 1024;

/** Undamaged, or cut in the middle of its last line, which nobody was ever told of. */
function canGoOn(reading: Reading): boolean {
  return reading.recording !== null && (reading.damage === null || reading.damage.torn);
}

function isId(id: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(id);
}

/** An id comes from an address that anybody can type: it must not be able to name another folder. */
function checked(id: string): string {
  if (!isId(id)) throw new RangeError('not the id of a recording');
  return id;
}

function isMissing(error: unknown): boolean {
  return reasonOf(error) === 'ENOENT';
}

async function* emptyStream(handle: fs.FileHandle): AsyncIterable<Uint8Array> {
  await handle.close();
  yield* [];
}
