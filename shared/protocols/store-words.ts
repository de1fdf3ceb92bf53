import { unreachable } from '../base/assert.ts';
import { canonical } from '../base/json.ts';
import type { Stored } from '../sim/operation.ts';
import type { Command } from './store.ts';

/** How a store's commands and values are put into words, wherever they are shown. */
export function describeCommand(command: Command): string {
  const { kind, key } = command;
  switch (kind) {
    case 'get':
    case 'del':
      return `${kind} ${key}`;
    case 'set':
      return `set ${key}=${describeStored(command.value)}`;
    case 'sadd':
    case 'srem':
    case 'rpush':
      return `${kind} ${describeStored(command.value)} at ${key}`;
    case 'incrby':
      return `incrby ${key} ${command.by}`;
    case 'cas':
      return `set ${key}=${describeStored(command.value)} if it is ${describeStored(command.expected)}`;
    default:
      return unreachable(kind);
  }
}

export function describeStored(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

/** What a client is told of a command that does not go with what is under its key. */
export const STORE_ERRORS = {
  'wrong type': 'the key holds another kind of value',
  'not an integer': 'the value is not a whole number',
} as const;
