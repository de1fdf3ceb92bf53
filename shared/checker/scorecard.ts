/** How an operation went, as far as a scorecard counts it. Times are virtual milliseconds. */
export type ScoredOperation = {
  readonly node: string;
  readonly invoked: number;
  /** Null while nothing has come back. */
  readonly returned: number | null;
  readonly class: 'ok' | 'fail' | 'info';
  /** A read of what had been overwritten before it began. */
  readonly isStale: boolean;
  /** A write that was acknowledged and that no replica has kept. */
  readonly isLost: boolean;
};

/** Nodes that could talk to each other, and whether clients among them could write. */
export type ScoredSide = {
  readonly nodes: readonly string[];
  readonly groups: readonly string[];
  readonly acceptsWrites: boolean;
};

/** A time during which the cluster stood as it did. Stretches follow each other without a gap. */
export type Stretch = {
  readonly from: number;
  readonly until: number;
  readonly sides: readonly ScoredSide[];
  /** Whether the same data could be written on more than one side. */
  readonly isSplit: boolean;
  /** Keys of which replicas hold different versions, and keys with concurrent values. */
  readonly diverged: number;
  readonly conflicts: number;
};

export type ScoredRun = {
  readonly operations: readonly ScoredOperation[];
  readonly stretches: readonly Stretch[];
  readonly groups: readonly { readonly name: string; readonly nodes: readonly string[] }[];
};

/** How the operations of some nodes went. Shares are from 0 to 1, and null where nothing was asked: not tested. */
export type Tally = {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly open: number;
  /** Succeeded, of all that have ended. */
  readonly availability: number | null;
  readonly refused: number | null;
  /** Of operations that succeeded, virtual milliseconds, by nearest rank; null without any. */
  readonly median: number | null;
  readonly p99: number | null;
  readonly stale: number;
  readonly lost: number;
};

export type Interval = { readonly from: number; readonly until: number };

/** Some nodes with their tally; `lasted`: how long they were a side, virtual milliseconds. */
export type GroupTally = { readonly name: string; readonly nodes: readonly string[]; readonly tally: Tally };
export type SideTally = GroupTally & { readonly lasted: number };

export type Scorecard = {
  readonly everybody: Tally;
  readonly groups: readonly GroupTally[];
  /** The sides that there were, in the order in which they came about. */
  readonly sides: readonly SideTally[];
  /** When nobody could write anywhere, and when the same data could be written on more than one side. */
  readonly withoutQuorum: readonly Interval[];
  readonly splitBrain: readonly Interval[];
  /** How long replicas differed at most, virtual milliseconds. */
  readonly longestDivergence: number;
  /** Times at which the number of keys that differ changed, with the new number. */
  readonly divergence: readonly { readonly at: number; readonly keys: number }[];
  readonly conflicts: { readonly opened: number; readonly merged: number };
};

/** Counts a run. */
export function score({ operations, stretches, groups }: ScoredRun): Scorecard {
  const diverged = intervalsOf(stretches, (stretch) => stretch.diverged > 0);
  return {
    everybody: tallyOf(operations),
    groups: groups.map(({ name, nodes }) => {
      const members = new Set(nodes);
      return { name, nodes, tally: tallyOf(operations.filter(({ node }) => members.has(node))) };
    }),
    sides: sidesOf(operations, stretches, groups),
    withoutQuorum: intervalsOf(stretches, ({ sides }) => !sides.some(({ acceptsWrites }) => acceptsWrites)),
    splitBrain: intervalsOf(stretches, ({ isSplit }) => isSplit),
    longestDivergence: diverged.reduce((longest, { from, until }) => Math.max(longest, until - from), 0),
    divergence: changesOf(stretches),
    conflicts: conflictsOf(stretches),
  };
}

/** What a class promised itself beforehand. Null: nothing. */
export type Objectives = {
  /** The least share of operations that succeed, from 0 to 1. */
  readonly availability: number | null;
  /** How stale a read may be, virtual milliseconds. */
  readonly window: number | null;
};

/** What became of a promise; `unknown`: a checker could not decide it. */
export type Kept = 'kept' | 'broken' | 'not tested' | 'unknown';

