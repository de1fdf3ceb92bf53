import { unreachable } from '../../../shared/base/assert.ts';
import { equal } from '../../../shared/base/json.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import type { Flap, Traffic } from '../../../shared/sim/command.ts';
import type { Fault, Links, Quality } from '../../../shared/sim/faults.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { ShapeName } from '../../../shared/sim/shapes.ts';
import type { InstructorCommand } from '../../../shared/wire/watch.ts';

/** What is wrong with the cluster now, as data; the words are the catalogue's. */
export type FaultKind =
  | CutKind
  | { readonly kind: 'link'; readonly links: Links; readonly quality: Partial<Quality> }
  | { readonly kind: 'crash'; readonly node: NodeId }
  | { readonly kind: 'pause'; readonly node: NodeId }
  | {
      readonly kind: 'skew';
      readonly node: NodeId;
      readonly offset: number;
      readonly drift: number | undefined;
    };

/** `partly`: some of its links have been healed since. */
export type CutKind = {
  readonly partly: boolean;
  readonly traffic: Traffic | undefined;
  readonly flap: Flap | undefined;
} & (
  | { readonly kind: 'cut'; readonly links: Links }
  | { readonly kind: 'isolate'; readonly node: NodeId }
  | { readonly kind: 'shape'; readonly shape: ShapeName }
  | { readonly kind: 'sever'; readonly pairs: readonly (readonly [NodeId, NodeId])[] }
);

/** A fault that stands, and the command that takes it back. */
export type StandingFault = {
  /** Names the fault as long as it stands. */
  readonly key: string;
  readonly what: FaultKind;
  /** Virtual time it was made; null when that lies before what this browser was told. */
  readonly since: number | null;
  readonly undo: InstructorCommand;
};

/**
 * The list of standing faults, in the order in which they were made. A fold knows what stands but not
 * since when, so that is looked up among the entries, once for each fault.
 */
export class FaultList {
  #made = new Map<string, Entry | null>();

  /** What stands in this fold. `entries`: the recording as far as this browser has it. */
  read(fold: Fold, entries: readonly Entry[]): StandingFault[] {
    const found = [...networkFaults(fold), ...nodeFaults(fold)];
    const made = new Map<string, Entry | null>();
    for (const { key, what } of found) {
      const known = this.#made.get(key);
      made.set(key, known === undefined ? lastMaker(what, entries, fold.seq) : known);
    }
    this.#made = made;
    return found
      .map((fault) => ({ ...fault, since: made.get(fault.key)?.at ?? null }))
      .sort((a, b) => (made.get(a.key)?.seq ?? 0) - (made.get(b.key)?.seq ?? 0));
  }
}

type Found = Omit<StandingFault, 'since'>;

function networkFaults(fold: Fold): Found[] {
  return fold.world.faults.map((fault) => ({
    key: `network ${fault.id}`,
    what: describeNetworkFault(fault),
    undo: { kind: 'undo', fault: fault.id },
  }));
}

/** A fault of the network as data that the catalogue has words for. */
export function describeNetworkFault(fault: Fault): FaultKind {
  if (fault.kind === 'link') return { kind: 'link', links: fault.links, quality: fault.quality };
  const how = { partly: fault.healed.length > 0, traffic: fault.traffic, flap: fault.flap };
  switch (fault.kind) {
    case 'cut':
      return { kind: 'cut', links: fault.links, ...how };
    case 'isolate':
      return { kind: 'isolate', node: fault.node, ...how };
    case 'shape':
      return { kind: 'shape', shape: fault.shape, ...how };
    case 'sever':
      return { kind: 'sever', pairs: fault.pairs, ...how };
    default:
      return unreachable(fault);
  }
}

function nodeFaults(fold: Fold): Found[] {
  const found: Found[] = [];
  for (const id of fold.header.nodes) {
    const { up, paused, clockOffset, drift } = fold.world.node(id);
    if (!up) {
      found.push({
        key: `crash ${id}`,
        what: { kind: 'crash', node: id },
        undo: { kind: 'restart', node: id },
      });
      continue;
    }
    if (paused) {
      found.push({
        key: `pause ${id}`,
        what: { kind: 'pause', node: id },
        undo: { kind: 'resume', node: id },
      });
    }
    if (clockOffset !== 0 || drift !== undefined) {
      found.push({
        key: `skew ${id} ${clockOffset} ${drift?.perMillion ?? 0}`,
        what: { kind: 'skew', node: id, offset: clockOffset, drift: drift?.perMillion },
        undo: { kind: 'skew', node: id, offset: 0 },
      });
    }
  }
  return found;
}

/** The latest entry that can have made this fault; null when it is not among these. */
function lastMaker(what: FaultKind, entries: readonly Entry[], seq: number): Entry | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry !== undefined && entry.seq <= seq && makes(entry, what)) return entry;
  }
  return null;
}

function makes({ command }: Entry, what: FaultKind): boolean {
  switch (command.kind) {
    case 'cut':
      return what.kind === 'cut' && equal(linksOf(command), what.links);
    case 'isolate':
      // One that says `leader` isolated whoever led then, which only the fold of that time knew.
      return what.kind === 'isolate' && (command.node === what.node || command.node === 'leader');
    case 'shape':
      return what.kind === 'shape' && command.shape === what.shape;
    case 'sever':
      return what.kind === 'sever' && equal(command.pairs, what.pairs);
    case 'link':
      return what.kind === 'link' && equal(linksOf(command), what.links);
    case 'crash':
    case 'pause':
      return command.kind === what.kind && command.node === what.node;
    case 'skew':
      return what.kind === 'skew' && command.node === what.node && command.offset === what.offset;
    case 'jump':
      return what.kind === 'skew' && command.node === what.node;
    default:
      return false;
  }
}

function linksOf({ from, to, oneWay }: Links): Links {
  return { from, to, oneWay };
}

/** What takes back every one of these faults, in one go. Healing brings up all links at once. */
export function undoAll(faults: readonly StandingFault[]): InstructorCommand[] {
  const isCut = ({ what }: StandingFault): boolean => 'partly' in what;
  const rest = faults.filter((fault) => !isCut(fault)).map((fault) => fault.undo);
  return faults.some(isCut) ? [{ kind: 'heal', between: null }, ...rest] : rest;
}
