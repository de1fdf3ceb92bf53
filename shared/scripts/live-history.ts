import { LiveCheck } from '../checker/live.ts';
import { isCertain, type Operation } from '../checker/history.ts';
import { operationOf } from '../checker/prepare.ts';
import type { OperationRecord } from '../sim/operation.ts';
import type { System } from '../systems/system.ts';
import { isPlural, registerLine } from './history.ts';
import { wordFor, type Word } from './roles.ts';

/** Whether a run that goes on is linearizable so far. */
export type LiveFinding =
  | { readonly kind: 'ok' | 'undecided' | 'vacuous' }
  | { readonly kind: 'violated'; readonly at: number; readonly operations: readonly Operation[] };

/**
 * Follows the operations of a run that goes on, and judges each as it comes (`LiveCheck`). Keys that are more than
 * registers are undecided: their rules need the whole history. Lines name operations by their place in the run.
 */
export class LiveHistory {
  readonly #system: System;
  readonly #check = new LiveCheck();
  readonly #undecided = new Set<string>();
  #isTested = false;
  #violation: Extract<LiveFinding, { kind: 'violated' }> | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  get finding(): LiveFinding {
    if (this.#violation !== null) return this.#violation;
    if (this.#undecided.size > 0) return { kind: 'undecided' };
    return { kind: this.#isTested ? 'ok' : 'vacuous' };
  }

  /** Operations that were asked or ended since the last time, with their places, none twice unless it has ended since. */
  take(
    news: readonly { readonly at: number; readonly operation: OperationRecord; readonly isNew: boolean }[],
  ): void {
    const moments = news.flatMap(({ at, operation, isNew }) => {
      const called = { time: operation.invoked, isReturn: false, at, operation };
      const returned = { time: operation.returned ?? 0, isReturn: true, at, operation };
      return [...(isNew ? [called] : []), ...(operation.returned === null ? [] : [returned])];
    });
    // At one time calls come first, as intervals are closed.
    moments.sort((a, b) => a.time - b.time || Number(a.isReturn) - Number(b.isReturn));
    for (const { at, operation, isReturn } of moments) this.#take(at, operation, isReturn);
  }

  #take(at: number, record: OperationRecord, isReturn: boolean): void {
    const word = wordFor(record, this.#system);
    if (word === null || this.#violation !== null) return;
    if (!REGISTER.includes(word)) this.#undecided.add(record.key);
    if (this.#undecided.has(record.key)) return;
    const line = registerLine(isReturn ? record : { ...record, class: 'info', returned: null }, word);
    const operation = operationOf({ at, line }, 'kv');
    if (isReturn) this.#return(operation, record);
    else this.#check.called(operation);
  }

  #return(operation: Operation, record: OperationRecord): void {
    if (operation.kind === 'read' && record.class === 'ok') this.#isTested = true;
    const verdict = isPlural(record)
      ? ({ kind: 'violated', operations: [operation] } as const)
      : record.class === 'fail'
        ? this.#check.failed(operation)
        : this.#check.returned(operation);
    if (verdict.kind === 'undecided') this.#undecided.add(record.key);
    if (verdict.kind !== 'violated') return;
    this.#violation = {
      kind: 'violated',
      at: record.returned ?? 0,
      operations: onePerLine(verdict.operations),
    };
  }
}

const REGISTER: readonly Word[] = ['read', 'write', 'delete'];

/** An operation was told of when it began and when it ended: the end says more. */
function onePerLine(operations: readonly Operation[]): Operation[] {
  const known = new Map<number, Operation>();
  for (const operation of operations) {
    const other = known.get(operation.at);
    if (other === undefined || isCertain(operation)) known.set(operation.at, operation);
  }
  return [...known.values()];
}
