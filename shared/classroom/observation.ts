import { canonical, type Json } from '../base/json.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import type { ScoredSide, Stretch } from '../checker/scorecard.ts';
import type { Cut } from '../checker/story.ts';
import type { Fold } from '../recording/fold.ts';
import { looksAt } from '../recording/looks.ts';
import type { Recording } from '../recording/recording.ts';
import { Replay } from '../recording/replay.ts';
import { acceptsWrites, assess, type Situation } from './situation.ts';

/** What somebody who watches the whole cluster writes down: how it stood when, only where that changed. */
export class Observation {
  readonly #stretches: { -readonly [Field in keyof Stretch]: Stretch[Field] }[] = [];
  #last = '';

  /** The cluster as it stands now. Times never go back. */
  look(at: number, { sides, isSplit, diverged, conflicts }: Situation): void {
    const seen: readonly ScoredSide[] = sides.map((side) => ({
      nodes: side.nodes,
      groups: side.groups,
      acceptsWrites: acceptsWrites(side),
    }));
    const text = canonical([seen, isSplit, diverged, conflicts]);
    const current = this.#stretches.at(-1);
    if (current !== undefined) current.until = at;
    if (text === this.#last) return;
    this.#last = text;
    // What lasted no time at all is not worth a stretch of its own.
    if (current !== undefined && current.from === at) this.#stretches.pop();
    this.#stretches.push({ from: at, until: at, sides: seen, isSplit, diverged, conflicts });
  }

  /** Everything so far, in order. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }
}

/**
 * Plays a recording to its end and looks at the cluster: whenever somebody did something to it, and at
 * intervals. `progress` is told how far it got, from 0 to 1; `look` is shown the class at each look. Throws HeaderError
 * and ReplayError.
 */
export function observe(
  { header, entries }: Pick<Recording, 'header' | 'entries'>,
  end: number,
  progress: (share: number) => void = () => undefined,
  look: (fold: Fold) => void = () => undefined,
): { readonly fold: Fold; readonly observation: Observation } {
  const replay = new Replay({ header, entries, checkpoints: [] });
  const observation = new Observation();
  for (const at of looksAt(entries, end)) {
    replay.play(at);
    observation.look(at, assess(replay.fold));
    look(replay.fold);
    progress(end === 0 ? 1 : at / end);
  }
  return { fold: replay.fold, observation };
}

/** The times during which there was more than one side, for a story to mention. */
export function cutsOf(stretches: readonly Stretch[]): Cut[] {
  const cuts: { from: number; until: number | null; sides: readonly (readonly string[])[] }[] = [];
  let last = '';
  for (const { from, until, sides } of stretches) {
    const nodes = sides.map((side) => side.nodes);
    const text = canonical(nodes);
    const current = cuts.at(-1);
    if (current !== undefined && text === last) current.until = until;
    else if (nodes.length > 1) cuts.push({ from, until, sides: nodes });
    last = text;
  }
  return cuts;
}

/** What the replicas hold of each key at the end: every value that one of them has, once. */
export function heldBy({ header, world }: Fold): Readonly<Table<readonly Json[]>> {
  const held: Table<Json[]> = {};
  for (const node of header.nodes) {
    const { data } = world.view(node);
    for (const key of keysOf(data)) {
      const known = lookUp(held, key) ?? [];
      for (const value of lookUp(data, key)?.values ?? []) {
        if (!known.some((other) => canonical(other) === canonical(value))) known.push(value);
      }
      held[key] = known;
    }
  }
  return held;
}
