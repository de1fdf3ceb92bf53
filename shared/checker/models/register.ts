import type { Json } from '../../base/json.ts';
import { isCertain, textOf, type Operation } from '../history.ts';
import { Numbering, REFUSED, type Machine, type Outlook } from './machine.ts';

const READ = 0;
const WRITE = 1;
const CAS = 2;
const FAILED_CAS = 3;
const CLAIM = 4;

/** What an operation on a register expects to find, and what it leaves behind. */
type Effect = { readonly kind: number; readonly from: number; readonly to: number };

/** A register with read, write, compare-and-set and claim. A state is the number of a value; 0 is the unwritten one. */
export function registerMachine(operations: readonly Operation[]): Machine {
  const values = new Numbering();
  values.of(textOf(null));
  const numberOf = (value: Json) => values.of(textOf(value));
  const effects = operations.map((operation) => effectOf(operation, numberOf));
  const kinds = Uint8Array.from(effects, ({ kind }) => kind);
  const from = Int32Array.from(effects, (effect) => effect.from);
  const to = Int32Array.from(effects, (effect) => effect.to);
  return {
    start: 0,
    overwrites: kinds.map((kind) => (kind === WRITE ? 1 : 0)),
    outlook: outlookOf(operations, effects, values.size),
    step(state, operation) {
      const kind = kinds[operation];
      if (kind === WRITE) return to[operation] as number;
      if (kind === CLAIM) return state === 0 || state === to[operation] ? (to[operation] as number) : REFUSED;
      if (kind === FAILED_CAS) return state === from[operation] ? REFUSED : state;
      return state === from[operation] ? (to[operation] as number) : REFUSED;
    },
  };
}

function effectOf({ kind, value, out }: Operation, numberOf: (value: Json) => number): Effect {
  if (kind === 'read') return { kind: READ, from: numberOf(out), to: numberOf(out) };
  if (kind === 'write') return { kind: WRITE, from: 0, to: numberOf(value) };
  if (kind === 'claim') return { kind: CLAIM, from: 0, to: numberOf(value) };
  const [from, to] = value as [Json, Json];
  return { kind: out === false ? FAILED_CAS : CAS, from: numberOf(from), to: numberOf(to) };
}

/** Counts who still has to see each value and who can still write it. A value needed that none can write must stay. */
function outlookOf(operations: readonly Operation[], effects: readonly Effect[], values: number): Outlook {
  const needed = new Int32Array(values);
  const makers = new Int32Array(values);
  const change = (operation: number, by: number) => {
    const { kind, from, to } = effects[operation] as Effect;
    const certain = isCertain(operations[operation] as Operation);
    if ((kind === READ || kind === CAS) && certain) needed[from] = (needed[from] as number) + by;
    if (kind === WRITE || kind === CAS || kind === CLAIM) makers[to] = (makers[to] as number) + by;
  };
  effects.forEach((_, operation) => change(operation, 1));
  return {
    take: (operation) => change(operation, -1),
    giveBack: (operation) => change(operation, 1),
    isHopeless: (before, after) => before !== after && (needed[before] as number) > 0 && makers[before] === 0,
    isImpossible: (start) =>
      needed.some((count, value) => count > 0 && makers[value] === 0 && value !== start),
    isFree: () => false,
  };
}

/**
 * The operations without those of unknown outcome that cannot help: nobody saw what they would have written, and
 * no compare-and-set found its value missing.
 */
export function withoutUselessWrites(operations: readonly Operation[]): Operation[] {
  let kept = [...operations];
  if (kept.every(isCertain) || kept.some(({ kind, out }) => kind === 'cas' && out === false)) return kept;
  for (;;) {
    const seen = new Set<string>();
    for (const operation of kept) for (const value of valueSeenBy(operation)) seen.add(value);
    const isUseful = (operation: Operation) =>
      isCertain(operation) || seen.has(textOf(valueWritten(operation)));
    const useful = kept.filter(isUseful);
    // Only a compare-and-set has seen something itself: without it others may be of no use either.
    const isDone = !kept.some((operation) => operation.kind === 'cas' && !isUseful(operation));
    if (isDone) return useful;
    kept = useful;
  }
}

/** What the operation must have found in the register, as a text; none when it did not look. */
export function valueSeenBy({ kind, value, out }: Operation): string[] {
  if (kind === 'read') return [textOf(out)];
  return kind === 'cas' && out !== false ? [textOf((value as [Json, Json])[0])] : [];
}

/** What it wrote, as its author wrote it down: without what tells equal values apart. */
export function valueShown({ kind, line }: Operation): Json {
  if (line.op === 'delete') return null;
  return kind === 'cas' && line.op === 'cas' ? (line.value as [Json, Json])[1] : line.value;
}

/** What a write or a compare-and-set that took place left in the register. */
export function valueWritten({ kind, value }: Operation): Json {
  return kind === 'cas' ? (value as [Json, Json])[1] : value;
}
