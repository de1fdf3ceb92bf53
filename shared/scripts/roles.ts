import type { Model } from '../checker/history.ts';
import type { OperationRecord } from '../sim/operation.ts';
import { systemFor, type System } from '../systems/system.ts';

/** An operation in the words of a history: what an application does is named by what it does to its key. */
export type Word =
  | 'read'
  | 'write'
  | 'delete'
  | 'cas'
  /** Takes what is free, or is one's own already: a seat, or a lock that is a name under a key. */
  | 'reserve'
  | 'hold'
  | 'append'
  | 'increment'
  | 'take'
  | 'add'
  | 'remove'
  | 'transfer'
  | 'lock'
  | 'unlock'
  | 'create'
  /** Creates what is gone when its creator's session is. */
  | 'create for a session';

/** What a key holds. */
export type Role = 'register' | 'list' | 'counter' | 'stock' | 'set' | 'account' | 'lock';

/** Objects by what they offer. A key holds the first that offers all that was asked of it. */
const OFFERED: Readonly<Record<Role, readonly Word[]>> = {
  register: ['read', 'write', 'delete', 'cas', 'create', 'reserve', 'hold'],
  list: ['read', 'write', 'delete', 'cas', 'append'],
  counter: ['read', 'write', 'increment'],
  stock: ['read', 'write', 'take'],
  set: ['read', 'add', 'remove'],
  account: ['read', 'write', 'transfer'],
  lock: ['read', 'lock', 'unlock'],
};
const ROLES: readonly Role[] = ['register', 'list', 'counter', 'stock', 'set', 'account', 'lock'];

/** Which rules a key's history has to obey. */
export const MODEL_OF: Readonly<Record<Role, Model>> = {
  register: 'kv',
  list: 'kv',
  counter: 'counter',
  stock: 'counter',
  set: 'set',
  account: 'bank',
  lock: 'lock',
};

/** The word for an operation; null when it changes nothing and returns nothing that could be wrong. */
export function wordFor({ kind, key, options }: OperationRecord, system: System): Word | null {
  const has = (native: OperationRecord['kind']) => systemFor(system, key).kinds.includes(native);
  switch (kind) {
    case 'like':
      return 'increment';
    case 'checkout':
      return 'take';
    case 'post':
    case 'send':
      return has('append') ? 'append' : 'add';
    case 'lock':
      return has('lock') ? 'lock' : 'hold';
    case 'unlock':
      return has('unlock') ? 'unlock' : 'delete';
    case 'create':
      return options?.['ephemeral'] === true ? 'create for a session' : kind;
    case 'sync':
    case 'watch':
    case 'join':
    case 'leave':
    case 'reshard':
      return null;
    default:
      return kind;
  }
}

/** What the keys of a run hold, by all that was asked of each. */
export class Roles {
  readonly #words = new Map<string, Set<Word>>();
  /** All accounts belong to one bank. */
  readonly #isBank: boolean;

  constructor(operations: readonly OperationRecord[], system: System) {
    for (const operation of operations) {
      const word = wordFor(operation, system);
      if (word === null) continue;
      this.#note(operation.key, word);
      if (word === 'transfer') this.#note(operation.to ?? operation.key, word);
    }
    const accounts = [...this.#words.values()].filter((words) => words.has('transfer'));
    this.#isBank = accounts.every((words) => isOffered('account', words));
  }

  /** The keys, in the order in which they were first asked for. */
  get keys(): string[] {
    return [...this.#words.keys()];
  }

  /** What a key holds; null when no one object offers all that was asked of it. */
  of(key: string): Role | null {
    const words = this.#words.get(key) ?? new Set<Word>();
    if (words.has('transfer') && !this.#isBank) return null;
    return ROLES.find((role) => isOffered(role, words)) ?? null;
  }

  /** Why nothing can be said of a key that has no role, in a sentence. */
  why(key: string): string {
    const words = [...(this.#words.get(key) ?? [])];
    if (words.includes('create for a session')) {
      return `${key} goes when the session of who created it ends, and nobody asks for that.`;
    }
    if (words.includes('transfer') && isOffered('account', new Set(words))) {
      return `Money came to ${key} from a key that is more than an account.`;
    }
    return `${key} was used for ${words.join(', ')}: no one rule says what is right there.`;
  }

  #note(key: string, word: Word): void {
    const words = this.#words.get(key) ?? new Set<Word>();
    words.add(word);
    this.#words.set(key, words);
  }
}

function isOffered(role: Role, words: ReadonlySet<Word>): boolean {
  return [...words].every((word) => OFFERED[role].includes(word));
}
