import type { OperationKind, Value } from '../sim/operation.ts';

/** One thing that people can do: the operation, and on which keys with which values it is offered. */
export type Offer = {
  readonly kind: OperationKind;
  readonly keys: readonly string[];
  /** Values for the quick choice; empty where the operation takes none. */
  readonly values: readonly Value[];
  /** How often bots do it, against the other offers. 0: never. */
  readonly share: number;
};

/** What a class does with a cluster: which operations people have, on which keys, and what must hold. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  /** One sentence for the person who chooses. */
  readonly summary: string;
  /** What must hold whatever happens, in one sentence. */
  readonly invariant: string;
  /** What breaks it under the wrong choice, in one sentence. */
  readonly anomaly: string;
  /** In the order of the buttons. */
  readonly offers: readonly Offer[];
  /** People may name other keys, too. */
  readonly freeKeys: boolean;
}

/** The operations a workload offers, each once, in the order of the buttons. */
export function kindsOf(workload: Workload): OperationKind[] {
  return [...new Set(workload.offers.map(({ kind }) => kind))];
}

/** What is offered for one operation; undefined when it is not. */
export function offerOf(workload: Workload, kind: OperationKind): Offer | undefined {
  return workload.offers.find((offer) => offer.kind === kind);
}

/** The keys a class starts with, each once. */
export function keysOfWorkload(workload: Workload): string[] {
  return [...new Set(workload.offers.flatMap(({ keys }) => keys))];
}
