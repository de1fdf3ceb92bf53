import { clockTime, counted } from './index.ts';

/** Words for sending everybody to a moment. */
export const momentWords = {
  title: 'Moments',
  text: 'Send everybody’s screen to a moment: the class is held, students see their own node as it was, the projector shows the whole cluster.',
  over: 'The class has ended: moments reach the projector only. Students’ pages are closed and offer the replay of their own node.',
  none: 'Nothing has turned yet.',
  show: 'Show all',
  showNamed: (at: number, text: string): string => `Show everybody ${clockTime(at)}: ${text}`,
  showWall: 'Show',
  showWallNamed: (at: number, text: string): string => `Show on the projector ${clockTime(at)}: ${text}`,
  backShort: 'Back',
  back: 'Back to now',
  backToEnd: 'Back to the end',
  wallShows: (at: string): string => `The projector shows ${at}.`,
  everybodySees: (at: string): string => `Everybody looks at ${at}.`,
  yourNodeAt: (at: string): string => `Your node at ${at}`,
  yourNodeText: 'This is what it knew then. Your instructor shows everybody this moment.',
  wallAt: (at: string): string => `As it was at ${at}`,
} as const;

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
