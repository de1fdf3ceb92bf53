import type { Bar } from './bars.ts';
import { sideOf, type Cone } from './causality.ts';
import type { Message, Sign } from './chunk.ts';

/** Something in the diagram that can be chosen. */
export type Thing = Message | Sign | Bar;

/** How strongly a thing is drawn. `past` and `future`: of the chosen event. */
export type Strength = 'plain' | 'strong' | 'past' | 'future' | 'faint';

/** What people want to see among everything. */
export type Emphasis =
  | { readonly kind: 'none' }
  | { readonly kind: 'cone'; readonly of: Message | Sign; readonly cone: Cone }
  | { readonly kind: 'operation'; readonly id: string }
  | { readonly kind: 'search'; readonly found: ReadonlySet<Thing>; readonly operations: ReadonlySet<string> };

export function strengthOf(thing: Thing, emphasis: Emphasis): Strength {
  switch (emphasis.kind) {
    case 'none':
      return 'plain';
    case 'cone':
      if (thing === emphasis.of) return 'strong';
      if (thing.kind === 'message') return sideOf(thing, emphasis.cone) ?? 'faint';
      return thing.kind === 'sign' ? sideOfSign(thing, emphasis.cone) : 'plain';
    case 'operation':
      return operationOf(thing) === emphasis.id ? 'strong' : 'faint';
    case 'search': {
      const operation = operationOf(thing);
      const isFound = emphasis.found.has(thing) || (operation !== null && emphasis.operations.has(operation));
      return isFound ? 'strong' : 'faint';
    }
  }
}

/** The operation that a thing is, or is part of. */
export function operationOf(thing: Thing): string | null {
  if (thing.kind === 'operation') return thing.operation.id;
  return thing.kind === 'message' ? thing.operation : null;
}

function sideOfSign({ node, place }: Sign, { past, future }: Cone): Strength {
  if (node === null) return 'plain';
  if (place <= (past[node] ?? -Infinity)) return 'past';
  return place >= (future[node] ?? Infinity) ? 'future' : 'faint';
}
