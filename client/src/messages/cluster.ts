import { common } from './common.ts';
import { counted, plural } from './index.ts';
import type { Headline } from '../../../shared/classroom/situation.ts';
import type { KeyService } from '../../../shared/systems/system.ts';

const NODES = { one: 'node', other: 'nodes' };

/** Words of the cluster picture. */
export const clusterWords = {
  title: 'The cluster',
  /** Spoken instead of the picture. */
  asText: 'The cluster as text',
  group: (name: string): string => (name === '' ? common.noGroup : common.group(name)),
  groupWithCount: (name: string, count: number): string =>
    `${clusterWords.group(name)}, ${counted(count, NODES)}`,
  role: (role: string): string => ROLES[role] ?? role,
  crashed: 'crashed',
  paused: 'paused',
  /** The student's real browser, not the simulated node. */
  away: 'student offline',
  isolated: 'cut off from everybody',
  conflict: (values: number): string => `holds ${values} conflicting values`,
  term: (term: number): string => `term ${term}`,
  bot: 'bot',
  neverHeard: 'never heard from',
  oldNews: 'not heard from lately',
  moveHint: 'Arrow keys go from node to node; Shift and an arrow key move a node to another group.',

  cut: 'CUT',
  links: (a: string, b: string): string => `Links between ${a} and ${b}`,
  linkStates: {
    up: 'up',
    cut: 'cut',
    'one-way-ab': 'one way',
    'one-way-ba': 'one way',
    partly: 'partly cut',
  },
  oneWay: (from: string, to: string): string => `messages get from ${from} to ${to} only`,
  oneWayShort: 'one way',
  openLinks: (open: number, links: number): string =>
    `${open} of ${counted(links, { one: 'link', other: 'links' })}`,
  slowBy: (ms: number): string => `+${ms} ms`,
  lossy: (perMillion: number): string => `${Number((perMillion / 10_000).toFixed(1))} % lost`,
  pressToCut: 'Press to cut; with Shift, one way only.',
  pressToHeal: 'Press to heal.',

  headline: {
    quorum: 'QUORUM',
    electing: 'ELECTING',
    'no-quorum': 'NO QUORUM',
    serving: 'SERVING',
    partly: 'PARTLY SERVING',
    down: 'DOWN',
    'split-brain': 'SPLIT BRAIN',
    healing: 'HEALING',
    conflicts: 'CONFLICTS',
  } satisfies Record<Headline, string>,

  keys: 'Keys',
  keyServices: {
    'read-write': 'reads and writes',
    read: 'reads only',
    write: 'writes only',
    none: 'no answer',
  } satisfies Record<KeyService, string>,
  moreKeys: (count: number): string => `and ${count} more`,

  legend: 'Messages',
  looks: {
    beat: 'heartbeat',
    vote: 'vote',
    data: 'data',
    answer: 'answer',
    client: 'client',
    reset: 'connection lost',
  },
  lost: 'lost',
  nodes: (count: number): string => plural(count, NODES),
} as const;

const ROLES: Readonly<Record<string, string | undefined>> = {
  'pre-candidate': 'candidate',
  looking: 'looking for a leader',
  client: 'no copy',
  rollback: 'rolling back',
  startup: 'starting up',
};
