import { counted } from './index.ts';

/** Words of the moments that a replay finds by itself. */
export const turningWords = {
  noQuorum: (who: string, why: string): string => `${who}: no quorum. ${why}`,
  split: (why: string): string => `Split brain: ${why}`,
  diverged: (keys: number): string =>
    keys === 0
      ? 'Some keys hold concurrent values from here on'
      : `Replicas differ in ${counted(keys, { one: 'key', other: 'keys' })} from here on`,
  converged: 'All replicas agree again',
  refused: (node: string, what: string, error: string): string => `First refusal: ${node}, ${what}: ${error}`,
} as const;
