import type { OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * What a single copy promises: everything happens in one order that agrees with time. Increments show it: each is
 * told another count, larger than all that were told before it began. Who cannot reach the copy is told.
 */
export class SingleCopyInvariants implements Invariants {
  readonly #tell: (anomaly: string) => void;

  constructor(tell: (anomaly: string) => void) {
    this.#tell = tell;
  }

  afterRecovery({ operations, setup }: World): void {
    const increments = operations.filter(({ kind }) => kind === 'increment');
    const told = increments.filter(({ class: outcome }) => outcome === 'ok');
    const possible = increments.filter(({ class: outcome }) => outcome !== 'fail').length;
    for (const one of told) {
      if (countOf(one) > possible)
        throw new Violation('an increment counts once', `${one.id}: ${countOf(one)}`);
      for (const other of told) {
        if (one === other || countOf(one) > countOf(other)) continue;
        const isWrong = countOf(one) === countOf(other) || (other.returned ?? Infinity) < one.invoked;
        if (isWrong) throw new Violation('one order', `${one.id} and ${other.id} count ${countOf(one)}`);
      }
    }
    const elsewhere = operations.filter(({ node }) => node !== setup.nodes[0]);
    if (elsewhere.some(({ class: outcome, returned }) => outcome === 'info' && returned !== null)) {
      this.#tell('who cannot reach the copy gets nothing');
    }
  }
}

function countOf({ result }: OperationRecord): number {
  return Number(result?.value ?? 0);
}
