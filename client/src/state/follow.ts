/** Real milliseconds that a live view stays behind the server, so that clocks that come late do not show. */
const CUSHION_MS = 200;
/** While everybody is held, a step is played within about this long whatever the pace. */
const STEP_MS = 300;
/** How many times faster than its pace a view that fell behind may go. */
const HURRY_MAX = 12;

export type Following = {
  /** Virtual time shown. */
  readonly shown: number;
  /** Virtual time up to which the server lets it go. */
  readonly ceiling: number;
  /** Virtual milliseconds per real millisecond. */
  readonly pace: number;
  readonly held: boolean;
};

/**
 * The virtual time to show after some real milliseconds: at the pace, a little faster or slower to keep the
 * cushion, and never beyond the ceiling. A view that showed more than the server knows would have to take it back.
 */
export function follow({ shown, ceiling, pace, held }: Following, elapsedMs: number): number {
  const behind = ceiling - shown;
  if (behind <= 0) return shown;
  const cushion = pace * CUSHION_MS;
  const excess = (behind - cushion) / cushion;
  const factor = excess > 1 ? Math.min(excess, HURRY_MAX) : 1 + 0.4 * Math.max(-1, excess);
  const rate = held ? Math.max(behind / STEP_MS, pace) : pace * factor;
  return Math.min(ceiling, shown + rate * elapsedMs);
}

/** How far a view is behind, real milliseconds. */
export function lagOf({ shown, ceiling, pace }: Following): number {
  return (ceiling - shown) / pace;
}
