import { groupBy, isCertain, textOf, type Operation } from './history.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import { isWrite } from './sources.ts';

/**
 * The operations on registers with the values that were written more than once told apart, as far as that can be done
 * for certain: by the store's own names of versions, and a claim that nobody else can have prepared as the
 * compare-and-set that it is. A judge then knows who read from whom, where the bare values leave it open.
 */
export function tellApart(operations: readonly Operation[]): Operation[] {
  return [...groupBy(operations, ({ key }) => key).values()].flatMap((part) =>
    tellVersionsApart(asChains(part)),
  );
}

/** The first to have claimed a value can only have found nothing: its value comes from nobody but itself. */
function asChains(part: readonly Operation[]): readonly Operation[] {
  if (!part.some(({ kind }) => kind === 'claim')) return part;
  const makers = groupBy(part.filter(isWrite), (write) => textOf(valueWritten(write)));
  return part.map((operation) => {
    const { kind, value } = operation;
    const isAlone = makers.get(textOf(value))?.length === 1;
    return kind === 'claim' && isAlone
      ? { ...operation, kind: 'cas', value: [null, value], out: true }
      : operation;
  });
}

function tellVersionsApart(part: readonly Operation[]): Operation[] {
  const known = new Versions(part);
  return known.areUseful ? part.map((operation) => known.named(operation)) : [...part];
}

/** What a store says of who wrote which version of one key. */
class Versions {
  readonly areUseful: boolean;
  readonly #written = new Map<string, Operation>();
  /** Values that somebody may have written without being told so. */
  readonly #unknown: ReadonlySet<string>;

  constructor(part: readonly Operation[]) {
    const unknown = part.filter((operation) => isWrite(operation) && !isCertain(operation));
    this.#unknown = new Set(unknown.map((write) => textOf(valueWritten(write))));
    this.areUseful = hasRepeats(part) && this.#note(part) && part.every((each) => this.#isSound(each));
  }

  /** The operation with its value named by its version. What is without a version keeps its bare value. */
  named(operation: Operation): Operation {
    const { kind, value, out } = operation;
    if (kind === 'read') return { ...operation, out: this.#isOwned(operation) ? pair(out, operation) : out };
    return isNamed(operation) ? { ...operation, value: pair(value, operation) } : operation;
  }

  /** Takes down who wrote which version; false when two wrote the same, or one that should have one has none. */
  #note(part: readonly Operation[]): boolean {
    for (const operation of part) {
      if (operation.kind !== 'read' && operation.kind !== 'write') return false;
      if (operation.kind === 'read' || operation.value === null || !isCertain(operation)) continue;
      const { version } = operation.line;
      if (version === undefined || this.#written.has(version)) return false;
      this.#written.set(version, operation);
    }
    return true;
  }

  /** Whether what a read says of its version can be: it is that of a write of its value, or of one without an answer. */
  #isSound(read: Operation): boolean {
    if (read.kind !== 'read' || read.out === null) return true;
    const { version } = read.line;
    if (version === undefined) return false;
    const write = this.#written.get(version);
    const value = textOf(read.out);
    if (write !== undefined) return textOf(write.value) === value;
    return this.#unknown.has(value);
  }

  #isOwned({ line: { version }, out }: Operation): boolean {
    return out !== null && version !== undefined && this.#written.has(version);
  }
}

function pair(value: Operation['value'], { line }: Operation): Operation['value'] {
  return [value, line.version ?? null];
}

/** A write whose version is known. Deletions all leave nothing, whatever their version. */
function isNamed(operation: Operation): boolean {
  return operation.kind === 'write' && isCertain(operation) && operation.value !== null;
}

function hasRepeats(part: readonly Operation[]): boolean {
  const written = part.filter(isWrite).map((write) => textOf(valueWritten(write)));
  return (
    new Set(written).size < written.length && part.some((operation) => valueSeenBy(operation).length > 0)
  );
}
