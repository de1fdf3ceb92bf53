import { keysOf, lookUp } from '../../../base/table.ts';
import { type Cells, mergeCells } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { applyLate, graceOf } from './storage.ts';
import { isAlive, mark, send, setTimer, type Turn } from './turn.ts';
import type { CassandraState, Hint } from './types.ts';

type HintEntries = readonly (readonly [key: string, hint: number, cells: Cells])[];
type Taken = readonly (readonly [key: string, hint: number])[];

/**
 * Hinted handoff (hints/HintsService.java): the coordinator keeps a write for a replica that did not take it,
 * unless that replica has been down for longer than the hint window. Best effort: a hint counts for no level
 * but ANY, and is gone with its holder's disk. True when a hint was kept.
 */
export function keepHint(turn: Turn, owner: NodeId, key: string, cells: Cells): boolean {
  const { state } = turn;
  if (owner === state.self || !isInWindow(state, owner, turn.now)) return false;
  const shelf = (state.durable.hints[owner] ??= {});
  const before = lookUp(shelf, key);
  shelf[key] = {
    id: ++state.durable.hinted,
    cells: before === undefined ? cells : mergeCells(before.cells, cells),
    since: before?.since ?? turn.now,
  };
  turn.persists = true;
  if (before === undefined) mark(turn, 'hint', `${state.self} keeps a hint for ${owner}: ${key}`);
  keepDispatching(turn);
  return true;
}

/** Every ten seconds hints go to their owners that are up (hints/HintsDispatchTrigger.java). */
export function onHintsTimer(turn: Turn): void {
  turn.state.dispatching = false;
  dispatchHints(turn);
  keepDispatching(turn);
}

export function keepDispatching(turn: Turn): void {
  const { state } = turn;
  if (state.dispatching || keysOf(state.durable.hints).length === 0) return;
  state.dispatching = true;
  setTimer(turn, 'hints', DISPATCH);
}

export function dispatchHints(turn: Turn): void {
  const { state } = turn;
  const { hints } = state.durable;
  for (const owner of keysOf(hints)) {
    if (!isAlive(state, owner)) continue;
    dropExpired(turn, owner);
    const shelf = lookUp(hints, owner) ?? {};
    const entries = keysOf(shelf)
      .slice(0, HINTS_AT_ONCE)
      .map((key) => entryOf(key, lookUp(shelf, key)));
    if (entries.length > 0) send(turn, owner, { kind: 'hints', entries });
  }
}

export function onHints(turn: Turn, from: NodeId, entries: HintEntries): void {
  const { state } = turn;
  for (const [key, , cells] of entries) {
    if (applyLate(turn, key, cells, from))
      mark(turn, 'handoff', `${state.self} gets ${key} from ${from}'s hints`);
  }
  send(turn, from, { kind: 'hints-ok', taken: entries.map(([key, hint]) => [key, hint] as const) });
}

export function onHintsOk(turn: Turn, from: NodeId, taken: Taken): void {
  const shelf = lookUp(turn.state.durable.hints, from) ?? {};
  const done = taken.filter(([key, hint]) => lookUp(shelf, key)?.id === hint);
  forget(
    turn,
    from,
    done.map(([key]) => key),
  );
  // More than one message holds: the next part goes out at once.
  if (done.length === HINTS_AT_ONCE) dispatchHints(turn);
}

/** Milliseconds between rounds, and how many hints one message holds. */
const DISPATCH = 10_000;
const HINTS_AT_ONCE = 64;

function isInWindow({ down, knobs }: CassandraState, owner: NodeId, now: number): boolean {
  const since = lookUp(down, owner) ?? now;
  return knobs.maxHintWindow > 0 && now - since <= knobs.maxHintWindow;
}

/** A hint older than gc_grace could bring back what has been deleted since. */
function dropExpired(turn: Turn, owner: NodeId): void {
  const { durable, knobs } = turn.state;
  const shelf = lookUp(durable.hints, owner) ?? {};
  const isExpired = (key: string): boolean => turn.now - (lookUp(shelf, key)?.since ?? 0) > graceOf(knobs);
  forget(turn, owner, keysOf(shelf).filter(isExpired));
}

function forget(turn: Turn, owner: NodeId, keys: readonly string[]): void {
  const { hints } = turn.state.durable;
  const shelf = lookUp(hints, owner);
  if (shelf === undefined || keys.length === 0) return;
  for (const key of keys) delete shelf[key];
  if (keysOf(shelf).length === 0) delete hints[owner];
  turn.persists = true;
}

function entryOf(key: string, hint: Hint | undefined): readonly [string, number, Cells] {
  return [key, hint?.id ?? 0, hint?.cells ?? {}];
}
