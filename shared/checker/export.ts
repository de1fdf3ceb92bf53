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

/** The history as Jepsen writes it: one EDN map for each call and return. Times in nanoseconds, as there. */
export function toEdn(lines: readonly HistoryLine[]): string {
  const events = eventsOf(lines).map(({ at, line, type }) => {
    const value = type !== 'invoke' && line.out !== null && line.op === 'read' ? line.out : line.value;
    const time = `:time ${Math.round(at * 1_000_000)}`;
    return `{:type :${type}, :process ${edn(line.client)}, :f :${line.op}, :key ${edn(line.key)}, :value ${edn(value)}, ${time}}\n`;
  });
  return events.join('');
}

/** The history in the style of Porcupine's test data for key-value stores: calls and returns without their times. */
export function toPorcupine(lines: readonly HistoryLine[]): string {
  const numbers = new Map<Label, number>();
  const numberOf = (client: Label): number => {
    const number = numbers.get(client) ?? numbers.size;
    numbers.set(client, number);
    return number;
  };
  const names: ReadonlyMap<string, string> = new Map([
    ['read', 'get'],
    ['write', 'put'],
  ]);
  const events = eventsOf(lines).map(({ line, type }) => {
    const op = names.get(line.op) ?? line.op;
    const value = op === 'get' ? (type === 'invoke' ? null : line.out) : line.value;
    const key = JSON.stringify(line.key === null ? '' : String(line.key));
    return `{:process ${numberOf(line.client)}, :type :${type}, :f :${op}, :key ${key}, :value ${edn(value)}}\n`;
  });
  return events.join('');
}

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
