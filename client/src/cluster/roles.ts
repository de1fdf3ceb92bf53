import type { GlyphName } from './glyphs.ts';

/** Roles that stand out, each with its sign over the node. All others are what most nodes are. */
const SIGNS: Readonly<Record<string, GlyphName | undefined>> = {
  leader: 'crown',
  primary: 'crown',
  master: 'star',
  candidate: 'ballot',
  'pre-candidate': 'ballot',
  looking: 'ballot',
  arbiter: 'scales',
  learner: 'eye',
  observer: 'eye',
  rollback: 'turn',
  startup: 'turn',
  client: 'ring',
  spare: 'box',
};

/** The sign of a role; null for the ordinary ones. */
export function signOf(role: string): GlyphName | null {
  return SIGNS[role] ?? null;
}
