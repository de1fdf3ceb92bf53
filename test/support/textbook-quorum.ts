import type { OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * What a majority quorum promises: a read sees every write that was acknowledged before it, or a later one. What it
 * does not is told: writes that ended in an error and are read later, and reads that go back.
 */
export class QuorumInvariants implements Invariants {
  readonly #tell: (anomaly: string) => void;

  constructor(tell: (anomaly: string) => void) {
    this.#tell = tell;
  }

  afterRecovery({ operations }: World): void {
    const writes = operations.filter(({ kind }) => kind === 'write');
    const acknowledged = writes.filter(({ class: outcome }) => outcome === 'ok');
    const reads = operations.filter(({ kind, class: outcome }) => kind === 'read' && outcome === 'ok');
    for (const read of reads.filter(({ key }) => key !== 'count')) {
      const value = read.result?.value ?? null;
      const source = writes.find((write) => write.key === read.key && write.value === value);
      if (value !== null && source === undefined) {
        throw new Violation('what is read was written', `${read.id} read ${JSON.stringify(value)}`);
      }
      const missed = acknowledged.filter((write) => isBefore(write, read));
      const since = source === undefined ? missed : missed.filter((write) => isBefore(source, write));
      const isFailed = source !== undefined && source.class !== 'ok';
      const wrong = missed.find((write) => isLater(write, read)) ?? (isFailed ? undefined : since[0]);
      if (wrong !== undefined) {
        throw new Violation('a read sees what was acknowledged before it', `${read.id} missed ${wrong.id}`);
      }
      if (isFailed && isBefore(source, read)) this.#tell('a failed write is read');
      if (isFailed && since.length > 0) this.#tell('a failed write hides one that came after it');
      if (reads.some((other) => isBefore(other, read) && isLater(other, read))) this.#tell('reads go back');
    }
    const increments = operations.filter(({ kind }) => kind === 'increment');
    const values = increments.flatMap(({ class: outcome, result }) =>
      outcome === 'ok' ? [result?.value] : [],
    );
    if (new Set(values).size < values.length) this.#tell('increments are lost');
  }
}

function isBefore(a: OperationRecord, b: OperationRecord): boolean {
  return a.key === b.key && (a.returned ?? Infinity) < b.invoked;
}

function isLater(a: OperationRecord, b: OperationRecord): boolean {
  const [[first, by], [second, other]] = [versionOf(a), versionOf(b)];
  return first === second ? by > other : first > second;
}

/** `3 by n1`. */
function versionOf({ result }: OperationRecord): readonly [number, string] {
  const [number = '0', writer = ''] = (result?.version ?? '0').split(' by ');
  return [Number(number), writer];
}
