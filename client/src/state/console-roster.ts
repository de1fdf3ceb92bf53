import type { Fold } from '../../../shared/recording/fold.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { Person } from '../../../shared/wire/watch.ts';
import { standingOf, type History, type Standing } from './console-history.ts';

/** One seat as a line of the list. */
export type RosterRow = {
  readonly node: NodeId;
  readonly name: string | null;
  readonly presence: Person['presence'];
  /** Real time, as `Date.now()` gives it, at which the browser was lost; null when it is not. */
  readonly awaySince: number | null;
  /** Whether the browser's own node agrees with the server's; null while it has not said. */
  readonly agrees: boolean | null;
  readonly group: string | null;
  readonly machine: 'up' | 'down' | 'paused';
  readonly leads: boolean;
  /** The node's last operation and how it stands. */
  readonly lastKind: OperationRecord['kind'] | null;
  readonly lastKey: string;
  readonly lastStanding: Standing | null;
};

/** People with the real time at which they were told, so that an absence can be counted on. */
export type Told = { readonly people: readonly Person[]; readonly at: number };

/**
 * Makes the list. Lines that did not change are the same objects as before: of three hundred lines a
 * screen then draws the few that did.
 */
export class Roster {
  #before: readonly RosterRow[] = [];

  read(fold: Fold, told: Told, history: History): readonly RosterRow[] {
    const people = new Map(told.people.map((person) => [person.node, person]));
    const groups = new Map<NodeId, string>();
    for (const [name, members] of Object.entries(fold.world.groups)) {
      for (const node of members) groups.set(node, name);
    }
    const leader = fold.world.leader;
    const rows = fold.header.nodes.map((node, index): RosterRow => {
      const person = people.get(node);
      const { up, paused } = fold.world.node(node);
      const last = history.last(node);
      const row: RosterRow = {
        node,
        name: person?.name ?? null,
        presence: person?.presence ?? 'bot',
        awaySince: person?.presence === 'away' ? told.at - person.awayMs : null,
        agrees: person?.agrees ?? null,
        group: groups.get(node) ?? null,
        machine: !up ? 'down' : paused ? 'paused' : 'up',
        leads: node === leader,
        lastKind: last?.kind ?? null,
        lastKey: last?.key ?? '',
        lastStanding: last === undefined ? null : standingOf(last),
      };
      const before = this.#before[index];
      return before !== undefined && isSame(before, row) ? before : row;
    });
    const isUnchanged =
      rows.length === this.#before.length && rows.every((row, index) => row === this.#before[index]);
    if (!isUnchanged) this.#before = rows;
    return this.#before;
  }
}

function isSame(a: RosterRow, b: RosterRow): boolean {
  return (Object.keys(b) as (keyof RosterRow)[]).every((field) => a[field] === b[field]);
}

/** How many students are here, of how many seats. */
export function countHere(rows: readonly RosterRow[]): { here: number; away: number; seats: number } {
  const here = rows.filter((row) => row.presence === 'here').length;
  const away = rows.filter((row) => row.presence === 'away').length;
  return { here, away, seats: rows.length };
}
