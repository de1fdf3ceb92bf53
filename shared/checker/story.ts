import type { Json } from '../base/json.ts';
import { isCertain, textOf, type Label, type Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import { isWrite } from './sources.ts';

/** A cut of the network, for a story to mention: when it was made and healed, and who was on which side. */
export type Cut = {
  readonly from: number;
  /** Null while it lasts. */
  readonly until: number | null;
  readonly sides: readonly (readonly Label[])[];
};

/**
 * What a witness shows, in a sentence that names clients and times. Times are milliseconds. With the cuts of the run it
 * says when those involved were on opposite sides of one.
 */
export function tell(witness: readonly Operation[], cuts: readonly Cut[] = []): string {
  const sentence = staleRead(witness) ?? thinAir(witness) ?? twoHolders(witness) ?? conflict(witness);
  const between = cutBetween(witness, cuts);
  const tail =
    between === null ? '' : `; they were on opposite sides of the cut made at ${seconds(between.from)}`;
  return `${sentence}${tail}.`;
}

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
      return `read ${show(out)}`;
    case 'write':
      return value === null ? 'deleted it' : `wrote ${show(value)}`;
    case 'cas': {
      const [from, to] = value as [Json, Json];
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

/** A read after a newer write was acknowledged, or after somebody had read that write. */
function staleRead(witness: readonly Operation[]): string | null {
  for (const read of witness) {
    if (read.kind !== 'read') continue;
    const value = valueSeenBy(read)[0];
    const newer = witness.find(
      (write) => isWrite(write) && write.ret < read.call && textOf(valueWritten(write)) !== value,
    );
    if (newer === undefined || !isOlder(value, newer, witness)) continue;
    const what = newer.kind === 'cas' ? 'change to' : 'write of';
    const write = valueWritten(newer) === null ? 'deletion' : `${what} ${show(valueWritten(newer))}`;
    return `${deed(read)}, after ${possessive(newer)} ${write} was acknowledged at ${seconds(newer.ret)}`;
  }
  return null;
}

/** Whether the value was there before the newer write: unwritten, or written by somebody who had returned. */
function isOlder(value: string | undefined, newer: Operation, witness: readonly Operation[]): boolean {
  const writers = witness.filter((each) => isWrite(each) && textOf(valueWritten(each)) === value);
  if (writers.length === 0) return value === 'null';
  return writers.every((writer) => writer.ret < newer.call);
}

function thinAir(witness: readonly Operation[]): string | null {
  const [read, ...more] = witness;
  if (read?.kind !== 'read' || more.length > 0) return null;
  return `${deed(read)}, which nobody had written`;
}

function twoHolders(witness: readonly Operation[]): string | null {
  const [first, second] = witness.filter(({ kind, out }) => kind === 'acquire' && out !== false);
  if (first === undefined || second === undefined || first.client === second.client) return null;
  return `${deed(second)}, while ${nameOf(first)} held it since ${seconds(first.ret)}`;
}

function conflict(witness: readonly Operation[]): string {
  const [first, ...others] = [...witness].sort((a, b) => (a.ret < b.ret ? -1 : 1)).map(deed);
  if (first === undefined) return 'No order explains the answers';
  if (others.length === 0) return `${first}, which cannot be`;
  return `No order of these explains what they returned: ${[first, ...others].join('; ')}`;
}

function possessive(operation: Operation): string {
  const name = nameOf(operation);
  return name.endsWith('s') ? `${name}'` : `${name}'s`;
}

/** The last cut that kept two of the clients apart while the witness went on. */
function cutBetween(witness: readonly Operation[], cuts: readonly Cut[]): Cut | null {
  const begin = Math.min(...witness.map(({ call }) => call));
  const end = Math.max(...witness.map(({ ret, call }) => (ret === Infinity ? call : ret)));
  const clients = new Set(witness.map(({ line }) => line.client));
  const parts = cuts.filter(({ from, until, sides }) => {
    const touched = sides.filter((side) => side.some((client) => clients.has(client)));
    return from <= end && (until ?? Infinity) >= begin && touched.length > 1;
  });
  return parts.at(-1) ?? null;
}
