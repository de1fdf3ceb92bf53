import type { Json } from '../base/json.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import {
  byCall,
  HistoryError,
  isObserver,
  textOf,
  type History,
  type HistoryLine,
  type Kind,
  type Model,
  type Operation,
} from './history.ts';
import { tellApart } from './identities.ts';

/** A line and where it stands. */
export type Numbered = { readonly at: number; readonly line: HistoryLine };

/** Other people's names for the same things. */
const KINDS: Readonly<Table<Kind>> = {
  read: 'read',
  get: 'read',
  write: 'write',
  put: 'write',
  delete: 'write',
  cas: 'cas',
  reserve: 'claim',
  hold: 'claim',
  append: 'append',
  add: 'add',
  remove: 'remove',
  contains: 'contains',
  incr: 'increment',
  inc: 'increment',
  increment: 'increment',
  decr: 'increment',
  decrement: 'increment',
  take: 'take',
  lock: 'acquire',
  acquire: 'acquire',
  unlock: 'release',
  release: 'release',
  transfer: 'transfer',
  open: 'open',
};

/** What can be asked of each model's object. */
const OFFERED: Readonly<Record<Model, readonly Kind[]>> = {
  register: ['read', 'write', 'cas', 'claim'],
  kv: ['read', 'write', 'cas', 'claim', 'append'],
  append: ['read', 'write', 'append'],
  counter: ['read', 'write', 'increment', 'take'],
  set: ['read', 'add', 'remove', 'contains'],
  lock: ['acquire', 'release'],
  bank: ['open', 'read', 'transfer'],
};

/**
 * Lines made ready to be judged: named alike, sorted by call, without those that say nothing. Throws HistoryError
 * for an operation that the model does not have or whose value makes no sense.
 */
export function prepare(lines: readonly Numbered[], model: Model | null = null): History {
  const named = lines.map((numbered) => ({ numbered, kind: kindOf(numbered) }));
  const chosen = model ?? modelOf(named);
  const operations: Operation[] = [];
  const failed: Operation[] = [];
  for (const { numbered, kind } of named) {
    const operation = toOperation(numbered, kind, chosen);
    checkValue(operation, chosen);
    if (tookNoPlace(operation)) failed.push(operation);
    else if (operation.ret !== Infinity || !isObserver(operation)) operations.push(operation);
  }
  const told = chosen === 'register' || chosen === 'kv' ? tellApart(operations) : operations;
  return { model: chosen, operations: byCall(told), failed, size: lines.length };
}

function kindOf({ at, line }: Numbered): Kind {
  const kind = lookUp(KINDS, line.op);
  if (kind === undefined) throw new HistoryError(at, `there is no operation ${JSON.stringify(line.op)}`);
  return kind;
}

/** The model that the names of the operations tell. Throws HistoryError for one that there is not. */
export function modelToldBy(lines: readonly Numbered[]): Model {
  return modelOf(lines.map((numbered) => ({ numbered, kind: kindOf(numbered) })));
}

function modelOf(named: readonly { readonly numbered: Numbered; readonly kind: Kind }[]): Model {
  const has = (...kinds: Kind[]) => named.some(({ kind }) => kinds.includes(kind));
  if (has('acquire', 'release')) return 'lock';
  if (has('transfer', 'open')) return 'bank';
  if (has('increment', 'take')) return 'counter';
  if (has('add', 'remove', 'contains')) return 'set';
  if (has('append')) return has('write', 'cas') ? 'kv' : 'append';
  const keys = new Set(named.map(({ numbered }) => textOf(numbered.line.key)));
  return keys.size > 1 ? 'kv' : 'register';
}

/** One line as the checkers see it, whatever became of it. Throws HistoryError. */
export function operationOf(numbered: Numbered, model: Model): Operation {
  return toOperation(numbered, kindOf(numbered), model);
}

function toOperation({ at, line }: Numbered, kind: Kind, model: Model): Operation {
  const named = model === 'counter' && kind === 'add' ? 'increment' : kind;
  if (!OFFERED[model].includes(named)) {
    throw new HistoryError(at, `${JSON.stringify(line.op)} is no operation of the model ${model}`);
  }
  return {
    line,
    at,
    kind: model === 'set' && kind === 'read' && line.value !== null ? 'contains' : named,
    client: textOf(line.client),
    key: textOf(line.key),
    value: valueOf(line, named),
    out: line.out,
    call: line.call,
    ret: line.status === 'info' || line.ret === null ? Infinity : line.ret,
  };
}

function valueOf({ op, value }: HistoryLine, kind: Kind): Json {
  if (op === 'delete') return null;
  if (kind !== 'increment' && kind !== 'take') return value;
  const by = value ?? 1;
  return op.startsWith('dec') && typeof by === 'number' ? -by : by;
}

/** A compare-and-set that saw another value did take place: as a look. Anything else that failed did not. */
function tookNoPlace({ line, kind }: Operation): boolean {
  return line.status === 'fail' && !(kind === 'cas' && line.out === false);
}

function checkValue({ kind, value, out, at, line }: Operation, model: Model): void {
  const wrong = (message: string) => new HistoryError(at, message);
  if (kind === 'cas' && !(Array.isArray(value) && value.length === 2)) {
    throw wrong('the value of a cas is [from, to]');
  }
  if (kind === 'cas' && line.status === 'ok' && typeof out !== 'boolean' && out !== null) {
    throw wrong('the out of a cas is true or false');
  }
  if (kind === 'increment' && !Number.isFinite(value)) throw wrong('the value of an increment is a number');
  if (kind === 'take' && !(Number.isFinite(value) && (value as number) >= 0)) {
    throw wrong('the value of a take is a number from 0 on');
  }
  if (model === 'counter' && kind === 'write' && !Number.isFinite(value)) {
    throw wrong('a counter is set to a number');
  }
  if (kind === 'transfer' && !isTransfer(value)) {
    throw wrong('the value of a transfer is {"from": account, "to": account, "amount": number}');
  }
  if (line.status !== 'ok') return;
  if (
    model === 'counter' &&
    kind === 'read' &&
    out !== null &&
    !Number.isFinite(out) &&
    !Array.isArray(out)
  ) {
    throw wrong('a read of a counter returns a number');
  }
  if (model === 'set' && kind === 'read' && out !== null && !Array.isArray(out)) {
    throw wrong('a read of a set returns a list');
  }
  const balances = kind === 'open' ? value : model === 'bank' && kind === 'read' ? out : {};
  if (!isBalances(balances)) throw wrong('balances are {"account": number, …}');
}

function isTransfer(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { from, to, amount } = value as { [name: string]: Json | undefined };
  const isAccount = (account: Json | undefined) => typeof account === 'string' || typeof account === 'number';
  return isAccount(from) && isAccount(to) && Number.isFinite(amount);
}

function isBalances(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const table = value as { readonly [account: string]: Json };
  // Where several values stand side by side a read shows all of them.
  return keysOf(table).every((account) => Number.isFinite(table[account]) || Array.isArray(table[account]));
}
