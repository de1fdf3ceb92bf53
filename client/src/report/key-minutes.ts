import type { Moment, MomentSign } from '../state/moments.ts';
import type { View } from '../spacetime/view.ts';

/** A part of a run worth a picture, and the moments in it. */
export type KeyMinute = { readonly view: View; readonly moments: readonly Moment[] };

/** What makes a time worth looking at, most telling first. */
const TELLING: readonly MomentSign[] = [
  ...(['loss', 'divergence', 'conflict', 'refusal', 'no-quorum'] as const),
  ...(['cut', 'crash', 'leader', 'heal', 'converged', 'fault'] as const),
];
const PICTURES = 4;
/** A picture shows at least so much before and after its moment. Virtual milliseconds. */
const BEFORE = 800;
const AFTER = 2400;
/** In longer ones nobody can follow a message. */
const LONGEST = 6000;

/** The parts of a run in which something turned: the first of each kind of moment, close ones in one picture, in order. */
export function keyMinutes(moments: readonly Moment[], end: number): KeyMinute[] {
  const views: View[] = [];
  for (const kind of TELLING) {
    const first = moments.find(({ sign }) => sign === kind);
    if (first === undefined || views.some((view) => isIn(first.at, view))) continue;
    const from = Math.max(0, first.at - BEFORE);
    const view = { from, until: Math.min(end, first.at + AFTER) };
    const near = views.findIndex((other) => spanOf(union(view, other)) <= LONGEST);
    const other = views[near];
    if (other !== undefined) views[near] = union(view, other);
    else if (views.length < PICTURES) views.push(view);
  }
  return views
    .filter(({ from, until }) => until > from)
    .sort((a, b) => a.from - b.from)
    .map((view) => ({ view, moments: moments.filter(({ at, sign }) => sign !== null && isIn(at, view)) }));
}

function isIn(at: number, { from, until }: View): boolean {
  return at >= from && at <= until;
}

function union(a: View, b: View): View {
  return { from: Math.min(a.from, b.from), until: Math.max(a.until, b.until) };
}

function spanOf({ from, until }: View): number {
  return until - from;
}
