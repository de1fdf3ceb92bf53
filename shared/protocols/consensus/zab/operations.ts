import { impossible } from '../../../base/assert.ts';
import {
  isMembershipChange,
  type Operation,
  type Outcome,
  type Stored,
  type Value,
} from '../../../sim/operation.ts';
import type { Answer, ClientRequest, Znode } from '../../coordination.ts';
import { firstLockRequest, onLockAnswer } from './lock.ts';

/** An operation under way, and the request whose answer it waits for; null while it waits for something else. */
export type OpenOperation = {
  readonly operation: Operation;
  asked: ClientRequest | null;
  xid: number;
  /** Whether anything was asked for that changes the tree. */
  hasChanged: boolean;
  /** Of a watch: the transaction that had last changed the key, 0 for none; null while that is not known. */
  seen: number | null;
  /** Of a lock: its znode, once its name is known, and the znode's first transaction. */
  path: string | null;
  token: number | null;
};

/** What an operation does next. */
export type Next =
  | { readonly kind: 'ask'; readonly request: ClientRequest }
  /** A watch was left. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'finish'; readonly outcome: Outcome };

/** What the application asks first. `path`: of the lock that the client holds under this key, if any. */
export function firstRequest(open: OpenOperation, path: string | undefined): Next {
  const { kind, key, value, options } = open.operation;
  switch (kind) {
    case 'read':
    case 'add':
    case 'remove':
    case 'cas':
      return get(key);
    case 'write':
      return { kind: 'ask', request: { kind: 'set', path: key, value: value ?? null, version: -1 } };
    case 'delete':
      return { kind: 'ask', request: { kind: 'delete', path: key, version: -1 } };
    case 'sync':
      return { kind: 'ask', request: { kind: 'sync', path: key } };
    case 'create':
      return create(key, value ?? null, options?.['ephemeral'] === true);
    case 'watch':
      return { kind: 'ask', request: { kind: 'exists', path: key, watch: true } };
    case 'lock':
      return { kind: 'ask', request: firstLockRequest(open.operation) };
    case 'join':
    case 'leave':
      return { kind: 'ask', request: { kind: 'reconfig', node: key, joins: kind === 'join' } };
    case 'unlock':
      // Curator's InterProcessMutex.release.
      if (path === undefined) return fail(`You do not own the lock: /${key}`);
      return { kind: 'ask', request: { kind: 'delete', path, version: -1 } };
    default:
      return impossible(`the ZooKeeper driver takes no ${kind}`);
  }
}

/** What follows from an answer. */
export function onAnswer(open: OpenOperation, answer: Answer): Next {
  const { kind, key } = open.operation;
  if (kind === 'lock') return onLockAnswer(open, answer);
  if (
    answer.kind === 'error' &&
    (answer.error === 'Session expired' || answer.error === 'Not a read-only call')
  ) {
    return fail(errorText(answer.error, pathOf(open.operation)));
  }
  switch (kind) {
    case 'read':
      return finish(znodeOf(answer), true);
    case 'write':
      return onWritten(open, answer);
    case 'add':
    case 'remove':
      return onCartAnswer(open, kind, answer);
    case 'cas':
      return onCasAnswer(open, answer);
    case 'create':
      return answer.kind === 'error' ? fail(errorText(answer.error, key)) : finish(znodeOf(answer), false);
    case 'watch':
      return onWatchAnswer(open, znodeOf(answer));
    case 'join':
    case 'leave':
      return answer.kind === 'error' ? fail(`KeeperErrorCode = ${answer.error}`) : finish(null, false);
    case 'delete':
    case 'unlock':
    case 'sync':
      // What is to be deleted may be gone already.
      return finish(null, false);
    default:
      return impossible(`the ZooKeeper driver takes no ${kind}`);
  }
}

/** KeeperException's text: the code, and the path it was about. */
export function errorText(code: string, key: string): string {
  return `KeeperErrorCode = ${code} for /${key}`;
}

/** The znode that an operation is about, without its leading slash. */
export function pathOf({ kind, key }: Operation): string {
  return isMembershipChange(kind) ? 'zookeeper/config' : key;
}

export function fail(error: string): Next {
  return { kind: 'finish', outcome: { class: 'fail', error } };
}

/** setData wants the znode to be there, create wants it not to be: whoever just wants to write tries both. */
function onWritten({ operation, asked }: OpenOperation, answer: Answer): Next {
  const { key, value } = operation;
  if (answer.kind !== 'error') return finish(znodeOf(answer), false);
  if (asked?.kind === 'set') return create(key, value ?? null, false);
  return { kind: 'ask', request: { kind: 'set', path: key, value: value ?? null, version: -1 } };
}

/** A cart is read and written back on the version read; whoever comes in between makes it begin again. */
function onCartAnswer({ operation, asked }: OpenOperation, kind: 'add' | 'remove', answer: Answer): Next {
  const { key, value } = operation;
  if (asked?.kind !== 'get') {
    return answer.kind === 'error' ? get(key) : finish(znodeOf(answer), true);
  }
  const found = znodeOf(answer);
  const items = changeSet(found?.value ?? null, kind, value ?? null);
  return store(key, items, found);
}

function onCasAnswer({ operation, asked }: OpenOperation, answer: Answer): Next {
  const { key, value, expected } = operation;
  const found = znodeOf(answer);
  if (asked?.kind === 'get') {
    if ((found?.value ?? null) === (expected ?? null)) return store(key, value ?? null, found);
    const result = { applied: false, value: found?.value ?? null, ...describe(found) };
    return { kind: 'finish', outcome: { class: 'ok', result } };
  }
  if (answer.kind === 'error') return fail(errorText(answer.error, key));
  return { kind: 'finish', outcome: { class: 'ok', result: { applied: true, ...describe(found) } } };
}

/** A watch fires once, and does not say what changed: that has to be read. */
function onWatchAnswer(open: OpenOperation, found: Znode | null): Next {
  const modified = found?.modified ?? 0;
  if (open.seen !== null && open.seen !== modified) return finish(found, true);
  open.seen = modified;
  return { kind: 'wait' };
}

function get(path: string): Next {
  return { kind: 'ask', request: { kind: 'get', path, watch: false } };
}

function create(path: string, value: Stored, ephemeral: boolean): Next {
  return { kind: 'ask', request: { kind: 'create', path, value, ephemeral, sequential: false } };
}

/** Writes over what was found; BadVersion, NoNode or NodeExists if it is no longer so. */
function store(path: string, value: Stored, found: Znode | null): Next {
  if (found === null) return create(path, value, false);
  return { kind: 'ask', request: { kind: 'set', path, value, version: found.version } };
}

function finish(znode: Znode | null, withValue: boolean): Next {
  const result = { ...(withValue ? { value: znode?.value ?? null } : {}), ...describe(znode) };
  return { kind: 'finish', outcome: { class: 'ok', result } };
}

function describe(znode: Znode | null): { version?: string; revision?: number } {
  return znode === null ? {} : { version: `version ${znode.version}`, revision: znode.modified };
}

function znodeOf(answer: Answer): Znode | null {
  return answer.kind === 'znode' ? answer.znode : null;
}

/** A cart is a set in the order of its additions; a single value counts as a set of one. */
function changeSet(stored: Stored, kind: 'add' | 'remove', value: Value): readonly Value[] {
  const items: readonly Value[] = isSet(stored) ? stored : stored === null ? [] : [stored];
  if (kind === 'remove') return items.filter((item) => item !== value);
  return items.includes(value) ? items : [...items, value];
}

function isSet(stored: Stored): stored is readonly Value[] {
  return Array.isArray(stored);
}
