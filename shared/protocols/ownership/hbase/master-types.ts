import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Rows, WalEntry } from './types.ts';

/** What the active master knows and has begun. A standby has none of it. */
export type Master = {
  active: boolean;
  /** Whether servers had time to report; before that nothing is assigned for the first time. */
  ready: boolean;
  /** Servers whose ephemeral znode is there; null until it was read. */
  servers: readonly string[] | null;
  logs: readonly string[] | null;
  /** Who serves which region, by its znode. */
  readonly regions: Table<Assignment>;
  /** Dead servers whose logs are being recovered. */
  readonly recoveries: Table<Recovery>;
  readonly openings: Table<Opening>;
  /** Regions that are to leave a living server. */
  moves?: Table<Move>;
  /** Servers that are being unloaded, and who waits for it. */
  unloads?: readonly Unload[];
  /** The balancer's next run is set. */
  balances?: true;
};

/** Names of servers. */
export type Move = { readonly from: string; readonly target: string };

export type Unload = { readonly server: string; readonly asker: NodeId; readonly id: number };

/** `server` null: there is no znode yet. */
export type Assignment = { readonly server: string | null; readonly version: number };

export type Recovery = {
  /** `fence`: its znode is being closed. `read`: data nodes are asked. `replay`: regions are opened elsewhere. */
  phase: 'look' | 'fence' | 'read' | 'replay';
  generation: number;
  pipeline: readonly NodeId[];
  /** What data nodes have answered that have no copy of the last generation; null: none at all. */
  readonly older: Table<{ readonly generation: number; readonly entries: readonly WalEntry[] } | null>;
  /** By region; null until a data node has answered. */
  regions: Table<{ readonly rows: Rows; readonly sequence: number }> | null;
};

export type Opening = {
  readonly target: string;
  readonly from: string | null;
  /** The version of the region's znode when this was decided: if it is another by then, somebody else was faster. */
  readonly version: number;
  readonly rows: Rows;
  readonly sequence: number;
  opened: boolean;
  /** The target had it before and waits to hear that it is made known. */
  again?: true;
};
