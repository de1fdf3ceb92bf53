/** A place on the picture, in pixels from its upper left corner. */
export type Spot = { readonly x: number; readonly y: number };

/** A width and a height in pixels. */
export type Size = { readonly width: number; readonly height: number };

/**
 * The form of a group's region: all places within `radius` of a line of length `2 * half`. A circle where
 * `half` is 0. Rings inside it keep the same distance from one another everywhere, which ellipses do not.
 */
export type Stadium = {
  readonly centre: Spot;
  readonly half: number;
  readonly radius: number;
  readonly axis: 'x' | 'y';
};

/** Nodes packed into a region: their places, in order, and how large each may be. */
export type Packing = { readonly region: Stadium; readonly spots: readonly Spot[]; readonly radius: number };

/** Centre to centre, in node radii: shapes with points reach further than their radius. */
const PITCH = 2.7;
/** Between the outermost nodes and the region's edge, in node radii. */
const MARGIN = 0.75;
/** One ring is easier to read than several: it may cost this much of the nodes' size. */
const ONE_RING_WORTH = 0.74;
const STEPS = 8;

/**
 * Packs `count` nodes into a box around `centre`: in one ring where that leaves them large, else in rings
 * inside rings. Nodes become as large as they can, at most `radiusMax`.
 */
export function pack(count: number, centre: Spot, box: Size, radiusMax: number): Packing {
  const short = Math.min(box.width, box.height) / 2;
  const long = Math.max(box.width, box.height) / 2;
  const axis = box.width >= box.height ? 'x' : 'y';
  let best: { half: number; radius: number } = { half: 0, radius: 0 };
  for (let step = 0; step <= STEPS; step++) {
    const half = ((long - short) * step) / STEPS;
    const radius = largest(count, half, short, radiusMax);
    // A rounder region is the nicer one, so a longer one has to earn its place.
    if (radius > best.radius * 1.03) best = { half, radius };
  }
  const region: Stadium = { centre, half: best.half, radius: short, axis };
  return { region, spots: spotsOf(count, region, best.radius), radius: best.radius };
}

/** The largest radius with which so many nodes fit. */
function largest(count: number, half: number, short: number, radiusMax: number): number {
  const top = Math.min(radiusMax, short / (1 + MARGIN));
  const inOne = search(top, (radius) => (ringsOf(half, short, radius)[0]?.room ?? 0) >= count);
  const inMany = search(top, (radius) => roomOf(ringsOf(half, short, radius)) >= count);
  return inOne >= inMany * ONE_RING_WORTH ? inOne : inMany;
}

function search(top: number, fits: (radius: number) => boolean): number {
  if (fits(top)) return top;
  // Smaller than that nothing can be seen, and rings without end would have to be counted.
  let low = top / 100;
  let high = top;
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

type Ring = { readonly radius: number; readonly room: number };

/** The rings that nodes of that size could stand in, from the outside in, and how many each holds. */
function ringsOf(half: number, short: number, nodeRadius: number): Ring[] {
  const pitch = nodeRadius * PITCH;
  const rings: Ring[] = [];
  let radius = short - nodeRadius * (1 + MARGIN);
  for (; radius >= pitch / 2; radius -= pitch) {
    rings.push({ radius, room: roomOn(half, radius, pitch) });
  }
  // What is left in the middle is a line; nodes stand along it.
  if (radius >= 0) rings.push({ radius: 0, room: Math.floor((2 * half) / pitch) + 1 });
  return rings;
}

/** Along a bend the straight way from one node to the next is what has to be long enough. */
function roomOn(half: number, radius: number, pitch: number): number {
  const arc = 2 * radius * Math.asin(pitch / (2 * radius));
  return Math.floor((4 * half) / pitch + (2 * Math.PI * radius) / arc);
}

function roomOf(rings: readonly Ring[]): number {
  return rings.reduce((sum, ring) => sum + ring.room, 0);
}

function spotsOf(count: number, region: Stadium, nodeRadius: number): Spot[] {
  if (count === 1) return [region.centre];
  const all = ringsOf(region.half, region.radius, nodeRadius);
  const used: Ring[] = [];
  while (roomOf(used) < count && used.length < all.length)
    used.push(all[used.length] ?? { radius: 0, room: 1 });
  return used.flatMap((ring, index) => {
    const own = shareOf(used, index, count);
    return Array.from({ length: own }, (_, i) => place(region, ring.radius, i, own));
  });
}

/** How many of all nodes stand in the ring of that index: each ring is filled by the same share. */
function shareOf(rings: readonly Ring[], index: number, count: number): number {
  const total = roomOf(rings);
  const before = roomOf(rings.slice(0, index));
  const upTo = before + (rings[index]?.room ?? 0);
  return Math.floor((count * upTo) / total) - Math.floor((count * before) / total);
}

function place({ centre, half, axis }: Stadium, radius: number, index: number, count: number): Spot {
  const { x, y } =
    radius === 0 ? onLine(half, index, count) : onRing(half, radius, startOf(count) + index / count);
  return axis === 'x' ? { x: centre.x + x, y: centre.y + y } : { x: centre.x - y, y: centre.y + x };
}

/** Two nodes stand side by side and four two by two, so that their names have room; others begin at the top. */
function startOf(count: number): number {
  return count === 2 ? 1 / 4 : count === 4 ? 1 / 8 : 0;
}

function onLine(half: number, index: number, count: number): Spot {
  return { x: count === 1 ? 0 : -half + (2 * half * index) / (count - 1), y: 0 };
}

function perimeter(half: number, radius: number): number {
  return 4 * half + 2 * Math.PI * radius;
}

/** The place at a share of the way round, clockwise from the top. */
function onRing(half: number, radius: number, share: number): Spot {
  const arc = Math.PI * radius;
  let way = (((share % 1) + 1) % 1) * perimeter(half, radius);
  if (way <= half) return { x: way, y: -radius };
  way -= half;
  if (way <= arc) return { x: half + radius * Math.sin(way / radius), y: -radius * Math.cos(way / radius) };
  way -= arc;
  if (way <= 2 * half) return { x: half - way, y: radius };
  way -= 2 * half;
  if (way <= arc) return { x: -half - radius * Math.sin(way / radius), y: radius * Math.cos(way / radius) };
  return { x: -half + (way - arc), y: -radius };
}
