import { assert } from '../base/assert.ts';
import type { NodeId, Operation, OperationRecord, Outcome } from './operation.ts';
import type { Mark } from './protocol.ts';
import type { LossCause } from './timeline.ts';

/** Messages sent, delivered and lost by cause, and events in all. Sent = delivered + lost + in flight. */
export type Counts = { events: number; sent: number; delivered: number; lost: Record<LossCause, number> };

/** A replica said that it now leads. */
export type Leadership = { readonly at: number; readonly node: NodeId; readonly term: number | null };

/** The ledger as plain data. */
export type LedgerState = {
  readonly operations: readonly OperationRecord[];
  readonly leaders: readonly Leadership[];
  readonly counts: Counts;
};

/** What a run writes down: its history of operations, who led when, and what became of its messages. */
export class Ledger {
  #operations: OperationRecord[] = [];
  #open = new Map<string, OperationRecord>();
  #leaders: Leadership[] = [];
  #counts: Counts = { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } };

  get operations(): readonly OperationRecord[] {
    return this.#operations;
  }

  get leaders(): readonly Leadership[] {
    return this.#leaders;
  }

  get counts(): Counts {
    return this.#counts;
  }

  mark(node: NodeId, mark: Mark, at: number): void {
    if (mark.name === 'leader') this.#leaders.push({ at, node, term: mark.term });
  }

  invoked(node: NodeId, operation: Operation, at: number): void {
    const record: OperationRecord = {
      id: operation.id,
      node,
      kind: operation.kind,
      key: operation.key,
      value: operation.value ?? null,
      ...(operation.expected === undefined ? {} : { expected: operation.expected }),
      ...(operation.to === undefined ? {} : { to: operation.to }),
      options: operation.options ?? null,
      invoked: at,
      returned: null,
      class: 'info',
      error: null,
      result: null,
    };
    this.#operations.push(record);
    this.#open.set(record.id, record);
  }

  finished(node: NodeId, id: string, outcome: Outcome, at: number): void {
    const record = this.#open.get(id);
    assert(record !== undefined, `${node} finished ${id}, which is not under way`);
    this.#open.delete(id);
    record.returned = at;
    record.class = outcome.class;
    if (outcome.class === 'ok') record.result = outcome.result;
    else record.error = outcome.error;
    // Nothing about it changes any more: copies of the world share it.
    Object.freeze(record);
  }

  save(): LedgerState {
    return { operations: this.#operations, leaders: this.#leaders, counts: this.#counts };
  }

  load(state: LedgerState): void {
    this.#operations = [...state.operations];
    for (const record of this.#operations) if (record.returned !== null) Object.freeze(record);
    this.#open = new Map(this.#operations.filter((o) => o.returned === null).map((o) => [o.id, o]));
    this.#leaders = [...state.leaders];
    this.#counts = state.counts;
  }
}
