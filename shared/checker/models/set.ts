import type { Json } from '../../base/json.ts';
import { textOf, type Operation } from '../history.ts';
import { Numbering, tabulate, type Machine, type Outlook } from './machine.ts';

/** A set that begins empty. A remove that returned false did not find its item; one that returned true did. */
export function setMachine(operations: readonly Operation[]): Machine {
  const machine = tabulate<readonly string[]>(operations, {
    start: [],
    textOf: (items) => items.join('\n'),
    apply,
  });
  return { ...machine, outlook: outlookOf(operations) };
}

function apply(items: readonly string[], { kind, value, out }: Operation): readonly string[] | null {
  if (kind === 'read') {
    const seen = [...new Set(itemsOf(out))].sort();
    return seen.join('\n') === items.join('\n') ? items : null;
  }
  const item = textOf(value);
  const found = items.includes(item);
  if (kind === 'contains') return found === (out === true) ? items : null;
  if (kind === 'add') return found ? items : [...items, item].sort();
  if (typeof out === 'boolean' && out !== found) return null;
  return found ? items.filter((other) => other !== item) : items;
}

function itemsOf(out: Json): string[] {
  return ((out ?? []) as readonly Json[]).map(textOf);
}

/** Who still has to find an item there or missing, and who can still put it there or take it away. */
type Item = { present: number; absent: number; adds: number; removes: number };

function outlookOf(operations: readonly Operation[]): Outlook {
  const numbering = new Numbering();
  const targets = operations.map(({ kind, value }) => (kind === 'read' ? -1 : numbering.of(textOf(value))));
  const reads = operations.map(({ kind, out }) => (kind === 'read' ? itemsOf(out) : []));
  for (const items of reads) for (const item of items) numbering.of(item);
  const seen = reads.map((items) => new Set(items.map((item) => numbering.of(item))));
  const items: Item[] = Array.from({ length: numbering.size }, () => {
    return { present: 0, absent: 0, adds: 0, removes: 0 };
  });
  let latest = -1;
  const observe = (item: Item, isPresent: boolean, by: number) => {
    if (isPresent) item.present += by;
    else item.absent += by;
  };
  const change = (operation: number, by: number) => {
    const { kind, out, ret } = operations[operation] as Operation;
    const item = items[targets[operation] as number];
    if (kind === 'read')
      items.forEach((each, number) => observe(each, seen[operation]?.has(number) === true, by));
    else if (item === undefined) return;
    else if (kind === 'contains') observe(item, out === true, by);
    else if (kind === 'add') item.adds += by;
    else {
      if (out !== false) item.removes += by;
      if (typeof out === 'boolean' && ret !== Infinity) observe(item, out, by);
    }
  };
  operations.forEach((_, operation) => change(operation, 1));
  return {
    take(operation) {
      latest = operation;
      change(operation, -1);
    },
    giveBack: (operation) => change(operation, 1),
    isHopeless(before, after) {
      const item = items[targets[latest] as number];
      if (before === after || item === undefined) return false;
      const added = operations[latest]?.kind === 'add';
      return added ? item.absent > 0 && item.removes === 0 : item.present > 0 && item.adds === 0;
    },
    isImpossible: () => items.some(({ present, adds }) => present > 0 && adds === 0),
    isFree(operation) {
      const item = items[targets[operation] as number];
      return operations[operation]?.kind === 'add' && item?.absent === 0 && item.removes === 0;
    },
  };
}
