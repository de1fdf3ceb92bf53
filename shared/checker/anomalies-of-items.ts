import type { Json } from '../base/json.ts';
import type { Anomaly } from './anomaly.ts';
import { byCall, groupBy, isCertain, textOf, type Operation } from './history.ts';
import { deed, nameOf, seconds, show } from './story.ts';

/** What can be wrong with a set or list: a read that lacks what was put there, or shows it more often than it was. */
export function itemAnomalies(part: readonly Operation[]): Anomaly[] {
  const puts = part.filter(({ kind }) => kind === 'add' || kind === 'append');
  // What was replaced as a whole says nothing of single items.
  if (part.some(({ kind }) => kind === 'write' || kind === 'cas')) return [];
  const changes: Changes = groupBy(
    part.filter(({ kind }) => kind !== 'read'),
    ({ value }) => textOf(value),
  );
  return part.flatMap((read) => {
    if (read.kind !== 'read') return [];
    const shown = groupItems(read.out);
    return [
      ...missing(read, shown, puts, changes),
      ...resurrected(read, shown, changes),
      ...repeated(read, shown, changes),
    ];
  });
}

/** By item, what was done to it. */
type Changes = ReadonlyMap<string, readonly Operation[]>;

function groupItems(out: Json): Map<string, number> {
  const counts = new Map<string, number>();
  if (!Array.isArray(out)) return counts;
  for (const item of (out as readonly Json[]).map(textOf)) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function missing(
  read: Operation,
  shown: ReadonlyMap<string, number>,
  puts: readonly Operation[],
  changes: Changes,
): Anomaly[] {
  if (read.out !== null && !Array.isArray(read.out)) return [];
  const expected = new Map<string, number>();
  for (const put of puts) {
    if (put.ret >= read.call) continue;
    const item = textOf(put.value);
    const count = put.kind === 'add' ? 1 : (expected.get(item) ?? 0) + 1;
    expected.set(item, count);
    if (count <= (shown.get(item) ?? 0)) continue;
    const isGone = changes.get(item)?.some(({ kind, call }) => kind === 'remove' && call <= read.ret);
    if (isGone === true) continue;
    const story = `${nameOf(read)} read at ${seconds(read.ret)} and did not see ${show(put.line.value)}, which ${nameOf(put)} had put there by ${seconds(put.ret)}.`;
    return [{ kind: 'stale read', operations: byCall([put, read]), story }];
  }
  return [];
}

/** An item of a set that was taken out after whoever put it in had done so, and is back. */
function resurrected(read: Operation, shown: ReadonlyMap<string, number>, changes: Changes): Anomaly[] {
  for (const item of shown.keys()) {
    const of = changes.get(item) ?? [];
    const gone = of.findLast(({ kind, out, ret }) => kind === 'remove' && out !== false && ret < read.call);
    const adds = of.filter(({ kind, call }) => kind === 'add' && call <= read.ret);
    if (gone === undefined || adds.some(({ ret }) => ret >= gone.call)) continue;
    const story = `${nameOf(read)} read at ${seconds(read.ret)} and saw ${show(gone.line.value)}, which ${nameOf(gone)} had removed by ${seconds(gone.ret)}.`;
    return [{ kind: 'resurrected delete', operations: byCall([...adds, gone, read]), story }];
  }
  return [];
}

function repeated(read: Operation, shown: ReadonlyMap<string, number>, changes: Changes): Anomaly[] {
  for (const [item, count] of shown) {
    if (count === 1) continue;
    const isPut = ({ kind, call }: Operation) => (kind === 'add' || kind === 'append') && call <= read.ret;
    const possible = (changes.get(item) ?? []).filter(isPut);
    if (possible.length === 0 || count <= possible.length) continue;
    const story = `${nameOf(read)} read ${item} ${count} times at ${seconds(read.ret)}; it was sent ${possible.length === 1 ? 'once' : `${possible.length} times`}.`;
    return [{ kind: 'done twice', operations: byCall([...possible, read]), story }];
  }
  return [];
}

/** One item that was removed more often than it was added: a seat sold twice. */
export function twiceTaken(part: readonly Operation[]): Anomaly[] {
  const added = new Map<string, number>();
  for (const { kind, value } of part) {
    if (kind === 'add') added.set(textOf(value), (added.get(textOf(value)) ?? 0) + 1);
  }
  const taken = new Map<string, Operation[]>();
  return part.flatMap((remove): Anomaly[] => {
    if (remove.kind !== 'remove' || remove.out !== true || !isCertain(remove)) return [];
    const item = textOf(remove.value);
    const takers = [...(taken.get(item) ?? []), remove];
    taken.set(item, takers);
    if (takers.length <= (added.get(item) ?? 0)) return [];
    const story = `${takers.map(deed).join(', and ')}: the same one was taken ${takers.length} times.`;
    return [{ kind: 'oversold stock', operations: takers, story }];
  });
}
