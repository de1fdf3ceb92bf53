import { keysOf } from '../base/table.ts';
import type { Json } from '../base/json.ts';
import type { HistoryLine, Label } from './history.ts';

type Event = {
  readonly at: number;
  readonly line: HistoryLine;
  readonly index: number;
  readonly type: string;
};

/** Calls and returns in the order of time: at equal times calls first, as intervals are closed. */
function eventsOf(lines: readonly HistoryLine[]): Event[] {
  const events = lines.flatMap((line, index): Event[] => {
    const call = { at: line.call, line, index, type: 'invoke' };
    return line.ret === null ? [call] : [call, { at: line.ret, line, index, type: line.status }];
  });
  const isReturn = ({ type }: Event) => Number(type !== 'invoke');
  return events.sort((a, b) => a.at - b.at || isReturn(a) - isReturn(b) || a.index - b.index);
}

/**
 * Numbers for processes: each has one operation under way at most, and one whose outcome stayed unknown asks nothing
 * more, as in Jepsen. So a client is a process until that happens, and another afterwards.
 */
function processesOf(events: readonly Event[]): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  const free = new Map<Label, number[]>();
  let count = 0;
  for (const { index, type, line } of events) {
    const own = free.get(line.client) ?? [];
    free.set(line.client, own);
    const number = numbers.get(index);
    if (number === undefined) numbers.set(index, own.pop() ?? count++);
    else if (type !== 'info') own.push(number);
  }
  return numbers;
}

/** The history as Jepsen writes it: one EDN map for each call and return. Times in nanoseconds, as there. */
export function toEdn(lines: readonly HistoryLine[]): string {
  const events = eventsOf(lines);
  const processes = processesOf(events);
  const texts = events.map(({ at, line, type, index }) => {
    const isRead = line.op === 'read' || line.op === 'get';
    const value = type !== 'invoke' && line.out !== null && isRead ? line.out : line.value;
    // A compare-and-set that saw another value failed, in Jepsen's words.
    const named = type === 'ok' && line.op === 'cas' && line.out === false ? 'fail' : type;
    const process = `:process ${processes.get(index) ?? 0}`;
    const time = `:time ${Math.round(at * 1_000_000)}`;
    return `{:type :${named}, ${process}, :f :${line.op}, :key ${edn(line.key)}, :value ${edn(value)}, ${time}}\n`;
  });
  return texts.join('');
}

/** The history in the style of Porcupine's test data for key-value stores: calls and returns without their times. */
export function toPorcupine(lines: readonly HistoryLine[]): string {
  const events = eventsOf(lines);
  const processes = processesOf(events);
  const texts = events.map(({ line, type, index }) => {
    const op = PORCUPINE.get(line.op) ?? line.op;
    const value = op === 'get' ? (type === 'invoke' ? null : line.out) : line.value;
    const key = JSON.stringify(line.key === null ? '' : String(line.key));
    return `{:process ${processes.get(index) ?? 0}, :type :${type}, :f :${op}, :key ${key}, :value ${edn(value)}}\n`;
  });
  return texts.join('');
}

const PORCUPINE: ReadonlyMap<string, string> = new Map([
  ['read', 'get'],
  ['write', 'put'],
]);

/** Plain data as EDN. */
function edn(value: Json): string {
  if (value === null) return 'nil';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(edn).join(' ')}]`;
  const table = value as { readonly [name: string]: Json };
  return `{${keysOf(table)
    .map((name) => `${JSON.stringify(name)} ${edn(table[name] ?? null)}`)
    .join(', ')}}`;
}
