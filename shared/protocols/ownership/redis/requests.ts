import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Command } from '../../store.ts';

export type Request =
  /** CLUSTER SLOTS: who serves what. */
  | { readonly kind: 'slots' }
  /** `readonly`: the connection has said READONLY, so a replica may answer. */
  | { readonly kind: 'command'; readonly command: Command; readonly readonly: boolean }
  /** WAIT, for what this client wrote up to `offset`. Timeout in milliseconds, 0 for none. */
  | { readonly kind: 'wait'; readonly offset: number; readonly replicas: number; readonly timeout: number };

/** One range of CLUSTER SLOTS. */
export type Service = { readonly master: NodeId | null; readonly replicas: readonly NodeId[] };

export type Reply =
  | { readonly kind: 'slots'; readonly services: readonly Service[] }
  | { readonly kind: 'done'; readonly value: Stored; readonly applied: boolean; readonly offset: number }
  | { readonly kind: 'waited'; readonly replicas: number }
  | { readonly kind: 'moved'; readonly slot: number; readonly to: NodeId }
  | { readonly kind: 'error'; readonly error: string };
