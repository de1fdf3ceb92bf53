import {
  byCall,
  byClient,
  byKey,
  groupBy,
  isCertain,
  textOf,
  type History,
  type Model,
  type Operation,
} from '../history.ts';
import { valueSeenBy, valueWritten } from '../models/register.ts';
import { isText } from '../models/index.ts';
import { isWrite, UNWRITTEN, type Sources } from '../sources.ts';

/**
 * What a history says without its clock: who did what after what, and who read from whom. Known when written values
 * are unique under each key, which is what makes weaker models than linearizability decidable in polynomial time
 * (Bouajjani, Enea, Guerraoui and Hamza, POPL 2017).
 */
export type Relations = {
  readonly kind: 'known';
  /** All that took place, by call; an operation's number is its place here. */
  readonly operations: readonly Operation[];
  readonly numbers: ReadonlyMap<Operation, number>;
  readonly sources: Sources;
  /** Each client's operations in its order. One of unknown outcome that took place ends a session. */
  readonly sessions: readonly (readonly Operation[])[];
  /** Why a history without a contradiction may be wrong all the same; null when it cannot. */
  readonly doubt: string | null;
};

export type RelationsFound =
  | Relations
  | { readonly kind: 'undecided'; readonly reason: string }
  | { readonly kind: 'thin-air'; readonly reader: Operation };

/** Every model asks for the same. */
const found = new WeakMap<History, RelationsFound>();

/**
 * Finds the relations of the registers in a history. A compare-and-set that failed says nothing here, nor does a read of
 * what was written more than once: without them a contradiction is still one, and its absence is a doubt.
 */
export function relationsOf(history: History): RelationsFound {
  const known = found.get(history);
  if (known !== undefined) return known;
  const relations = findRelations(history);
  found.set(history, relations);
  return relations;
}

/** Counters, banks, locks and sets are told by other means. */
const REGISTERS: readonly Model[] = ['register', 'kv', 'append'];

function findRelations({ model, operations: all }: History): RelationsFound {
  const operations = REGISTERS.includes(model)
    ? [...byKey(all).values()].flatMap((part) => (isText(model, part) ? [] : part))
    : [];
  const claim = operations.find(({ kind }) => kind === 'claim');
  if (claim !== undefined) {
    return {
      kind: 'undecided',
      reason: `${textOf(claim.value)} was claimed more than once under key ${claim.key}`,
    };
  }
  const judged = operations.filter(({ kind, out }) => kind !== 'cas' || out !== false);
  const writers = groupBy(judged.filter(isWrite), (write) => `${write.key} ${textOf(valueWritten(write))}`);
  const sources = new Map<Operation, Operation | null>();
  const silent = new Set<Operation>();
  let doubt: string | null = null;
  const waiting = judged.filter((operation) => isCertain(operation) && valueSeenBy(operation).length > 0);
  for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop()) {
    const value = valueSeenBy(reader)[0] ?? UNWRITTEN;
    const makers = writers.get(`${reader.key} ${value}`) ?? [];
    if (makers.length > 1 || (makers.length === 1 && value === UNWRITTEN)) {
      const reason = `${value} was written more than once under key ${reader.key}`;
      if (reader.kind !== 'read') return { kind: 'undecided', reason };
      doubt = reason;
      silent.add(reader);
      continue;
    }
    const source = makers[0] ?? null;
    if (source === null && value !== UNWRITTEN) return { kind: 'thin-air', reader };
    sources.set(reader, source);
    if (source?.kind === 'cas' && !isCertain(source) && !sources.has(source)) waiting.push(source);
  }
  const telling = byCall(judged.filter((operation) => !silent.has(operation)));
  return { ...arrange(telling, sources), doubt };
}

function arrange(judged: readonly Operation[], sources: Sources): Omit<Relations, 'doubt'> {
  const seen = new Set(sources.values());
  const operations = judged.filter((operation) => isCertain(operation) || seen.has(operation));
  const sessions = [...byClient(operations).values()];
  return {
    kind: 'known',
    operations,
    numbers: new Map(operations.map((each, i) => [each, i])),
    sources,
    sessions,
  };
}

/** Pairs of a session that follow each other directly. What has an unknown outcome is before nothing. */
export function successions(session: readonly Operation[]): [Operation, Operation][] {
  const pairs: [Operation, Operation][] = [];
  let before: Operation | null = null;
  for (const operation of session) {
    if (before !== null) pairs.push([before, operation]);
    if (isCertain(operation)) before = operation;
  }
  return pairs;
}
