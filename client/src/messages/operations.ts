import type { OperationKind, OptionValue, Result } from '../../../shared/sim/operation.ts';

/** What a button for each operation says. */
export const operationWords: Readonly<Record<OperationKind, string>> = {
  read: 'Read',
  write: 'Write',
  delete: 'Delete',
  add: 'Add',
  remove: 'Remove',
  cas: 'Compare and set',
  increment: 'Count up',
  append: 'Append',
  sync: 'Sync',
  create: 'Create',
  watch: 'Watch',
  lock: 'Lock',
  unlock: 'Unlock',
  transfer: 'Transfer',
  post: 'Post',
  like: 'Like',
  reserve: 'Reserve',
  checkout: 'Buy',
  send: 'Send',
  join: 'Join',
  leave: 'Leave',
  reshard: 'Move a slot',
};

export const optionWords = { absent: 'not given' } as const;

/** An option as people read it; a record's fields one after the other. */
export function optionText(chosen: OptionValue): string {
  if (typeof chosen !== 'object' || chosen === null) return String(chosen);
  return Object.entries(chosen)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' ');
}

/** What a system tells of an operation beside its values: a status, a fencing token, who has the write. */
export function resultNotes({ applied, status, token, replicas, conflicts }: Result): string[] {
  return [
    applied === false ? 'not applied: something else was there' : '',
    status === undefined ? '' : `HTTP ${status}`,
    token === undefined ? '' : `token ${token}`,
    replicas === undefined ? '' : `on ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} in time`,
    conflicts === undefined || conflicts.length === 0 ? '' : `conflicts: ${conflicts.join(', ')}`,
  ].filter((note) => note !== '');
}

/** An operation's parts, already as texts; null where it has none. */
export type OperationParts = {
  readonly kind: OperationKind;
  readonly key: string;
  readonly value: string | null;
  readonly expected?: string | null | undefined;
  readonly to?: string | null | undefined;
};

/** What an operation asks, as people read it: `write colour = red`. */
export function operationPhrase({ kind, key, value, expected = null, to = null }: OperationParts): string {
  const given = value ?? '';
  switch (kind) {
    case 'write':
      return `write ${key} = ${given}`;
    case 'add':
      return `add ${given} to ${key}`;
    case 'remove':
      return `remove ${given} from ${key}`;
    case 'cas':
      return `set ${key} from ${expected ?? 'nothing'} to ${given}`;
    case 'increment':
      return value === null ? `count ${key} up` : `count ${key} up by ${given}`;
    case 'append':
      return `append ${given} to ${key}`;
    case 'transfer':
      return `transfer ${given} from ${key} to ${to ?? 'nobody'}`;
    case 'post':
    case 'send':
      return `${kind} ${given} to ${key}`;
    case 'reserve':
      return value === null ? `reserve ${key}` : `reserve ${key} for ${given}`;
    case 'checkout':
      return value === null ? `buy ${key}` : `buy ${given} of ${key}`;
    case 'join':
      return `${key} joins`;
    case 'leave':
      return `${key} leaves`;
    case 'reshard':
      return `move the slot of ${key} to ${to ?? ''}`;
    case 'read':
    case 'delete':
    case 'sync':
    case 'create':
    case 'watch':
    case 'lock':
    case 'unlock':
    case 'like':
      return value === null ? `${kind} ${key}` : `${kind} ${key} = ${given}`;
  }
}
