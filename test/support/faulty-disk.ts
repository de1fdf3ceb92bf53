import fs from 'node:fs/promises';
import type { Disk } from '../../server/stores/file.ts';

/** What the next call of a kind does instead of its work. */
export type DiskFault = 'ENOSPC' | 'EIO' | 'EMFILE' | 'short';

/**
 * The real disk, but it can be told to fail: always for a kind of call, or at the n-th call of any kind.
 * A full disk takes a part of a write and says so by its length alone.
 */
export class FaultyDisk {
  /** Calls by kind that fail as long as they stand here. */
  readonly failing = new Map<string, DiskFault>();
  calls = 0;
  failAt: number | null = null;
  failWith: DiskFault = 'EIO';

  readonly disk: Disk = {
    open: (file, flags) => this.#do('open', async () => this.#wrap(await fs.open(file, flags))),
    readFile: ((file: string) => fs.readFile(file)) as Disk['readFile'],
    rename: (from, to) => this.#do('rename', () => fs.rename(from, to)),
    rm: (file, options) => fs.rm(file, options),
    readdir: ((folder: string) => this.#do('readdir', () => fs.readdir(folder))) as Disk['readdir'],
    stat: ((file: string) => fs.stat(file)) as Disk['stat'],
    mkdir: ((folder: string, options: { recursive: true }) => fs.mkdir(folder, options)) as Disk['mkdir'],
  };

  #wrap(handle: fs.FileHandle): Awaited<ReturnType<Disk['open']>> {
    return {
      write: async (bytes, offset, length, position) => {
        const fault = this.#faultOf('write');
        if (fault === 'short') {
          // The first part fits; the next call finds the disk full.
          this.failing.set('write', 'ENOSPC');
          const { bytesWritten } = await handle.write(bytes, offset, Math.ceil(length / 2), position);
          return { bytesWritten };
        }
        if (fault !== null) throw error(fault);
        return handle.write(bytes, offset, length, position);
      },
      datasync: () => this.#do('datasync', () => handle.datasync()),
      sync: () => this.#do('sync', () => handle.sync()),
      truncate: (length) => this.#do('truncate', () => handle.truncate(length)),
      close: () => handle.close(),
    };
  }

  async #do<T>(kind: string, work: () => Promise<T>): Promise<T> {
    const fault = this.#faultOf(kind);
    if (fault !== null) throw error(fault);
    return work();
  }

  #faultOf(kind: string): DiskFault | null {
    this.calls++;
    if (this.failAt === this.calls) return this.failWith;
    return this.failing.get(kind) ?? null;
  }
}

function error(fault: DiskFault): Error {
  const code = fault === 'short' ? 'ENOSPC' : fault;
  return Object.assign(new Error(`${code}: by the test`), { code });
}