/** Whether a share that was promised was reached. Without any operation nothing was tested. */
export function keptAvailability({ availability }: Tally, promised: number): Kept {
  if (availability === null) return 'not tested';
  return availability >= promised ? 'kept' : 'broken';
}

/** All time during which something held. */
export function timeOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { from, until }) => sum + until - from, 0);
}

function tallyOf(operations: readonly ScoredOperation[]): Tally {
  const counts = { ok: 0, fail: 0, info: 0, open: 0, stale: 0, lost: 0 };
  const took: number[] = [];
  for (const operation of operations) {
    if (operation.isStale) counts.stale++;
    if (operation.isLost) counts.lost++;
    if (operation.returned === null) {
      counts.open++;
      continue;
    }
    counts[operation.class]++;
    if (operation.class === 'ok') took.push(operation.returned - operation.invoked);
  }
  const ended = counts.ok + counts.fail + counts.info;
  took.sort((a, b) => a - b);
  return {
    ...counts,
    availability: ended === 0 ? null : counts.ok / ended,
    refused: ended === 0 ? null : counts.fail / ended,
    median: rank(took, 50),
    p99: rank(took, 99),
  };
}

/** The nearest-rank percentile of sorted numbers. */
function rank(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? null;
}

/** An operation belongs to the side on which its node was when it was asked. */
function sidesOf(
  operations: readonly ScoredOperation[],
  stretches: readonly Stretch[],
  groups: ScoredRun['groups'],
): SideTally[] {
  type Found = { readonly side: ScoredSide; lasted: number; readonly operations: ScoredOperation[] };
  const found = new Map<string, Found>();
  for (const { from, until, sides } of stretches) {
    for (const side of sides) {
      const key = side.nodes.join(' ');
      const known = found.get(key) ?? { side, lasted: 0, operations: [] };
      known.lasted += until - from;
      found.set(key, known);
    }
  }
  for (const operation of operations) {
    const side = stretchAt(stretches, operation.invoked)?.sides.find(({ nodes }) =>
      nodes.includes(operation.node),
    );
    if (side !== undefined) found.get(side.nodes.join(' '))?.operations.push(operation);
  }
  return [...found.values()].map(({ side, lasted, operations: asked }) => {
    return { name: nameOf(side, groups), nodes: side.nodes, lasted, tally: tallyOf(asked) };
  });
}

/** A side by its groups, with how many of a group there are where it is not all of them. */
function nameOf({ nodes, groups: on }: ScoredSide, groups: ScoredRun['groups']): string {
  if (nodes.length === 1 || on.length === 0) return nodes.join(' + ');
  const parts = on.map((name) => {
    const members = groups.find((group) => group.name === name)?.nodes ?? [];
    const here = members.filter((node) => nodes.includes(node));
    return here.length === members.length ? name : `${name} (${here.length} of ${members.length})`;
  });
  return parts.join(' + ');
}

/** The last stretch that had begun by a time: what is asked at the instant of a cut meets the cut. */
function stretchAt(stretches: readonly Stretch[], at: number): Stretch | undefined {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle] as Stretch).from <= at) low = middle + 1;
    else high = middle;
  }
  return stretches[low - 1];
}

/** The times during which something held, those that touch joined. */
function intervalsOf(stretches: readonly Stretch[], holds: (stretch: Stretch) => boolean): Interval[] {
  const found: { from: number; until: number }[] = [];
  for (const stretch of stretches) {
    if (!holds(stretch) || stretch.until === stretch.from) continue;
    const last = found.at(-1);
    if (last !== undefined && last.until === stretch.from) last.until = stretch.until;
    else found.push({ from: stretch.from, until: stretch.until });
  }
  return found;
}

function changesOf(stretches: readonly Stretch[]): { at: number; keys: number }[] {
  return stretches.flatMap(({ from, diverged }, index) =>
    stretches[index - 1]?.diverged === diverged ? [] : [{ at: from, keys: diverged }],
  );
}

function conflictsOf(stretches: readonly Stretch[]): Scorecard['conflicts'] {
  let opened = 0;
  let merged = 0;
  let before = 0;
  for (const { conflicts } of stretches) {
    opened += Math.max(0, conflicts - before);
    merged += Math.max(0, before - conflicts);
    before = conflicts;
  }
  return { opened, merged };
}
