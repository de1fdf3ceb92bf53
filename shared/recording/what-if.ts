import { hasMembership } from '../systems/system.ts';
import { Run, type Skipped } from './changed-run.ts';
import type { Command, Entry } from './command.ts';
import { firstDifference, type Difference } from './first-difference.ts';
import { Fold } from './fold.ts';
import { handOver } from './hand-over.ts';
import type { Header } from './header.ts';
import { looksAt } from './looks.ts';
import type { Recording } from './recording.ts';
import { systemOf } from './setup.ts';
import type { OperationRecord } from '../sim/operation.ts';

/** What is to be different in another run of the same class. Entries are named by their sequence numbers. */
export type Change = {
  /** From when on, virtual milliseconds: before it the runs are one. */
  readonly from: number;
  /** Another system, with these settings; without settings it has its defaults. */
  readonly system?: string;
  readonly knobs?: Header['knobs'];
  /** Those before `from` end there. */
  readonly without: readonly number[];
  /** Only those from `from` on, and to no earlier time. */
  readonly moved: readonly { readonly seq: number; readonly at: number }[];
};

export const NO_CHANGE: Change = { from: 0, without: [], moved: [] };

export type OtherRun = {
  /**
   * The changed run as a recording of its own: the entries that took effect, numbered anew. Null where the cluster was
   * replaced on the way: a recording has one system from beginning to end.
   */
  readonly recording: Recording | null;
  /** The changed run at its end. */
  readonly fold: Fold;
  /** All operations of the changed run: before `from` those of the original. */
  readonly operations: readonly OperationRecord[];
  readonly skipped: readonly Skipped[];
  readonly difference: Difference | null;
  /** What a cluster that replaced the first one was given of it; null where none did. */
  readonly handedOver: { readonly carried: number; readonly missed: number } | null;
};

/** Told while a what-if is played: how far it got, from 0 to 1, and how the changed run stands. */
export interface Looker {
  progress?(share: number): void;
  look?(fold: Fold): void;
}

/**
 * Plays a recording again with something changed from some time on, beside the original. What people asked is asked
 * again at the same times, up to `end`; what the changed run refuses is left out and listed. Throws HeaderError for
 * settings that cannot be.
 */
export function whatIf(
  recording: Pick<Recording, 'header' | 'entries'>,
  end: number,
  change: Change,
  looker: Looker = {},
): OtherRun {
  const entries = changedEntries(recording, change);
  const original = new Run(new Fold(recording.header), recording.entries);
  let branch: Branch | null = null;
  let difference: Difference | null = null;
  for (const at of looksAt([...recording.entries, ...entries], end)) {
    if (branch === null && at >= change.from) {
      original.play(change.from, true);
      branch = branchOff(original, recording, change, entries);
    }
    // The changed run asks which entry made a fault, so that the original one goes ahead.
    original.play(at);
    branch?.run.play(at);
    if (branch !== null && difference === null) {
      const { run } = branch;
      const [was, now] = [original.takeEvents(), run.takeEvents()];
      difference = firstDifference(was, now, original.fold.world, run.fold.world);
      if (difference !== null) [original, run].forEach((each) => each.stopWatching());
    }
    looker.look?.((branch?.run ?? original).fold);
    looker.progress?.(end === 0 ? 1 : at / end);
  }
  const { run, before, handedOver } = branch ?? { run: original, before: null, handedOver: null };
  const { header } = run.fold;
  const { operations } = run.fold.world;
  return {
    recording: handedOver === null ? { header, entries: run.applied, checkpoints: [] } : null,
    fold: run.fold,
    operations: before === null ? operations : [...before.operations, ...operations.slice(before.count)],
    skipped: run.skipped,
    difference,
    handedOver,
  };
}

/** Where the changed run leaves the original. `before`: the operations of a cluster that was replaced, and how many were repeated. */
type Branch = {
  readonly run: Run;
  readonly before: { readonly operations: readonly OperationRecord[]; readonly count: number } | null;
  readonly handedOver: OtherRun['handedOver'];
};

function branchOff(
  original: Run,
  { header, entries: recorded }: Pick<Recording, 'header' | 'entries'>,
  change: Change,
  entries: readonly Entry[],
): Branch {
  // A world that begins has its first instant still before it, and one that goes on has it behind.
  if (change.from > 0) original.takeEvents();
  const changed = changedHeader(header, change);
  const isReplaced = change.from > 0 && (change.system !== undefined || change.knobs !== undefined);
  const replaced = isReplaced ? handOver(original.fold, changed) : null;
  const same = change.from === 0 ? new Fold(changed) : new Fold(header, original.fold.save());
  const run = new Run(replaced?.fold ?? same, entries, original);
  for (const seq of change.without) {
    const entry = recorded[seq - 1];
    if (entry === undefined || entry.at >= change.from) continue;
    const command = endOfFault(entry, run);
    if (command !== null) run.take({ seq, at: change.from, command, ref: null });
  }
  if (replaced === null) return { run, before: null, handedOver: null };
  const { carried, missed } = replaced;
  const operations = original.fold.world.operations.map((operation) => ({ ...operation }));
  return {
    run,
    before: { operations, count: run.fold.world.operations.length },
    handedOver: { carried, missed },
  };
}

/** What ends a fault that stands; null where nothing stands any more. */
function endOfFault({ seq, command }: Entry, { fold, made }: Run): Command | null {
  switch (command.kind) {
    case 'crash':
      return { kind: 'restart', node: command.node };
    case 'pause':
      return { kind: 'resume', node: command.node };
    case 'skew':
      return { kind: 'skew', node: command.node, offset: 0 };
    default: {
      const fault = [...made].find(([, maker]) => maker === seq)?.[0];
      return fold.world.faults.some(({ id }) => id === fault) && fault !== undefined
        ? { kind: 'undo', fault }
        : null;
    }
  }
}

function changedHeader(header: Header, { system = header.system, knobs }: Change): Header {
  const kept = system === header.system ? header.knobs : {};
  const changed = { ...header, system, knobs: knobs ?? kept };
  if (header.spares === undefined || hasMembership(systemOf(changed))) return changed;
  // Where nobody can join, all machines are members from the start.
  const { spares: _, ...without } = changed;
  return without;
}

/** What the changed run has still to play where it leaves the original. */
function changedEntries(
  { entries }: Pick<Recording, 'header' | 'entries'>,
  { from, without, moved }: Change,
): Entry[] {
  const times = new Map(moved.map(({ seq, at }) => [seq, Math.max(from, at)]));
  const left = entries.filter(({ seq, at }) => at >= from && !without.includes(seq));
  const placed = left.map((entry) => ({ ...entry, at: times.get(entry.seq) ?? entry.at }));
  return placed.sort((a, b) => a.at - b.at || a.seq - b.seq);
}
