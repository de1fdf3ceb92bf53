/** How a group is told apart: hue, shape and letter together, because a hue alone reaches not everybody. */
export type GroupLook = {
  /** For the attribute `data-group`, which sets --group, --group-on, --group-line and --group-tint. */
  readonly hue: Hue;
  readonly shape: Shape;
  readonly letter: string;
};

export type Hue = (typeof HUES)[number];
export type Shape = 'circle' | 'square' | 'triangle' | 'diamond' | 'pentagon' | 'hexagon' | 'star' | 'plus';

const HUES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const SHAPES: Readonly<Record<Hue, Shape>> = {
  a: 'circle',
  b: 'square',
  c: 'triangle',
  d: 'diamond',
  e: 'pentagon',
  f: 'hexagon',
  g: 'star',
  h: 'plus',
};

/**
 * The look of a group, from its name alone: a student's browser knows no other group's name, and must
 * still show what the wall shows. The numbers are chosen so that names which go together, such as left and
 * right, look different.
 */
export function groupLook(name: string): GroupLook {
  const first = name.trim().toLowerCase();
  const last = /^(?:.*[\s_-])?([a-z])$/.exec(first)?.[1];
  const number = /(\d+)$/.exec(first)?.[1];
  let index: number;
  if (last !== undefined) index = last.charCodeAt(0) - 97;
  else if (number !== undefined) index = Number(number) - 1;
  else index = [...first].reduce((sum, character) => (sum * 68 + (character.codePointAt(0) ?? 0)) % 9973, 1);
  const hue = HUES[((index % HUES.length) + HUES.length) % HUES.length] ?? 'a';
  const letter = last ?? number ?? [...first][0] ?? '?';
  return { hue, shape: SHAPES[hue], letter: letter.toUpperCase() };
}

/** A shape's outline as an SVG path around the origin; shapes of one radius look equally large. */
export function shapePath(shape: Shape, radius: number): string {
  switch (shape) {
    case 'circle':
      return `M${-radius} 0a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
    case 'square':
      return polygon(4, radius * 1.2, 45);
    case 'triangle':
      return polygon(3, radius * 1.3, 0, radius * 0.18);
    case 'diamond':
      return polygon(4, radius * 1.25, 0);
    case 'pentagon':
      return polygon(5, radius * 1.12, 0);
    case 'hexagon':
      return polygon(6, radius * 1.08, 30);
    case 'star':
      return star(radius * 1.3, radius * 0.62);
    case 'plus':
      return plus(radius * 1.1, radius * 0.42);
  }
}

function polygon(corners: number, radius: number, turn: number, down = 0): string {
  const points = Array.from({ length: corners }, (_, i) => point(turn + (360 * i) / corners, radius, down));
  return `M${points.join('L')}Z`;
}

function star(outer: number, inner: number): string {
  const points = Array.from({ length: 10 }, (_, i) => point(36 * i, i % 2 === 0 ? outer : inner, 0));
  return `M${points.join('L')}Z`;
}

function plus(arm: number, half: number): string {
  const side = arm - half;
  return `M${-half} ${-arm}h${2 * half}v${side}h${side}v${2 * half}h${-side}v${side}h${-2 * half}v${-side}h${-side}v${-2 * half}h${side}Z`;
}

/** The place `turn` degrees clockwise from straight up. */
function point(turn: number, radius: number, down: number): string {
  const angle = ((turn - 90) * Math.PI) / 180;
  return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle) + down).toFixed(2)}`;
}
