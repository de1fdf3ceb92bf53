import type { Consistency } from '../../../shared/checker/check.ts';
import type { Kept } from '../../../shared/checker/scorecard.ts';
import type { Mishap, Verdict } from '../judge/judge.ts';
import { clockTime, counted, duration } from './index.ts';

const OPERATIONS = { one: 'operation', other: 'operations' };
const MESSAGES = { one: 'message', other: 'messages' };
const KEYS = { one: 'key', other: 'keys' };

const CONSISTENCY_NAMES: Readonly<Record<Consistency, string>> = {
  linearizable: 'Linearizable',
  sequential: 'Sequential',
  'causal-convergence': 'Causal convergence',
  causal: 'Causal',
  'read-your-writes': 'Read your writes',
  'monotonic-reads': 'Monotonic reads',
  'monotonic-writes': 'Monotonic writes',
  'writes-follow-reads': 'Writes follow reads',
  'bounded-staleness': 'Bounded staleness',
  eventual: 'Eventual',
};

function modelsOf(verdicts: readonly Verdict[]): string {
  return verdicts.map(({ consistency }) => CONSISTENCY_NAMES[consistency]).join(', ');
}

/** Words of the judge: verdicts, scorecard, what-if, report. */
export const judgeWords = {
  title: 'Judge',
  working: (percent: number): string => `The judge is at work: ${percent} %`,
  failed: (why: string): string => `This run cannot be judged: ${why}.`,
  waiting: 'Nothing has been asked yet.',

  verdicts: 'Verdicts',
  verdict: {
    ok: 'holds',
    violated: 'broken',
    unknown: 'undecided',
    vacuous: 'not tested',
  } satisfies Record<Verdict['verdict'], string>,
  brokenAt: (at: number): string => `since ${clockTime(at)}`,
  holdsSoFar: 'holds so far',
  brokenLater: (at: number): string => `(broken at ${clockTime(at)})`,
  untestedFor: (reason: string): string => `Not tested: ${reason}.`,
  /** All models that are undecided, in a line. */
  notDecided: (open: readonly Verdict[]): string => `Not decided: ${modelsOf(open)}`,
  openFor: (reason: string, open: readonly Verdict[]): string =>
    `${modelsOf(open.filter((verdict) => verdict.reason === reason))}: ${reason}.`,
  consistencies: CONSISTENCY_NAMES,
  meanings: {
    linearizable:
      'Everything looks as if it had happened on one machine, at one instant between question and answer.',
    sequential: 'One order explains all answers, and each person’s own order is part of it.',
    'causal-convergence': 'As causal, and everybody orders concurrent writes alike.',
    causal: 'Nobody sees an effect before its cause.',
    'read-your-writes': 'Nobody reads anything older than their own last write.',
    'monotonic-reads': 'Nobody reads anything older than what they have read before.',
    'monotonic-writes': 'Each person’s writes take effect in their order.',
    'writes-follow-reads': 'A write comes after what its writer had read.',
    'bounded-staleness':
      'No read is further behind than the window that was promised, or 5 s where none was.',
    eventual: 'When nobody writes any more, all replicas come to agree.',
  } satisfies Record<Consistency, string>,
  span: (from: number, until: number | null): string =>
    `${(from / 1000).toFixed(2)} – ${until === null ? '…' : `${(until / 1000).toFixed(2)} s`}`,
  witness: 'The operations that show it',
  untested: (keys: readonly { readonly why: string }[]): string =>
    keys.length > 6
      ? `Not judged: ${counted(keys.length, KEYS)}. ${keys[0]?.why ?? ''}`
      : `Not judged: ${keys.map(({ why }) => why).join(' ')}`,

  mishaps: 'What went wrong',
  noMishaps: 'Nothing that has a name went wrong.',
  mishap: {
    'stale read': 'Stale read',
    'lost acknowledged write': 'Acknowledged write lost',
    'lost update': 'Lost update',
    'dirty read': 'Dirty read',
    'double spend': 'Double spend',
    'oversold stock': 'Oversold',
    'two lock holders': 'Two lock holders',
    'double booking': 'Booked twice',
    'done twice': 'Done twice',
    'money made or lost': 'Money made or lost',
    'resurrected delete': 'Deleted, and back',
    'diverged replicas': 'Replicas disagree',
    'concurrent values': 'Several values at once',
  } satisfies Record<Mishap['kind'], string>,

  scorecard: 'Scorecard',
  bySide: 'By side',
  byGroup: 'By group',
  everybody: 'Everybody',
  columns: {
    who: 'Who',
    lasted: 'Lasted',
    ok: 'ok',
    fail: 'refused',
    info: 'unknown',
    open: 'open',
    availability: 'Available',
    median: 'Median',
    p99: '99 %',
    stale: 'Stale',
    lost: 'Lost',
  },
  notTested: 'not tested',
  share: (share: number | null): string =>
    share === null ? 'not tested' : `${Math.floor(share * 1000) / 10} %`,
  latency: (ms: number | null): string => (ms === null ? '–' : duration(ms)),
  outcomesChart: 'How operations ended',
  timeChart: 'Keys on which replicas differ, over time',
  timeTable: 'The same as a table',
  at: 'At',
  keys: 'Keys that differ',
  withoutQuorum: 'No side could write',
  splitBrain: 'More than one side could write',
  longestDivergence: 'Replicas differed at most for',
  conflicts: 'Conflicts',
  conflictsText: (opened: number, merged: number): string => `${opened} opened, ${merged} merged`,
  times: (ms: number, count: number): string => (count === 0 ? 'never' : `${duration(ms)}, ${count}×`),

  seenSince: (at: number): string =>
    `Sides are counted since ${clockTime(at)}: this page did not see what was before.`,
  recollect: 'Count from the beginning',
  recollecting: (percent: number): string => `What was before this page came is worked out: ${percent} %`,
  askAll: 'Ask all models now',
  asOf: (at: number | null): string =>
    at === null
      ? 'The weaker models are asked when you want it.'
      : `The weaker models were asked at ${clockTime(at)}.`,

  objectives: 'Promised beforehand',
  availabilityAim: 'Operations that succeed, at least (%)',
  windowAim: 'A read is behind by at most (ms)',
  kept: {
    kept: 'kept',
    broken: 'broken',
    'not tested': 'not tested',
    unknown: 'undecided',
  } satisfies Record<Kept, string>,

  whatIf: 'What if …',
  differentFrom: 'Different from',
  theBeginning: 'the beginning',
  fromTheBeginning: 'From the beginning',
  fromHere: (at: number): string => `From here: ${clockTime(at)}`,
  turningPoint: 'Or from a turning point',
  endsThen: (text: string): string => `${text}: it ends then`,
  replaces:
    'At that moment a new cluster takes over. It has everything that was acknowledged, the same cuts, and the same nodes down; operations without an answer stay without one.',
  oneUntil: (at: number): string => `Until ${clockTime(at)} both are one run.`,
  handedOver: (system: string, carried: number, missed: number): string =>
    `${system} took over with ${counted(carried, OPERATIONS)} that had been acknowledged${missed === 0 ? '' : `; ${missed} it could not repeat`}.`,
  system: 'System',
  asRecorded: (title: string): string => `${title}, as recorded`,
  knobs: 'Settings',
  faults: 'Leave out',
  faultTime: (text: string): string => `${text}: when, in seconds`,
  run: 'Run it again',
  original: 'As it was',
  changedRun: (system: string): string => `What if: ${system}`,
  same: 'The two runs are identical, event by event.',
  differs: (at: number): string => `They differ from ${clockTime(at)} on:`,
  was: 'As it was:',
  now: 'What if:',
  nothing: 'nothing happened',
  skipped: (count: number): string =>
    `${counted(count, OPERATIONS)} or commands could not be done in this run:`,
  save: 'Save this run as a recording',
  compare: 'Compare systems',
  compareText: 'The same people ask the same things under every system.',
  stop: 'Stop',
  cannot: 'cannot run',
  linearizable: 'Linearizable',
  skippedShort: 'Skipped',

  reveal: (node: string): string => `What became of what ${node} asked`,
  revealNone: (node: string): string => `${node} asked nothing.`,
  fates: {
    lost: 'lost',
    stale: 'stale',
    refused: 'refused',
    unknown: 'unknown',
    ok: 'as it seemed',
    open: 'never answered',
  },
  fateWhy: {
    lost: 'You were told that it was written. At the end no replica has it, nor anything newer.',
    stale: 'It had been overwritten before you asked.',
    unknown: 'Nobody told you whether it happened.',
    open: 'The run ended before an answer came.',
  },
  believed: 'It told you',
  truth: 'The truth',

  files: 'Take it along',
  report: 'Report (HTML)',
  preparing: 'Preparing the report …',
  withoutReplay: 'The report was saved without the replay: this server has none to enclose.',
  openReplay: 'Open the replay',
  backToReport: '← Back to the report',
  keyMinutes: 'Key minutes',
  figure: (from: number, until: number, count: number): string =>
    `${clockTime(from)} to ${clockTime(until)}: ${counted(count, MESSAGES)} between the nodes`,
  csv: 'Operations (CSV)',
  withNames: 'With people’s names',
  reportTitle: (system: string): string => `A class with ${system}`,
  consistency: 'Model',
  verdictColumn: 'Verdict',
  why: 'Why',
  moments: 'Moments',
  operations: 'Operations',
  reportColumns: ['At', 'Node', 'Person', 'Operation', 'Outcome', 'Took (ms)', 'Mark'],
  reportFooter:
    'Times are virtual: they are those of the simulated cluster. Verdicts come from checking what happened, never from the name of a system.',
} as const;
