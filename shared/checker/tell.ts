import { anomaliesOf } from './anomalies.ts';
import { textOf, type Model, type Operation } from './history.ts';
import { valueSeenBy, valueShown, valueWritten } from './models/register.ts';
import { isWrite } from './sources.ts';
import { deed, nameOf, seconds, show, type Cut } from './story.ts';

/**
 * What a witness shows, in a sentence that names clients and times. Times are milliseconds. With the cuts of the run it
 * says when those involved were on opposite sides of one.
 */
export function tell(model: Model, witness: readonly Operation[], cuts: readonly Cut[] = []): string {
  const sentence =
    staleRead(witness) ??
    thinAir(witness) ??
    named(model, witness) ??
    backwards(witness) ??
    conflict(witness);
  const between = cutBetween(witness, cuts);
  const tail =
    between === null ? '' : `; they were on opposite sides of the cut made at ${seconds(between.from)}`;
  return `${sentence}${tail}.`;
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
    const write = valueShown(newer) === null ? 'deletion' : `${what} ${show(valueShown(newer))}`;
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
  if (Array.isArray(read.line.out)) return `${deed(read)}: several values at once, where there can be one`;
  return `${deed(read)}, which nobody had written`;
}

/** What people have a name for is told as they would. */
function named(model: Model, witness: readonly Operation[]): string | null {
  const found = anomaliesOf({ model, operations: witness, failed: [], size: witness.length });
  // How often something happened cannot be told by a few of the operations.
  const first = found.find(({ kind }) => kind !== 'done twice' && kind !== 'diverged replicas');
  return first === undefined ? null : first.story.replace(/\.$/, '');
}

/** A list that somebody had seen longer, or two that went different ways; a count that somebody had seen further on. */
function backwards(witness: readonly Operation[]): string | null {
  const [first, second, ...more] = witness.filter(({ out }) => typeof out === 'number' || Array.isArray(out));
  if (first === undefined || second === undefined || more.length > 0) return null;
  const [early, late] = second.ret < first.call ? [second, first] : [first, second];
  if (Array.isArray(early.out) && Array.isArray(late.out)) {
    return `${deed(early)} and ${deed(late)}: neither goes on where the other ends`;
  }
  return early.ret < late.call ? `${deed(late)}, after ${deed(early)}` : null;
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
