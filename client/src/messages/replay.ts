import type { Command, Promised } from '../../../shared/recording/command.ts';
import type { Damage } from '../../../shared/recording/read.ts';
import type { Side } from '../../../shared/sim/command.ts';
import type { OperationRecord, Value } from '../../../shared/sim/operation.ts';
import { driftText, howText, shapeWords } from './console-faults.ts';
import { clockTime, counted } from './index.ts';

const ENTRIES = { one: 'entry', other: 'entries' };

/** Words of the replay and of the list of recordings. */
export const replayWords = {
  title: 'Replay',
  pageTitle: (id: string): string => `Replay ${id} · Quorum Call`,
  loading: 'Loading the recording …',
  notFound: 'There is no recording with this name on this server.',
  unreachable: 'The recording could not be loaded. Check your connection, then try again.',
  tooNew: (why: string): string => `This recording cannot be played here: ${why}.`,

  dropTitle: 'Open a recording',
  dropText: 'Drop a recording file here, or choose one. It is opened in this browser and sent nowhere.',
  choose: 'Choose a file',
  otherFile: 'Open another file',

  damageTitle: 'This recording is damaged',
  damage: (damage: Damage): string => `Line ${damage.line}: ${damage.message}.`,
  torn: 'The file ends in the middle of a line, as when a machine stops while writing. Everything before it is whole.',
  playable: (entries: number, end: number): string =>
    `${counted(entries, ENTRIES)} before it, up to ${clockTime(end)}, can be played.`,
  unplayable: 'Nothing of it can be played.',
  disagrees: (at: number): string =>
    `From ${clockTime(at)} on, this replay is not what happened: its digest differs from the recorded one.`,
  checking: (percent: number): string => `Checking the run: ${percent} %`,
  checked: 'Every recorded digest agrees.',

  controls: 'Playing',
  play: 'Play',
  pause: 'Pause',
  start: 'To the start',
  end: 'To the end',
  back: 'One frame back',
  frame: 'One frame on',
  event: 'Next event',
  speed: 'Speed',
  speedOf: (pace: number): string => (pace >= 1 ? `${pace}×` : `1/${Math.round(1 / pace)}`),
  position: 'Moment',
  positionText: (at: number, end: number): string => `${clockTime(at)} of ${clockTime(end)}`,
  keys: 'Space plays and pauses, ← and → go by a second, . goes to the next event, Home and End to the ends.',

  seenBy: 'As seen by',
  truth: 'everybody: the truth',
  knows: (node: string): string => `What ${node} knows`,
  beside: 'Show the truth beside it',
  down: 'This node is down. It knows nothing.',
  role: 'Role',
  term: 'Term',
  believes: 'Takes for leader',
  nobody: 'nobody',
  heardFrom: 'Heard from',
  ago: (ms: number): string => (ms < 1000 ? `${ms} ms ago` : `${(ms / 1000).toFixed(1)} s ago`),
  silentFor: (ms: number): string => `not in the last ${(ms / 1000).toFixed(1)} s`,
  data: 'Data',
  noData: 'no data',
  version: 'version',

  events: 'Events',
  noEvents: 'Nothing has happened in this recording.',
  operations: 'Operations',
  noOperations: 'No operation so far.',
  ofNode: (node: string): string => `Operations of ${node}`,
  columns: { at: 'At', node: 'Node', what: 'Operation', outcome: 'Outcome', took: 'Took' },
  underWay: 'under way',
  outcomes: { ok: 'ok', fail: 'fail', info: 'unknown' },

  recordings: 'Recordings',
  none: 'There is no recording on this server yet.',
  listFailed: 'The list could not be loaded.',
  open: 'Replay',
  download: 'Download',
  remove: 'Delete',
  removeNamed: (id: string): string => `Delete ${id}`,
  removeAsk: (id: string): string => `Delete ${id} for good?`,
  removed: (id: string): string => `${id} was deleted.`,
  removeRefused: 'It was not deleted: this needs the instructor’s key of that classroom in this browser.',
  live: 'still being written',
  size: (bytes: number): string =>
    bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`,
  nodes: (count: number): string => counted(count, { one: 'node', other: 'nodes' }),
} as const;

/** A command in a few words: `A and B are cut`. */
export function describeCommand(command: Command): string {
  switch (command.kind) {
    case 'operate':
      return `${command.node} asks: ${command.operation.kind} ${command.operation.key}`;
    case 'cut':
      return `Cut ${sides(command.from, command.to, command.oneWay)}${howText(command)}`;
    case 'shape':
      return `Cut into ${shapeWords[command.shape].name}${howText(command)}`;
    case 'sever':
      return `Cut ${command.pairs.map((pair) => pair.join(' → ')).join(', ')}${howText(command)}`;
    case 'heal':
      if (command.between === null) return 'Everything healed';
      return `Healed ${sides(command.between.from, command.between.to, command.between.oneWay)}`;
    case 'undo':
      return `Fault ${command.fault} undone`;
    case 'isolate':
      return `Isolated ${command.node}`;
    case 'link':
      return `Links changed: ${sides(command.from, command.to, command.oneWay)}`;
    case 'crash':
      return `Crashed ${command.node}${command.disk === 'lost' ? ', disk lost' : ''}`;
    case 'restart':
      return `Restarted ${command.node}`;
    case 'pause':
      return `Paused ${command.node}`;
    case 'resume':
      return `Resumed ${command.node}`;
    case 'skew':
      return `Clock of ${command.node} set off by ${command.offset} ms${driftText(command.drift)}`;
    case 'jump':
      return `Clock of ${command.node} jumped by ${command.by} ms`;
    case 'group':
      return `Group ${command.name}: ${command.nodes.join(' ')}`;
    case 'move':
      return `${command.node} moved to ${command.group}`;
    case 'seat':
      return command.by === 'bot' ? `A bot takes ${command.node}` : `A student takes ${command.node}`;
    case 'presence':
      return command.is === 'away'
        ? `Student at ${command.node} offline (real)`
        : `Student at ${command.node} back`;
    case 'hold':
      return command.held ? 'Everybody held' : 'Everybody goes on';
    case 'pace':
      return `Pace ${replayWords.speedOf(command.perMille / 1000)}`;
    case 'policy':
      return `Lost browsers: ${command.onLoss}`;
    case 'lock':
      return command.locked ? 'Classroom locked' : 'Classroom unlocked';
    case 'promise':
      return promiseText(command);
    case 'horizon':
      return 'Shown so far';
    case 'end':
      return 'Class over';
  }
}

function promiseText({ availabilityPerMille, window }: Promised): string {
  const parts = [
    availabilityPerMille === null ? [] : [`${availabilityPerMille / 10} % of operations succeed`],
    window === null ? [] : [`no read is more than ${window} ms behind`],
  ].flat();
  return parts.length === 0 ? 'Nothing is promised' : `Promised: ${parts.join(', ')}`;
}

/** What an operation asks, in its own words: `write colour = red`. */
export function describeOperation(operation: OperationRecord): string {
  const value =
    operation.value === null ? '' : ` ${operation.kind === 'write' ? '= ' : ''}${String(operation.value)}`;
  return `${operation.kind} ${operation.key}${value}`;
}

/** How it ended: the result, or the literal error of the real client. */
export function describeOutcome(operation: OperationRecord): string {
  if (operation.returned === null) return replayWords.underWay;
  if (operation.error !== null) return operation.error;
  const { result } = operation;
  if (result?.values !== undefined) return result.values.map(text).join(' | ');
  return result?.value === undefined ? '' : text(result.value);
}

/** A stored value: a set as its items. */
export function text(value: Value | readonly Value[]): string {
  if (typeof value === 'object' && value !== null) return `{${value.join(', ')}}`;
  return value === null ? '∅' : String(value);
}

function sides(from: Side, to: Side, oneWay: boolean): string {
  return `${side(from)} ${oneWay ? '→' : '↔'} ${side(to)}`;
}

function side(which: Side): string {
  if ('group' in which) return which.group;
  return which.nodes.length <= 4 ? which.nodes.join(' ') : `${which.nodes.length} nodes`;
}
