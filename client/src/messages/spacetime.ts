import type { LossCause } from '../../../shared/sim/timeline.ts';
import type { MarkName } from '../../../shared/sim/protocol.ts';
import type { Heap } from '../spacetime/heaps.ts';
import { clusterWords } from './cluster.ts';
import { counted, LOCALE } from './index.ts';

const MESSAGES = { one: 'message', other: 'messages' };
const EVENTS = { one: 'event', other: 'events' };
const milliseconds = new Intl.NumberFormat(LOCALE, { minimumIntegerDigits: 3 });

/** Words of the space-time diagram. */
export const spacetimeWords = {
  views: 'View',
  cluster: 'Cluster',
  diagram: 'Diagram',
  title: 'Space-time diagram',
  roleDescription: 'space-time diagram',
  help: 'Arrow keys go from event to event and from line to line; + and − zoom, Shift with ← and → moves, Enter goes there, P shows past and future, F follows the operation, T shows the table, 0 shows the whole run, Escape lets go.',

  controls: 'Diagram',
  lines: 'Lines',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  earlier: 'Earlier',
  later: 'Later',
  all: 'Whole run',
  follow: 'Follow',
  live: 'Live',
  lookingBack: 'Looking back. The class goes on.',
  followAgain: 'Follow again',
  keptSince: (since: string): string => `Kept since ${since}; the oldest is let go when there is too much.`,
  notYet: 'The diagram begins as soon as this page has caught up with the class.',
  table: 'Table',
  search: 'Search',
  searchHint: 'message or key',
  previous: 'Previous find',
  next: 'Next find',
  found: (count: number): string => (count === 0 ? 'nothing found here' : `${count} found`),
  foundMany: (count: number): string => `${count}+ found`,

  collapse: (group: string): string => `Draw ${group} as one line`,
  expand: (group: string): string => `Draw each node of ${group}`,
  hide: (name: string): string => `Hide ${name}`,
  show: (name: string): string => `Show ${name}`,
  hidden: 'Hidden:',
  showAll: 'Show all',

  reading: 'Working out this part of the run …',
  failed: (why: string): string => `This part of the run cannot be shown: ${why}.`,
  overfull: 'Too much happens in so long a time: zoom in to see all of it.',
  heaped: (all: number, scale: number, slotMs: number): string =>
    `${counted(all, MESSAGES)}. Where they are dense, bars count them: a full one is ${scale.toLocaleString(LOCALE)} in ${length(slotMs)}. Zoom in for arrows.`,
  heap: (name: string, { from, until, counts }: Heap): string =>
    `${name}, ${exactTime(from)} to ${exactTime(until)}: ${counts.map(({ kind, count }) => `${count.toLocaleString(LOCALE)} ${kind === 'lost' ? 'sent and lost' : `arrived: ${clusterWords.looks[kind]}`}`).join(', ')}`,
  shown: (all: number, from: string, until: string): string =>
    `${counted(all, MESSAGES)}, ${from} to ${until}`,
  nothingChosen: 'Choose an arrow, a sign or a bar to read it and to see what led to it.',

  goThere: 'Go there',
  cone: 'Past and future',
  followOperation: 'Follow operation',
  letGo: 'Let go',
  close: 'Close',

  sent: (from: string, to: string, text: string): string => `${from} → ${to}: ${text}`,
  took: (sent: string, arrived: string, ms: number): string => `sent ${sent}, arrived ${arrived}, ${ms} ms`,
  underWay: (sent: string, due: string): string => `sent ${sent}, due ${due}`,
  lostAt: (sent: string, at: string, cause: LossCause): string =>
    `sent ${sent}, lost ${at === sent ? 'at once' : at}: ${LOSSES[cause]}`,
  ofOperation: (text: string): string => `for ${text}`,
  sends: (to: string, text: string): string => `sends ${to}: ${text}`,
  takes: (from: string, text: string): string => `takes from ${from}: ${text}`,
  loses: (to: string, text: string, cause: LossCause): string => `to ${to}, lost (${LOSSES[cause]}): ${text}`,
  asks: (text: string): string => `asks: ${text}`,
  ends: (text: string, outcome: string): string => `${text}: ${outcome}`,
  open: 'no answer yet',
  everybody: 'all',
  mark: (name: MarkName): string => MARKS[name],

  down: 'down',
  paused: 'paused',
  inPast: 'can have led to it',
  inFuture: 'can follow from it',

  tableCaption: (from: string, until: string): string => `What happened from ${from} to ${until}`,
  columns: { at: 'At', node: 'Node', what: 'What happened' },
  tableCut: (shown: number, all: number): string =>
    `The first ${shown} of ${counted(all, EVENTS)}: zoom in for the rest.`,
  noEvents: 'Nothing happened in this time.',

  legend: 'Signs',
  signs: {
    leader: 'leads',
    role: 'role',
    commit: 'commit',
    conflict: 'conflict',
    merge: 'merge',
    'given-up': 'given up',
    note: 'note',
    person: 'by a person',
  },
  bars: { ok: 'ok', fail: 'fail', info: 'unknown' },
  lost: 'lost',
} as const;

/** A time to the millisecond: `0:07.412`. */
export function exactTime(ms: number): string {
  const whole = Math.round(ms);
  const seconds = Math.floor(whole / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}.${milliseconds.format(whole % 1000)}`;
}

/** A length of time as short as it can be said: `25 ms`, `1.6 s`. */
function length(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A label of the line of time, as exact as the labels are close. */
export function tickTime(ms: number, apart: number): string {
  const exact = exactTime(ms);
  return apart >= 1000 ? exact.slice(0, -4) : apart >= 100 ? exact.slice(0, -2) : exact;
}

const LOSSES: Readonly<Record<LossCause, string>> = {
  cut: 'the link is cut',
  loss: 'the link loses messages',
  down: 'nobody is there',
  overflow: 'the paused node’s inbox is full',
};

const MARKS: Readonly<Record<MarkName, string>> = {
  leader: 'leader',
  role: 'role',
  members: 'members',
  halt: 'gives up',
  commit: 'commit',
  truncate: 'drops entries',
  rollback: 'discards acknowledged writes',
  conflict: 'conflict',
  merge: 'merge',
  hint: 'hint',
  handoff: 'hand-off',
  repair: 'repair',
  suspect: 'suspects',
  trust: 'trusts',
  failover: 'failover',
  lease: 'lease',
  expire: 'expired',
  prepare: 'prepared',
  abort: 'aborted',
};
