import type { Merged } from './spans.ts';

/** The height of the line of time at the top, and of a band below it. Pixels. */
export const AXIS = 20;
export const FAULT_HEIGHT = 14;
const LANES = 2;

type Fault = Extract<Merged, { readonly kind: 'fault' }>;

/** Places the faults of a window one below the other, as far as there is room; the last lane takes the rest. */
export function faultLanes(spans: readonly Merged[]): { readonly span: Fault; readonly y: number }[] {
  const busyUntil = new Array<number>(LANES).fill(-Infinity);
  const faults = spans.filter((span): span is Fault => span.kind === 'fault');
  return faults.map((span) => {
    const free = busyUntil.findIndex((until) => until <= span.from);
    const lane = free === -1 ? LANES - 1 : free;
    busyUntil[lane] = span.until;
    return { span, y: AXIS + 2 + lane * (FAULT_HEIGHT + 1) };
  });
}
