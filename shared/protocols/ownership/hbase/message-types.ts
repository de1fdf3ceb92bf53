import type { Rows, WalEntry } from './types.ts';

/** Between master and region servers, while regions move from one living server to another. */
export type MoveMessage =
  /** A region server that was started has no regions yet. */
  | { readonly kind: 'report'; readonly server: string }
  | { readonly kind: 'close-region'; readonly region: string; readonly server: string }
  /** What it holds is on disk, for whoever opens it next. */
  | {
      readonly kind: 'region-closed';
      readonly region: string;
      readonly server: string;
      readonly rows: Rows;
      readonly sequence: number;
    }
  /** The server has it again, and everybody may know. */
  | { readonly kind: 'region-announced'; readonly region: string; readonly server: string }
  /** Another server has it open, and everybody may know. */
  | { readonly kind: 'region-moved'; readonly region: string; readonly server: string };

/** Between a log's writer, data nodes, and the master that recovers the log. `log` is the server's name. */
export type LogMessage =
  | {
      readonly kind: 'log-open';
      readonly log: string;
      readonly generation: number;
      readonly entries: readonly WalEntry[];
    }
  | {
      readonly kind: 'log-append';
      readonly log: string;
      readonly generation: number;
      /** How many entries come before these. */
      readonly after: number;
      readonly entries: readonly WalEntry[];
    }
  | {
      readonly kind: 'log-ack';
      readonly log: string;
      readonly generation: number;
      readonly length: number;
    }
  | { readonly kind: 'log-refused'; readonly log: string; readonly why: 'sealed' | 'missing' }
  | { readonly kind: 'log-recover'; readonly log: string; readonly seal: boolean }
  | {
      readonly kind: 'log-recovered';
      readonly log: string;
      readonly generation: number;
      /** Null: there is no copy here. */
      readonly entries: readonly WalEntry[] | null;
    };
