import type { Json } from '../base/json.ts';
import { isCertain, textOf, type Label, type Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';

/** A cut of the network, for a story to mention: when it was made and healed, and who was on which side. */
export type Cut = {
  readonly from: number;
  /** Null while it lasts. */
  readonly until: number | null;
  readonly sides: readonly (readonly Label[])[];
};

/** A client by its name. */
export function nameOf({ line: { client } }: Operation): string {
  if (client === null) return 'somebody';
  return typeof client === 'string' ? client : `client ${client}`;
}

export function seconds(time: number): string {
  return `${(time / 1000).toFixed(2)} s`;
}

export function show(value: Json): string {
  return value === null ? 'nothing' : typeof value === 'string' ? value : textOf(value);
}

/** What somebody did, in the past tense, as in "n4 read 3 at 10.42 s". */
export function deed(operation: Operation): string {
  if (operation.ret < 0 && operation.line.client === null)
    return `it began with ${show(operation.line.value)}`;
  const name = nameOf(operation);
  const when = isCertain(operation)
    ? `at ${seconds(operation.ret)}`
    : `at ${seconds(operation.call)}, with unknown outcome`;
  return `${name} ${verb(operation)} ${when}`;
}

function verb({ kind, value, out, line }: Operation): string {
  const refused = out === false;
  switch (kind) {
    case 'read':
      return `read ${show(line.out)}`;
    case 'write':
      return value === null ? 'deleted it' : `wrote ${show(line.value)}`;
    case 'claim':
      return claimed(line);
    case 'cas': {
      if (line.op !== 'cas') return claimed(line);
      const [from, to] = line.value as [Json, Json];
      return refused ? `did not find ${show(from)}` : `changed ${show(from)} to ${show(to)}`;
    }
    case 'append':
      return `appended ${show(value)}`;
    case 'add':
      return `added ${show(value)}`;
    case 'remove':
      return refused ? `found no ${show(value)} to remove` : `removed ${show(value)}`;
    case 'contains':
      return out === true ? `found ${show(value)}` : `did not find ${show(value)}`;
    case 'increment':
      return `added ${show(value)}${typeof out === 'number' ? ` and got ${out}` : ''}`;
    case 'take':
      return `took ${show(value)}${typeof out === 'number' ? ` and left ${out}` : ''}`;
    case 'acquire':
      return `${refused ? 'was refused' : 'acquired'} the lock${line.key === null ? '' : ` ${line.key}`}`;
    case 'release':
      return `${refused ? 'was not allowed to release' : 'released'} the lock${line.key === null ? '' : ` ${line.key}`}`;
    case 'transfer': {
      const { from, to, amount } = value as Transfer;
      return `${refused ? 'was refused' : 'made'} a transfer of ${amount} from ${from} to ${to}`;
    }
    case 'open':
      return `opened the accounts with ${show(value)}`;
  }
}

function claimed({ op, key, value }: Operation['line']): string {
  return op === 'hold' ? `took the lock ${key} for ${show(value)}` : `took ${key} for ${show(value)}`;
}
