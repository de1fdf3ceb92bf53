import type {
  OperationKind,
  OperationRecord,
  OperationRequest,
  OptionValue,
  Result,
  Value,
} from '../../../shared/sim/operation.ts';
import { counted, duration } from './index.ts';
import { operationPhrase, operationWords, optionText, resultNotes } from './operations.ts';

/** The student's own node. What happens in the exercise is said in the exercise's words. */
export const student = {
  title: (node: string, product: string) => `${node} · ${product}`,
  yourNode: 'Your node',
  term: 'Term',
  menu: 'Menu',
  menuTitle: 'Your place',

  /** What the node can say of its own situation: nothing here tells who is cut off from whom. */
  standing: {
    leads: (answered: number, others: number) =>
      `You decide for everybody. ${answered} of ${others} others answered in the last second.`,
    leadsAlone: (others: number) =>
      `You believe you decide for everybody, but none of ${others} others answered in the last second.`,
    follows: (leader: string, age: string) => `You follow ${leader}, heard ${age} ago.`,
    followsSilent: (leader: string, age: string) =>
      `You follow ${leader}, but it has been silent for ${age}.`,
    asking: 'You hear no leader, and ask whether you could become one.',
    standing: 'You stand for election: a majority has to vote for you.',
    owns: 'You are master of a part of the keys: what is written there goes through you.',
    arbitrates: 'You vote, and hold no data.',
    rollsBack: 'You take back writes that the others do not have.',
    startsUp: 'You fetch what the others have before you take part.',
    isSpare: 'You are no member of the cluster: it decides without you until you join.',
    asksOthers: 'You hold no copy: you ask the nodes that do.',
    leaderless: 'You know of no leader. Writes have to wait.',
    down: 'Your node is switched off. Others may take it for slow, or for cut off: they cannot tell.',
    paused: 'Your node stands still. What others send it waits.',
    alike: 'All nodes are alike: nobody leads, everybody accepts.',
    conflicts: (count: number) =>
      `${counted(count, { one: 'key holds', other: 'keys hold' })} more than one value. Read and merge.`,
  },

  data: 'What your node holds',
  dataEmpty: 'Nothing yet.',
  dataElsewhere: 'Other nodes may hold keys that yours does not.',
  siblings: (count: number) => `${count} values at the same time`,
  siblingsText: 'They were written without knowing of each other. Somebody has to decide.',
  lastRead: 'from your last read',
  merge: 'Merge',
  mergeTitle: (key: string) => `Merge ${key}`,
  mergeText: 'Your node reads the key once more, so that it has seen every value, and then writes yours.',
  mergeChoose: 'Keep this one',
  mergeUnion: 'Keep all of them',
  mergeEdit: 'Or write something new',
  mergeItems: 'What stays in the cart',
  mergeWrite: 'Write the merged value',
  mergeRuns: 'Merging…',
  mergeFailed: 'Not merged: the operation did not come back ok. See your operations.',
  merged: (key: string) => `${key} is merged.`,

  peers: 'Whom your node hears',
  peersHeard: (heard: number, all: number) => `${heard} of ${all} in the last 2 s`,
  heard: (age: string) => `heard ${age} ago`,
  silent: (age: string) => `silent ${age}`,
  never: 'not heard yet',
  peersMore: (count: number) => `and ${counted(count, { one: 'more', other: 'more' })}`,
  leaderMark: 'leader',

  traffic: 'Messages',
  trafficEmpty: 'Nothing has come or gone yet.',
  ways: { in: 'from', out: 'to', moment: 'your node' },
  peersNamed: (peers: readonly string[]) =>
    peers.length <= 3 ? peers.join(', ') : counted(peers.length, { one: 'node', other: 'nodes' }),
  times: (count: number) => `×${count}`,

  operate: 'Do something',
  key: 'Key',
  otherKey: 'Another key…',
  newKey: 'Name of the key',
  value: 'Value',
  otherValue: 'other',
  item: 'Item',
  from: 'from',
  to: 'to',
  options: 'Options',
  option: (name: string, value: OptionValue) => `${name} ${optionText(value)}`,
  kinds: operationWords,
  needsValue: 'Choose or type a value first.',
  needsNumber: 'This has to be a whole number.',
  needsKey: 'A key begins with a letter or digit and has at most 48 characters.',

  history: 'Your operations',
  earlier: (count: number) => `${counted(count, { one: 'earlier one', other: 'earlier ones' })}`,
  historyEmpty: 'What you ask of your node appears here, with how it ended.',
  request: ({ kind, key, value, expected, to }: OperationRequest | OperationRecord) =>
    operationPhrase({
      kind,
      key,
      value: value === undefined || value === null ? null : showValue(value),
      expected: expected === undefined || expected === null ? null : showValue(expected),
      to,
    }),
  outcomes: {
    sending: { word: 'sending', text: 'On its way to the classroom.' },
    pending: { word: 'waiting', text: 'Your node has not finished this yet.' },
    ok: { word: 'ok', text: 'It certainly happened.' },
    fail: { word: 'fail', text: 'It certainly did not happen.' },
    info: { word: 'info', text: 'Unknown: it may have happened, may still happen, or never will.' },
    refused: { word: 'not sent', text: 'The classroom did not take it. Nothing happened.' },
  },
  took: (ms: number) => `took ${duration(ms)}`,
  waits: (ms: number) => `for ${duration(ms)}`,
  /** What came back beside the word ok; empty where that says it all. */
  result: (kind: OperationKind, result: Result): string =>
    [answerText(kind, result), ...resultNotes(result)].filter((part) => part !== '').join('; '),
  nothing: 'nothing',
  dismiss: 'Put away',

  held: 'Eyes up',
  heldText: 'Your instructor holds everything. Look at the big screen; time stands still.',
  released: 'Time goes on.',
  ended: 'This classroom has ended',
  endedText: 'Thank you for being a node. The whole run can be watched again.',
  watchReplay: 'Watch the replay',
  pace: (perMille: number) =>
    perMille > 1000
      ? `Time runs ${perMille / 1000} times as fast`
      : `Time runs at 1/${Math.round(1000 / perMille)} of its speed`,
  crashed: 'Your node has crashed',
  crashedText: 'Part of the exercise. Until it is restarted, everything you ask of it certainly fails.',
  frozen: 'Your node is paused',
  frozenText: 'Part of the exercise: like a long stop for garbage collection. It will not notice.',
  back: 'Your node runs again.',

  gone: {
    useHere: 'Use it here',
    joinAgain: 'Join again',
    comeBack: 'Come back',
    toStart: 'Go to the start',
  },
  rename: 'Your name',
  renameDo: 'Rename',
  renamed: (name: string) => `Your name is ${name}.`,
  leave: 'Leave the classroom',
  leaveText: 'A bot takes your node over. You can join again, perhaps as another node.',
  keepAwake: 'This browser cannot keep the screen on here. Set it to stay on, or touch it now and then.',

  /** For the live region: said once each. */
  say: {
    role: (role: string, term: number | null) =>
      term === null ? `Your node is ${role}.` : `Your node is ${role} in term ${term}.`,
    group: (group: string) => `You are in ${group}.`,
    outcome: (request: string, word: string, detail: string) => `${request}: ${word}. ${detail}`,
  },
} as const;

function answerText(kind: OperationKind, { value, values }: Result): string {
  const all = values ?? (value === undefined ? [] : [value]);
  const text = all.length === 0 ? student.nothing : all.map(showValue).join(' | ');
  switch (kind) {
    case 'read':
    case 'watch':
      return `read ${text}`;
    case 'checkout':
      return all.length === 0 ? '' : `${text} left`;
    case 'like':
    case 'increment':
      return all.length === 0 ? '' : `now ${text}`;
    default:
      return '';
  }
}

/** A value as people see it: `red`, `apples, bread`, `nothing`. */
export function showValue(value: Value | readonly Value[]): string {
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.map(showOne).join(', ');
  return showOne(value as Value);
}

function showOne(value: Value): string {
  return value === null ? student.nothing : String(value);
}
