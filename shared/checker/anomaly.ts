import type { Operation } from './history.ts';

/** What people call the things that go wrong. */
export type AnomalyKind =
  | 'stale read'
  | 'lost acknowledged write'
  | 'lost update'
  | 'dirty read'
  | 'double spend'
  | 'oversold stock'
  | 'two lock holders'
  | 'double booking'
  | 'done twice'
  | 'money made or lost'
  | 'resurrected delete'
  | 'diverged replicas';

/** Something that went wrong, with the operations that show it, and what happened in a sentence. */
export type Anomaly = {
  readonly kind: AnomalyKind;
  readonly operations: readonly Operation[];
  readonly story: string;
};
