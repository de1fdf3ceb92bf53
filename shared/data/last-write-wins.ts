import type { Json } from '../base/json.ts';
import type { Version, Versions } from './versions.ts';

/**
 * Of concurrent versions only the one with the latest clock, ties by coordinator and count (DeCandia et al.
 * 2007 §6, "timestamp based reconciliation"). It is chosen from the merged set, so that copies agree in
 * whatever order they met. This is not a merge: the others were acknowledged and are silently gone, and
 * whoever's clock is ahead wins against later writes.
 */
export function newestOf<V extends Json>(versions: Versions<V>): Versions<V> {
  if (versions.length < 2) return versions;
  return [versions.reduce((best, version) => (isNewer(version, best) ? version : best))];
}

function isNewer<V extends Json>(a: Version<V>, b: Version<V>): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.dot.node !== b.dot.node) return a.dot.node > b.dot.node;
  return a.dot.counter > b.dot.counter;
}
