import { depthIn, type Layout } from './layout.ts';
import type { Spot, Stadium } from './ring.ts';

/** The way a bundle takes between two regions: a curve that bends around what stands in between. */
export type Tube = { readonly from: Spot; readonly bend: Spot; readonly to: Spot };

/** The way of messages between two nodes; `t` from 0 to 1. In a bundle, the middle of the tube is at 0.5. */
export type Route = (t: number) => Spot;

/** Parts of a message's way: to the tube, through it, and on from it. */
const ENTERS = 0.36;
const LEAVES = 1 - ENTERS;
/** Between a region's edge and its bundles, and between a bent bundle and what it goes around. */
const CLEAR = 4;
const AROUND = 16;
/** A bend and the ends of its curve depend on each other; after so many passes neither moves visibly. */
const PASSES = 6;

/** The tube between the regions of two groups. */
export function tubeOf(layout: Layout, a: number, b: number): Tube {
  const first = layout.regions[a];
  const second = layout.regions[b];
  if (first === undefined || second === undefined)
    throw new RangeError(`no groups ${a} and ${b} in the layout`);
  const bend = bendOf(layout, first, second, a, b);
  return { from: edgeTowards(first, bend), bend, to: edgeTowards(second, bend) };
}

export function alongTube({ from, bend, to }: Tube, t: number): Spot {
  return mix(mix(from, bend, t), mix(bend, to, t), t);
}

/** The direction of the tube at `t`, as a vector of length 1. */
export function directionOf(tube: Tube, t: number): Spot {
  const before = alongTube(tube, Math.max(0, t - 0.02));
  const after = alongTube(tube, Math.min(1, t + 0.02));
  return unit(before, after);
}

/** A message's way between nodes of two groups: into the tube, through it, and out to the other node. */
export function routeThrough(start: Spot, tube: Tube, end: Spot): Route {
  const inside = alongTube(tube, 0.2);
  const outside = alongTube(tube, 0.8);
  return (t) => {
    if (t < ENTERS) return quadratic(start, tube.from, inside, t / ENTERS);
    if (t > LEAVES) return quadratic(outside, tube.to, end, (t - LEAVES) / (1 - LEAVES));
    return alongTube(tube, 0.2 + (0.6 * (t - ENTERS)) / (LEAVES - ENTERS));
  };
}

/** A message's way within a group: bent a little to the right, so that two that meet do not collide. */
export function routeWithin(start: Spot, end: Spot): Route {
  const bend = {
    x: (start.x + end.x) / 2 - (end.y - start.y) * 0.09,
    y: (start.y + end.y) / 2 + (end.x - start.x) * 0.09,
  };
  return (t) => quadratic(start, bend, end, t);
}

export function reversed({ from, bend, to }: Tube): Tube {
  return { from: to, bend, to: from };
}

/** A route as an SVG path. */
export function pathOf(route: Route, from = 0, to = 1, pieces = 16): string {
  const points = Array.from({ length: pieces + 1 }, (_, i) => {
    const { x, y } = route(from + ((to - from) * i) / pieces);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}

/** Straight, unless that would lead through another region: then around it, on the side of the picture's middle. */
function bendOf(layout: Layout, first: Stadium, second: Stadium, a: number, b: number): Spot {
  const middle = mix(first.centre, second.centre, 0.5);
  const blocking = layout.regions.filter(
    (region, index) => index !== a && index !== b && isBetween(region, first.centre, second.centre),
  );
  if (blocking.length === 0) return middle;
  const along = unit(first.centre, second.centre);
  const normal = { x: along.y, y: -along.x };
  const side = inwards(layout, middle, normal);
  const reach = Math.max(...blocking.map((region) => reachTowards(region, middle, normal, side)));
  // A curve comes half as far from the straight line as its bend, and half as far again as its ends, which follow the bend.
  let distance = 2 * (reach + AROUND);
  let bend = beyond(middle, normal, side * distance);
  for (let pass = 0; pass < PASSES; pass++) {
    const ends = mix(edgeTowards(first, bend), edgeTowards(second, bend), 0.5);
    const ahead = side * ((ends.x - middle.x) * normal.x + (ends.y - middle.y) * normal.y);
    distance = 2 * (reach + AROUND) - ahead;
    bend = beyond(middle, normal, side * distance);
  }
  return bend;
}

function beyond(spot: Spot, normal: Spot, distance: number): Spot {
  return { x: spot.x + normal.x * distance, y: spot.y + normal.y * distance };
}

function isBetween(region: Stadium, start: Spot, end: Spot): boolean {
  for (let i = 1; i < 20; i++) if (depthIn(region, mix(start, end, i / 20)) > 0) return true;
  return false;
}

/** 1 or -1: the way along the normal that leads towards the picture's middle; down, where both do. */
function inwards({ width, height }: Layout, spot: Spot, normal: Spot): 1 | -1 {
  const away = (spot.x - width / 2) * normal.x + (spot.y - height / 2) * normal.y;
  if (Math.abs(away) < height * 0.1) return normal.y >= 0 ? 1 : -1;
  return away > 0 ? -1 : 1;
}

function reachTowards(region: Stadium, from: Spot, normal: Spot, side: 1 | -1): number {
  const { centre, half, radius, axis } = region;
  const along = axis === 'x' ? Math.abs(normal.x) * half : Math.abs(normal.y) * half;
  return side * ((centre.x - from.x) * normal.x + (centre.y - from.y) * normal.y) + along + radius;
}

/** Where the straight line from a region's centre leaves it. */
function edgeTowards(region: Stadium, target: Spot): Spot {
  let inside = 0;
  let outside = 1;
  for (let i = 0; i < 20; i++) {
    const middle = (inside + outside) / 2;
    if (depthIn(region, mix(region.centre, target, middle)) > -CLEAR) inside = middle;
    else outside = middle;
  }
  return mix(region.centre, target, outside);
}

function quadratic(start: Spot, bend: Spot, end: Spot, t: number): Spot {
  return mix(mix(start, bend, t), mix(bend, end, t), t);
}

function mix(a: Spot, b: Spot, t: number): Spot {
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t };
}

function unit(from: Spot, to: Spot): Spot {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
}
