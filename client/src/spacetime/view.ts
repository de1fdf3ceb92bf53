/** The part of the run that is shown. Virtual milliseconds; fractions of one when zoomed in far. */
export type View = { readonly from: number; readonly until: number };

/** The shortest time that is shown at once: messages within one millisecond cannot be told apart. */
export const SPAN_MIN = 10;

/** The view with its length changed by a factor, the time `around` staying where it is. `reach`: all that can be shown. */
export function zoomed(view: View, factor: number, around: number, reach: View): View {
  const span = Math.max(SPAN_MIN, Math.min(reach.until - reach.from, (view.until - view.from) * factor));
  const share = (around - view.from) / (view.until - view.from);
  const from = around - span * share;
  return held({ from, until: from + span }, reach);
}

/** The view moved by so much, and no further than its reach. */
export function moved(view: View, ms: number, reach: View): View {
  return held({ from: view.from + ms, until: view.until + ms }, reach);
}

/** The view moved as little as needed to have a time inside, with a share of its length to spare. */
export function showing(view: View, at: number, reach: View, share = 0.12): View {
  const spare = (view.until - view.from) * share;
  if (at < view.from + spare) return moved(view, at - spare - view.from, reach);
  if (at > view.until - spare) return moved(view, at + spare - view.until, reach);
  return view;
}

/** The view moved on like a page as soon as a time has left it, for eyes that do not want to see it glide. */
export function turned(view: View, at: number, reach: View): View {
  if (at >= view.from && at <= view.until) return view;
  return moved(view, at - (view.until - view.from) * 0.15 - view.from, reach);
}

export function xOf(at: number, { from, until }: View, width: number): number {
  return ((at - from) / (until - from)) * width;
}

export function timeOf(x: number, { from, until }: View, width: number): number {
  return from + (x / width) * (until - from);
}

/** Times worth a label: round ones, at least so many pixels apart. */
export function ticksOf(view: View, width: number, pixelsMin = 90): number[] {
  const least = ((view.until - view.from) / width) * pixelsMin;
  const step = STEPS.find((candidate) => candidate >= least) ?? STEPS.at(-1) ?? 1;
  const ticks: number[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.until; at += step) ticks.push(at);
  return ticks;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

function held({ from, until }: View, reach: View): View {
  const span = Math.min(until - from, reach.until - reach.from);
  const first = Math.max(reach.from, Math.min(from, reach.until - span));
  return { from: first, until: first + span };
}
