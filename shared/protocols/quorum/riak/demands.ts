import { lookUp } from '../../../base/table.ts';
import type { Asked, Needs, Wanted } from './types.ts';

/** What a read needs; null when it wants more than there are copies. */
export function readNeeds(wanted: Wanted, n: number): Needs | null {
  return checked({ vnodes: countOf(wanted, 'r', n), primaries: countOf(wanted, 'pr', n), nodes: 0 }, n);
}

/** What a write needs; null when it wants more than there are copies. Here a write that has arrived is on disk, so dw adds to w. */
export function writeNeeds(wanted: Wanted, n: number): Needs | null {
  const vnodes = Math.max(countOf(wanted, 'w', n), countOf(wanted, 'dw', n));
  const nodes = countOf(wanted, 'nodeConfirms', n);
  return checked({ vnodes, primaries: countOf(wanted, 'pw', n), nodes }, n);
}

/** How many vnodes, primaries and nodes have answered so far. */
export function countAnswers(places: readonly Asked[]): Needs {
  const answered = places.filter((place) => place.answered);
  return {
    vnodes: answered.length,
    primaries: answered.filter(({ isPrimary }) => isPrimary).length,
    nodes: new Set(answered.map(({ node }) => node)).size,
  };
}

export function isEnough(have: Needs, needs: Needs): boolean {
  return have.vnodes >= needs.vnodes && have.primaries >= needs.primaries && have.nodes >= needs.nodes;
}

/** r, w and dw are a quorum unless said otherwise; pr, pw and node_confirms demand nothing (riak_core_bucket_type). */
function countOf(wanted: Wanted, name: string, n: number): number {
  const value = lookUp(wanted, name) ?? (['r', 'w', 'dw'].includes(name) ? 'quorum' : 0);
  if (typeof value === 'number') return value;
  if (value === 'one') return 1;
  return value === 'all' ? n : Math.floor(n / 2) + 1;
}

function checked(needs: Needs, n: number): Needs | null {
  return Math.max(needs.vnodes, needs.primaries, needs.nodes) > n ? null : needs;
}
