import type { Json } from '../../shared/base/json.ts';
import { contains } from '../../shared/data/version-vector.ts';
import type { Version } from '../../shared/data/versions.ts';

export type Order = 'same' | 'before' | 'after' | 'concurrent';

/** How two versions of a key relate: `before` is one that the other's writer had seen. */
export function compareVersions<V extends Json>(a: Version<V>, b: Version<V>): Order {
  if (a.dot.node === b.dot.node && a.dot.counter === b.dot.counter) return 'same';
  if (contains(b.past, a.dot)) return 'before';
  return contains(a.past, b.dot) ? 'after' : 'concurrent';
}
