import type { Entry } from './command.ts';

/** A run is looked at this often at least, and oftener never than so many times. Virtual milliseconds. */
const EVERY_MIN = 100;
const LOOKS_MAX = 2000;

/** The times at which a run is looked at: at intervals, and whenever somebody did something to the cluster. */
export function looksAt(entries: readonly Entry[], end: number): number[] {
  const every = Math.max(EVERY_MIN, Math.ceil(end / LOOKS_MAX));
  const times = new Set([0, end]);
  for (let at = every; at < end; at += every) times.add(at);
  for (const { at, command } of entries) if (command.kind !== 'operate' && at <= end) times.add(at);
  return [...times].sort((a, b) => a - b);
}
