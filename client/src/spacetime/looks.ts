import { unreachable } from '../../../shared/base/assert.ts';
import type { Mark } from '../../../shared/sim/protocol.ts';
import type { Sign } from './chunk.ts';

/** How a sign is drawn, by what it tells: few kinds, each with a form of its own. */
export type SignLook = 'leader' | 'role' | 'commit' | 'conflict' | 'merge' | 'given-up' | 'note' | 'person';

/** The outlines of signs on a field from -6 to 6. Those in `HOLLOW` are not filled. */
export const SIGN_PATHS: Readonly<Record<SignLook, string>> = {
  leader: 'M-6 -4L-3 0L0 -5L3 0L6 -4L5 5H-5Z',
  role: 'M0 -5L5 4.5H-5Z',
  commit: 'M-4.5 0L-1.5 3.5L4.5 -4',
  conflict: 'M0 -6L6 0L0 6L-6 0Z',
  merge: 'M0 -5L5 0L0 5L-5 0Z',
  'given-up': 'M0 6L-5.5 -4.5H5.5Z',
  note: 'M-3 0A3 3 0 1 0 3 0A3 3 0 1 0 -3 0',
  person: 'M-4.5 -4.5H4.5V4.5H-4.5Z',
};

export const HOLLOW: ReadonlySet<SignLook> = new Set(['commit', 'merge', 'note']);

/** The token of each sign's colour. */
export const SIGN_TOKENS: Readonly<Record<SignLook, string>> = {
  leader: '--ink',
  role: '--accent',
  commit: '--ok',
  conflict: '--info',
  merge: '--info',
  'given-up': '--fail',
  note: '--ink-soft',
  person: '--ink-soft',
};

export function lookOfSign({ what }: Sign): SignLook {
  return 'kind' in what ? 'person' : lookOfMark(what);
}

function lookOfMark({ name }: Mark): SignLook {
  switch (name) {
    case 'leader':
    case 'role':
    case 'commit':
    case 'conflict':
    case 'merge':
      return name;
    case 'halt':
    case 'truncate':
    case 'rollback':
    case 'expire':
    case 'abort':
      return 'given-up';
    case 'hint':
    case 'handoff':
    case 'repair':
    case 'suspect':
    case 'trust':
    case 'members':
    case 'failover':
    case 'lease':
    case 'prepare':
      return 'note';
    default:
      return unreachable(name);
  }
}
