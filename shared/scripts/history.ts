import type { Json } from '../base/json.ts';
import { textOf, type HistoryLine } from '../checker/history.ts';
import { resolveKnobs } from '../systems/system.ts';
import type { Header } from '../recording/header.ts';
import { membersOf } from '../sim/members.ts';
import { systemOf } from '../recording/setup.ts';
import type { OperationRecord } from '../sim/operation.ts';
import { OPENING_BALANCE, OPENING_STOCK } from '../workloads/programs.ts';
import { type Roles, wordFor, type Role, type Word } from './roles.ts';

/** A run, as far as its history goes. */
export type Told = { readonly header: Header; readonly operations: readonly OperationRecord[] };

/** A line of a run's history. `at`: the place of the operation it tells of; null where it tells what was there before. */
export type RunLine = { readonly at: number | null; readonly key: string; readonly line: HistoryLine };

/** A history as text: a JSON object a line. */
export function historyText(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * A run's operations as the lines of a history, with what applications take for granted before anything was written.
 * The client is the node; times are virtual milliseconds. What an application does is told in the words of what it does
 * to its key. Where concurrent values stand side by side, a read returned a list of them.
 */
export function runLines({ header, operations }: Told, roles: Roles): RunLine[] {
  const system = systemOf(header);
  const balance = openingBalance(header);
  const held = new HeldLocks();
  const lines = operations.flatMap((operation, at): RunLine[] => {
    const word = wordFor(operation, system);
    const { key } = operation;
    if (word === null || (roles.of(key) === 'lock' && !held.isNews(operation, word))) return [];
    return [{ at, key, line: lineOf(operation, word, (name) => roles.of(name), balance) }];
  });
  return [...openings(roles, balance), ...lines];
}

/** An operation on a key that is a register, while it is not known yet what else will be asked of the key. */
export function registerLine(operation: OperationRecord, word: Word): HistoryLine {
  return lineOf(operation, word, () => 'register', 0);
}

/** Before anybody asked anything. */
const BEFORE = { client: null, out: null, call: -1, ret: -1, status: 'ok' } as const;

function openings(roles: Roles, balance: number): RunLine[] {
  const accounts = roles.keys.filter((key) => roles.of(key) === 'account');
  const stocks = roles.keys.filter((key) => roles.of(key) === 'stock');
  const value = Object.fromEntries(accounts.map((key) => [key, balance]));
  return [
    ...accounts.slice(0, 1).map((key): RunLine => {
      return { at: null, key, line: { ...BEFORE, op: 'open', key: null, value } };
    }),
    ...stocks.map((key): RunLine => {
      return { at: null, key, line: { ...BEFORE, op: 'write', key, value: OPENING_STOCK } };
    }),
  ];
}

/** What is in an account that nobody has used. */
function openingBalance(header: Header): number {
  const knobs = resolveKnobs(systemOf(header), header.knobs, membersOf(header).length);
  const own = knobs['openingBalance'];
  return typeof own === 'number' ? own : OPENING_BALANCE;
}

function lineOf(operation: OperationRecord, word: Word, roleOf: RoleOf, balance: number): HistoryLine {
  const { node, invoked, returned, result } = operation;
  const { op, key, value, out } = contentOf(operation, word, roleOf, balance);
  const base = { client: node, op, key, value, out, call: invoked } as const;
  if (operation.class === 'info' || returned === null) return { ...base, ret: null, status: 'info' };
  const order = result?.revision;
  const version = result?.version ?? (order === undefined ? undefined : `rev ${order}`);
  return {
    ...base,
    ret: returned,
    status: operation.class,
    ...(order === undefined ? {} : { order }),
    ...(version === undefined ? {} : { version }),
    ...(isPlural(operation) ? { siblings: true } : {}),
  };
}

/** Whether a read returned several concurrent values. */
export function isPlural({ kind, class: outcome, result }: OperationRecord): boolean {
  const { value, values = [] } = result ?? {};
  return kind === 'read' && outcome === 'ok' && value === undefined && values.length > 1;
}

type RoleOf = (key: string) => Role | null;
type Content = Pick<HistoryLine, 'op' | 'key' | 'value' | 'out'>;

function contentOf(operation: OperationRecord, word: Word, roleOf: RoleOf, balance: number): Content {
  const { key, value, expected = null, to = key } = operation;
  const result = operation.class === 'ok' ? operation.result : null;
  const base = { op: word, key, value, out: null };
  switch (word) {
    case 'read': {
      const seen = seenBy(operation);
      const isAccount = roleOf(key) === 'account';
      if (isAccount) return { ...base, key: null, value: null, out: { [key]: seen ?? balance } };
      return { ...base, value: null, out: seen ?? (roleOf(key) === 'stock' ? OPENING_STOCK : null) };
    }
    case 'write':
      return roleOf(key) === 'account' ? { ...base, op: 'open', key: null, value: { [key]: value } } : base;
    case 'delete':
      return { ...base, value: null };
    case 'cas':
      return { ...base, value: [expected, value], out: result?.applied ?? null };
    case 'create':
      return { ...base, op: 'cas', value: [null, value], out: result === null ? null : true };
    case 'reserve':
    case 'hold':
      return { ...base, value: value ?? 'somebody' };
    case 'increment':
    case 'take':
      return { ...base, value: wholeNumber(value, 1), out: result?.value ?? null };
    case 'lock':
      return { ...base, out: result?.token ?? null };
    case 'transfer':
      return { ...base, key: null, value: { from: key, to, amount: wholeNumber(value, 0) } };
    default:
      return base;
  }
}

/** As applications read it: what was typed may be a text. */
function wholeNumber(value: Json, none: number): number {
  const number = value === null ? none : Number(value);
  return Number.isSafeInteger(number) ? number : none;
}

function seenBy(operation: OperationRecord): Json {
  const { class: outcome, result } = operation;
  if (outcome !== 'ok') return null;
  const { value, values = [] } = result ?? {};
  if (isPlural(operation)) return [...values].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return value !== undefined ? value : (values[0] ?? null);
}

/** Locks as their holders know them: whoever locks what it holds is told so without asking anybody. */
class HeldLocks {
  readonly #held = new Set<string>();

  /** Whether the operation says anything about who has the lock. */
  isNews({ node, key, class: outcome, returned }: OperationRecord, word: Word): boolean {
    const name = `${node} ${key}`;
    if (word === 'unlock' && outcome !== 'fail') this.#held.delete(name);
    if (word !== 'lock') return word === 'unlock';
    const isAcquired = outcome === 'ok' && returned !== null;
    if (isAcquired && this.#held.has(name)) return false;
    if (isAcquired) this.#held.add(name);
    return true;
  }
}
