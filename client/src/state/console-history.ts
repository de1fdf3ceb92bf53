import type { SideReport } from '../../../shared/classroom/situation.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { isAdministration, type NodeId, type OperationRecord } from '../../../shared/sim/operation.ts';

/** Operations by how they ended; `open`: nothing has come back yet. */
export type Tally = {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly open: number;
};

/** How an operation stands, for people: Jepsen's classes, and under way. */
export type Standing = keyof Tally;

export function standingOf(operation: OperationRecord): Standing {
  return operation.returned === null ? 'open' : operation.class;
}

/**
 * A running index of a fold's history: the last operation of every node, without going through thousands
 * of operations ten times a second. Starts over when another fold is read.
 */
export class History {
  #fold: Fold | null = null;
  #seen = 0;
  #last = new Map<NodeId, OperationRecord>();

  /** The node's latest operation; undefined before its first. */
  last(node: NodeId): OperationRecord | undefined {
    return this.#last.get(node);
  }

  read(fold: Fold): void {
    const { operations } = fold.world;
    if (fold !== this.#fold || operations.length < this.#seen) {
      this.#fold = fold;
      this.#seen = 0;
      this.#last = new Map();
    }
    for (; this.#seen < operations.length; this.#seen++) {
      const operation = operations[this.#seen];
      if (operation !== undefined) this.#last.set(operation.node, operation);
    }
  }
}

/** The latest operations of everybody, newest first, each copied so that a later outcome shows as a change. */
export function latest(fold: Fold, count: number): OperationRecord[] {
  return fold.world.operations
    .slice(-count)
    .reverse()
    .map((operation) => ({ ...operation }));
}

/** How the operations of these nodes since a moment have ended. */
export function tally(fold: Fold, nodes: readonly NodeId[], since: number): Tally {
  const among = new Set(nodes);
  const counts = { ok: 0, fail: 0, info: 0, open: 0 };
  const { operations } = fold.world;
  for (let i = operations.length - 1; i >= 0; i--) {
    const operation = operations[i];
    // Operations are in the order of invocation: before this one all are older.
    if (operation === undefined || operation.invoked < since) break;
    if (among.has(operation.node) && !isAdministration(operation.kind)) counts[standingOf(operation)]++;
  }
  return counts;
}

/** One side of the cluster with how its operations ended. */
export type SideTally = {
  /** Names the side as long as it has the same nodes. */
  readonly key: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly tally: Tally;
};

/** Counts by side, anew from whenever the sides change: what matters is what each can do now. */
export class SideTallies {
  #key: string | null = null;
  #since = 0;

  /** Virtual time from which operations are counted. */
  get since(): number {
    return this.#since;
  }

  read(fold: Fold, sides: readonly SideReport[]): readonly SideTally[] {
    const key = sides.map((side) => side.nodes.join(' ')).join(' | ');
    if (key !== this.#key) {
      this.#since = this.#key === null ? 0 : fold.now;
      this.#key = key;
    }
    return sides.map((side) => ({
      key: side.nodes.join(' '),
      name: side.nodes.length === 1 ? side.nodes.join('') : side.groups.join(' + '),
      groups: side.groups,
      tally: tally(fold, side.nodes, this.#since),
    }));
  }
}
