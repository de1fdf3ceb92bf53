import type { Model, Operation } from '../history.ts';
import { bankMachine } from './bank.ts';
import type { Machine } from './machine.ts';
import { counterMachine, lockMachine } from './objects.ts';
import { registerMachine } from './register.ts';
import { setMachine } from './set.ts';
import { textMachine } from './text.ts';

/** The machine for the operations on one key. */
export function machineFor(model: Model, operations: readonly Operation[]): Machine {
  switch (model) {
    case 'counter':
      return counterMachine(operations);
    case 'set':
      return setMachine(operations);
    case 'lock':
      return lockMachine(operations);
    case 'bank':
      return bankMachine(operations);
    default:
      return isText(model, operations) ? textMachine(operations) : registerMachine(operations);
  }
}

/** Whether the key holds a text or a list that grows, rather than a value that is replaced as a whole. */
export function isText(model: Model, operations: readonly Operation[]): boolean {
  return model === 'append' || operations.some(({ kind }) => kind === 'append');
}
