import { Configurations } from '../configurations.ts';

/** One order of operations, which have numbers, as far as it has been laid out. */
export type Layout = {
  /** What tells one way of having come here from another; its last words may be a set of what was used up. */
  readonly row: Int32Array;
  readonly usedWords: number;
  /** How many operations have been laid out. */
  readonly taken: number;
  readonly isDone: boolean;
  take(operation: number): void;
  /** Takes what may come now and changes nothing for the others: whenever an order exists, one that begins so does. */
  takeLooks(): void;
  /** What else may come next, what is likeliest first. */
  candidates(): readonly number[];
  /** Takes the last ones up again, until so many are left. */
  undoTo(count: number): void;
};

/**
 * Whether an order can be laid out to its end. Tries them depth first, for a number of steps; a configuration that was
 * met before is not tried again. Null when the steps, or the memory for configurations, did not suffice.
 */
export function canComplete(layout: Layout, steps: number): boolean | null {
  const seen = new Configurations(layout.usedWords);
  layout.takeLooks();
  const frames: Frame[] = [{ candidates: layout.candidates(), tried: 0, from: 0 }];
  for (let left = steps; left > 0; left--) {
    if (layout.isDone) return true;
    const frame = frames.at(-1);
    if (frame === undefined) return false;
    const next = frame.candidates[frame.tried++];
    if (next === undefined) {
      layout.undoTo(frame.from);
      frames.pop();
      continue;
    }
    const from = layout.taken;
    layout.take(next);
    layout.takeLooks();
    if (seen.add(layout.row, layout.row.length)) {
      frames.push({ candidates: layout.candidates(), tried: 0, from });
    } else {
      layout.undoTo(from);
    }
    if (seen.isFull) return null;
  }
  return null;
}

/** Operations that may come next, how many of them were tried, and how many had been taken before. */
type Frame = { readonly candidates: readonly number[]; tried: number; readonly from: number };
