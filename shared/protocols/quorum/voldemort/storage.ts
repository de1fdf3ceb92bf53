import { lookUp } from '../../../base/table.ts';
import { compareClocks, type VectorClock } from '../../../data/vector-clock.ts';
import { mark, persist } from '../../turn.ts';
import { describeVersions } from './describe.ts';
import type { Turn, Versioned } from './types.ts';
import { concurrentOf, versionText } from './versions.ts';

/** Keeps a version beside those it does not supersede (store/bdb/BdbStorageEngine.java). Null, or why not. */
export function put(turn: Turn, key: string, versioned: Versioned): string | null {
  const { self, durable } = turn.state;
  const before = lookUp(durable.data, key) ?? [];
  const newer = before.find(({ clock }) =>
    ['same', 'before'].includes(compareClocks(versioned.clock, clock)),
  );
  if (newer !== undefined) {
    const clocks = `${versionText(versioned.clock)} is obsolete, it is no greater than the current version of ${versionText(newer.clock)}`;
    return `Key ${key} ${clocks}.`;
  }
  const after = concurrentOf([...before, versioned]);
  durable.data[key] = after;
  persist(turn);
  if (after.length > 1)
    mark(turn, 'conflict', `${self} has concurrent versions of ${key}: ${describeVersions(after)}`);
  else if (before.length > 1) mark(turn, 'merge', `${self} has one version of ${key} again`);
  return null;
}

/** Removes what is not newer. There are no tombstones: a copy elsewhere that was missed comes back by a read. */
export function remove(turn: Turn, key: string, clock: VectorClock): void {
  const { data } = turn.state.durable;
  const before = lookUp(data, key);
  const after = before?.filter(
    (version) => !['same', 'before'].includes(compareClocks(version.clock, clock)),
  );
  if (before === undefined || after === undefined || after.length === before.length) return;
  if (after.length > 0) data[key] = after;
  else delete data[key];
  persist(turn);
}
