import type { SideReport } from '../../../shared/classroom/situation.ts';
import type { OperationRecord, Result, Value } from '../../../shared/sim/operation.ts';
import { operationPhrase, operationWords, optionText, resultNotes } from './operations.ts';
import type { Arrangement, PairState } from '../state/console-groups.ts';
import type { Standing } from '../state/console-history.ts';

/** A stored value as people read it. */
export function valueText(value: Value | readonly Value[] | undefined): string {
  if (value === undefined || value === null) return '∅';
  if (typeof value === 'object') return value.length === 0 ? '(empty)' : value.map(valueText).join(', ');
  return String(value);
}

/** What an operation asked: `write colour = red`, `add cart + apples`. */
export function requestText({ kind, key, value, expected, to, options }: OperationRecord): string {
  const asked =
    options === null ? [] : Object.entries(options).map(([name, chosen]) => `${name} ${optionText(chosen)}`);
  const suffix = asked.length === 0 ? '' : ` (${asked.join(', ')})`;
  const phrase = operationPhrase({
    kind,
    key,
    value: value === null ? null : valueText(value),
    expected: expected === undefined || expected === null ? null : valueText(expected),
    to,
  });
  return `${phrase}${suffix}`;
}

/** What came back; empty where success says it all. */
export function resultText(result: Result | null): string {
  if (result === null) return '';
  return [valuesText(result), ...resultNotes(result)].filter((part) => part !== '').join('; ');
}

function valuesText({ value, values }: Result): string {
  if (values !== undefined && values.length > 1) {
    return `${values.length} siblings: ${values.map(valueText).join(' | ')}`;
  }
  if (value !== undefined) return valueText(value);
  return values?.[0] === undefined ? '' : valueText(values[0]);
}

export const feedWords = {
  title: 'Operations',
  none: 'No operation yet. Students write and read on their devices; you can too, at any node, under Node.',
  standing: { ok: 'ok', fail: 'failed', info: 'unknown', open: 'under way' } satisfies Record<
    Standing,
    string
  >,
  meaning: {
    ok: 'certainly done',
    fail: 'certainly not done',
    info: 'may have been done, or may still be',
    open: 'no answer yet',
  } satisfies Record<Standing, string>,
  at: 'At',
  node: 'Node',
  asked: 'Asked',
  outcome: 'Outcome',
  answer: 'Answer',
  latency: 'Latency',
  totals: 'Totals',
  sinceSides: (time: string): string => `since the sides last changed, at ${time}`,
  sinceStart: 'since the beginning',
} as const;

export const rosterWords = {
  title: 'People',
  columns: { seat: 'Seat', node: 'Node', name: 'Name', group: 'Group', last: 'Last operation' },
  here: 'here',
  away: (time: string): string => `away ${time}`,
  awayText: 'Their browser lost the server. This is real, not a simulated cut.',
  bot: 'bot',
  disagrees: 'differs',
  disagreesText:
    'The node in this student’s browser computed another state than the server. It is sent anew.',
  down: 'crashed',
  paused: 'paused',
  leads: 'leads',
  menu: (who: string): string => `Actions for ${who}`,
  inspect: 'Show node',
  rename: 'Rename',
  renameLabel: 'New name',
  renameButton: 'Save',
  move: 'Move to',
  remove: 'Remove',
  removeText: 'A bot takes the seat. The student may join again.',
  block: 'Block',
  blockText: 'As Remove, and this browser cannot join again.',
  removed: (who: string): string =>
    `${who} was removed. They can join again; the seat is a bot’s until then.`,
  blocked: (who: string): string => `${who} was blocked. This browser cannot join again.`,
  renameBack: 'Undo',
  renamed: (name: string): string => `Renamed to ${name}.`,
  counter: (here: number, seats: number): string => `${here} of ${seats} here`,
  filter: 'Find a person or node',
  noMatch: 'Nobody matches.',
  cancel: 'Cancel',
} as const;

export const groupWords = {
  title: 'Groups',
  arrange: 'Quick arrange',
  arrangements: {
    whole: 'All together',
    halves: 'Two halves',
    majority: 'Majority and minority',
    thirds: 'Three sides',
  } satisfies Record<Arrangement, string>,
  create: 'New group',
  name: 'Name',
  createButton: 'Create',
  taken: (name: string): string => `There is a group ${name} already.`,
  count: (count: number): string => (count === 1 ? '1 node' : `${count} nodes`),
  empty: 'empty: put a node in …',
  putInto: (name: string): string => `Put a node into group ${name}`,
  putAway: 'Put away',
  putAwayNamed: (name: string): string => `Put away group ${name}`,
  hint: 'Drag a node in the picture from group to group. By keyboard: choose it, then Shift and an arrow key, or “Move to” under Node.',
  links: 'Links between groups',
  pair: {
    up: 'up',
    cut: 'cut',
    there: 'one way cut →',
    back: 'one way cut ←',
    partly: 'partly cut',
  } satisfies Record<PairState, string>,
  cut: 'Cut',
  heal: 'Heal',
  cutNamed: (a: string, b: string): string => `Cut ${a} from ${b}`,
  healNamed: (a: string, b: string): string => `Heal ${a} and ${b}`,
} as const;

export const nodeWords = {
  title: 'Node',
  truth: 'As it truly is: only you see this.',
  none: 'Choose a node: click it in the picture, or pick one here.',
  choose: 'Node',
  role: 'Role',
  term: 'Term',
  state: 'State',
  up: 'running',
  down: 'crashed',
  paused: 'paused',
  group: 'Group',
  seat: 'Seat',
  takesForLeader: 'Takes for leader',
  nobody: 'nobody',
  clock: 'Clock',
  exact: 'exact',
  data: 'Data here',
  noData: 'Nothing stored here.',
  key: 'Key',
  from: 'From',
  to: 'To',
  value: 'Value',
  expected: 'Expected',
  version: 'Version',
  siblings: (count: number): string => `${count} siblings`,
  facts: 'Inner state',
  agrees: 'Browser agrees',
  agreesYes: 'yes',
  agreesNo: 'no: it is sent anew',
  agreesUnknown: 'has not said yet',
  knows: 'What this node can know',
  knowsText:
    'Its data, its role, who answered it. Never who is cut off from whom: that is only in this console.',
  reach: 'Can exchange messages with',
  reachNobody: 'nobody',
  reachAll: 'all others',
  operate: 'Run an operation here',
  kind: 'Operation',
  kinds: operationWords,
  run: (kind: string): string => kind,
  faults: 'Faults of this node',
  moveTo: 'Move to group',
  move: 'Move',
  close: 'Close',
} as const;

/** How long somebody has been away: `0:20`. */
export function absence(ms: number): string {
  const total = Math.floor(ms / 1000);
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`;
}

/** A side by the groups on it, or by its nodes where a group is on several sides. */
export function sideNameOf({ nodes, groups }: SideReport): string {
  return nodes.length === 1 ? (nodes[0] ?? '') : groups.join(' + ');
}

export const situationWords = {
  title: 'The situation',
  nodes: (count: number): string => (count === 1 ? '1 node' : `${count} nodes`),
  leads: (node: string): string => `${node} leads`,
  more: (count: number): string => `and ${count} more sides`,
} as const;
