import { unreachable } from '../base/assert.ts';
import { canonical } from '../base/json.ts';
import type { TimelineEvent } from '../sim/timeline.ts';
import type { World } from '../sim/world.ts';
import { hasMembership } from '../systems/system.ts';
import type { Command, Entry } from './command.ts';
import { Fold } from './fold.ts';
import type { Header } from './header.ts';
import type { Recording } from './recording.ts';
import { systemOf } from './setup.ts';

/** What is to be different in another run of the same class. Entries are named by their sequence numbers. */
export type Change = {
  /** Another system, with these settings; without settings it has its defaults. */
  readonly system?: string;
  readonly knobs?: Header['knobs'];
  readonly without: readonly number[];
  readonly moved: readonly { readonly seq: number; readonly at: number }[];
};

export const NO_CHANGE: Change = { without: [], moved: [] };

/** An entry that the changed run refused, and why. */
export type Skipped = { readonly seq: number; readonly at: number; readonly reason: string };

/** The first instant at which two runs differ: what happened in each, in words; null where nothing did. */
export type Difference = { readonly at: number; readonly was: string | null; readonly now: string | null };

export type OtherRun = {
  /** The changed run as a recording of its own: the entries that took effect, numbered anew. */
  readonly recording: Recording;
  readonly fold: Fold;
  readonly skipped: readonly Skipped[];
  readonly difference: Difference | null;
};

/** The two runs are compared that often. Virtual milliseconds. */
const SLICE = 200;

/**
 * Plays a recording again with something changed, beside the original. What people asked is asked again at the same
 * times, up to `end`; what the changed run refuses is left out and listed. Throws HeaderError for settings that cannot be.
 */
export function whatIf(
  recording: Pick<Recording, 'header' | 'entries'>,
  end: number,
  change: Change,
  progress: (share: number) => void = () => undefined,
): OtherRun {
  const original = new Run(recording.header, recording.entries, new Map());
  const changed = new Run(
    changedHeader(recording.header, change),
    changedEntries(recording, change),
    original.made,
  );
  let difference: Difference | null = null;
  for (let at = 0; ; at = Math.min(end, at + SLICE)) {
    // The changed run asks which entry made a fault, so that the original one goes ahead.
    original.play(at);
    changed.play(at);
    if (difference === null) {
      difference = firstDifference(
        original.takeEvents(),
        changed.takeEvents(),
        original.fold.world,
        changed.fold.world,
      );
      if (difference !== null) [original, changed].forEach((run) => run.stopWatching());
    }
    progress(end === 0 ? 1 : at / end);
    if (at >= end) break;
  }
  const { header } = changed.fold;
  return {
    recording: { header, entries: changed.applied, checkpoints: [] },
    fold: changed.fold,
    skipped: changed.skipped,
    difference,
  };
}

function changedHeader(header: Header, { system = header.system, knobs }: Change): Header {
  const kept = system === header.system ? header.knobs : {};
  const changed = { ...header, system, knobs: knobs ?? kept };
  if (header.spares === undefined || hasMembership(systemOf(changed))) return changed;
  // Where nobody can join, all machines are members from the start.
  const { spares: _, ...without } = changed;
  return without;
}

function changedEntries({ entries }: Pick<Recording, 'entries'>, { without, moved }: Change): Entry[] {
  const times = new Map(moved.map(({ seq, at }) => [seq, at]));
  const left = entries.filter(({ seq }) => !without.includes(seq));
  const placed = left.map((entry) => ({ ...entry, at: times.get(entry.seq) ?? entry.at }));
  return placed.sort((a, b) => a.at - b.at || a.seq - b.seq);
}

/** A fold of entries of which some may be refused, with the faults that each of them made. */
class Run {
  readonly fold: Fold;
  readonly applied: Entry[] = [];
  readonly skipped: Skipped[] = [];
  /** The entry that made each fault, by the fault's number in this run. */
  readonly made = new Map<number, number>();
  readonly #entries: readonly Entry[];
  /** The same of the run in which `undo` commands name their faults. */
  readonly #named: ReadonlyMap<number, number>;
  #next = 0;
  #events: TimelineEvent[] = [];

  constructor(header: Header, entries: readonly Entry[], named: ReadonlyMap<number, number>) {
    this.fold = new Fold(header);
    this.#entries = entries;
    this.#named = named;
    this.fold.world.observe = (event) => this.#events.push(event);
  }

  play(until: number): void {
    for (let entry = this.#entries[this.#next]; entry !== undefined && entry.at <= until;) {
      this.fold.advance(entry.at);
      this.#take(entry);
      entry = this.#entries[++this.#next];
    }
    this.fold.advance(until);
  }

  takeEvents(): TimelineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  stopWatching(): void {
    this.fold.world.observe = null;
    this.#events = [];
  }

  #take(entry: Entry): void {
    const command = this.#acceptable(this.#translate(entry.command));
    const reason = this.fold.refuse(command);
    if (reason !== null) {
      this.skipped.push({ seq: entry.seq, at: entry.at, reason });
      return;
    }
    const before = lastFault(this.fold.world);
    const taken = { ...entry, seq: this.fold.seq + 1, command };
    this.fold.apply(taken);
    this.applied.push(taken);
    const after = lastFault(this.fold.world);
    if (after > before) this.made.set(after, entry.seq);
  }

  /** Where another fault was left out, the numbers of those after it are others. */
  #translate(command: Command): Command {
    if (command.kind !== 'undo' || this.#named.size === 0) return command;
    const maker = this.#named.get(command.fault);
    const found = [...this.made].find(([, seq]) => seq === maker);
    return found === undefined
      ? { ...command, fault: Number.MAX_SAFE_INTEGER }
      : { ...command, fault: found[0] };
  }

  /** Another system has other options: an operation that it refuses with them is asked without. */
  #acceptable(command: Command): Command {
    if (command.kind !== 'operate' || command.operation.options === undefined) return command;
    if (this.fold.refuse(command) === null) return command;
    const { options: _, ...operation } = command.operation;
    return { ...command, operation };
  }
}

function lastFault(world: World): number {
  return world.faults.reduce((last, { id }) => Math.max(last, id), 0);
}

function firstDifference(
  was: readonly TimelineEvent[],
  now: readonly TimelineEvent[],
  wasIn: World,
  nowIn: World,
): Difference | null {
  const count = Math.max(was.length, now.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [was[i], now[i]];
    if (canonical(a ?? null) === canonical(b ?? null)) continue;
    const at = Math.min(a?.at ?? Infinity, b?.at ?? Infinity);
    const tell = (event: TimelineEvent | undefined, world: World) =>
      event === undefined || event.at > at ? null : describeEvent(event, world);
    return { at, was: tell(a, wasIn), now: tell(b, nowIn) };
  }
  return null;
}

/** An event of a timeline in a few plain words. */
function describeEvent(event: TimelineEvent, { setup }: World): string {
  switch (event.kind) {
    case 'command':
      return `command: ${event.command.kind}`;
    case 'mark':
      return `${event.node}: ${event.mark.text}`;
    case 'invoked':
      return `${event.node} asks: ${event.operation.kind} ${event.operation.key}`;
    case 'finished':
      return `${event.node} is answered: ${event.outcome.class === 'ok' ? 'ok' : event.outcome.error}`;
    case 'sent':
    case 'delivered':
    case 'lost': {
      const { from, to, body } = event.flight;
      const what = body.kind === 'message' ? setup.protocol.describeMessage(body.message) : body.kind;
      return `${from} → ${to} ${event.kind}: ${what}`;
    }
    default:
      return unreachable(event);
  }
}
