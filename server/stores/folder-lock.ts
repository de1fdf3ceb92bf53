import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { StoreError } from './store.ts';

/**
 * Keeps a second process out of a folder: two that append to the same recordings would tear both. The lock
 * names its holder by process number and start, since a machine gives a number again.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = path.resolve(folder, 'lock');
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await fs.writeFile(file, mine, { flag: 'wx' });
      // Two that found the same stale lock could both have removed it: the last to write holds it.
      if ((await fs.readFile(file, 'utf8')) === mine) {
        heldHere.add(file);
        return () => unlock(file, mine);
      }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (holder !== null && (await isHeld(file, holder))) {
      throw new StoreError(
        'broken',
        `DATA_DIR: process ${holder.pid} already uses ${folder}. Stop it, or name another folder.`,
      );
    }
    await fs.rm(file, { force: true });
  }
  throw new StoreError('broken', `DATA_DIR: ${file} cannot be made. Is another server starting?`);
}

const Holder = v.object({ pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), started: v.string() });
type Holder = v.InferOutput<typeof Holder>;

async function readHolder(file: string): Promise<Holder | null> {
  try {
    const result = v.safeParse(Holder, JSON.parse(await fs.readFile(file, 'utf8')));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

async function isHeld(file: string, holder: Holder): Promise<boolean> {
  // In a container the server is process 1 every time: a lock of our own number is from before, or ours.
  if (holder.pid === process.pid) return heldHere.has(file);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') return false;
  }
  const started = await startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** The locks that this process holds: a test opens several stores in one process. */
const heldHere = new Set<string>();

/** When a process began, in ticks since the machine did; empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function unlock(file: string, mine: string): Promise<void> {
  const content = await fs.readFile(file, 'utf8').catch(() => '');
  if (content === mine) await fs.rm(file, { force: true });
  heldHere.delete(file);
}
