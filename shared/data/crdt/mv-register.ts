import { canonical, type Json } from '../../base/json.ts';
import { compareClocks, incremented, joinClocks, type VectorClock } from '../vector-clock.ts';

/**
 * A multi-value register (Shapiro et al. 2011, section 3.2.2): values with vector clocks of which none has seen
 * another. Concurrent writes are all kept, and a later write that has seen them ends the conflict. The clocks
 * detect the conflict; somebody else must resolve it.
 */
export type MvRegister<V extends Json> = readonly MvVersion<V>[];
export type MvVersion<V extends Json> = { readonly value: V; readonly clock: VectorClock };

/** One value, written by somebody who has seen all that is in `register`. */
export function writeMv<V extends Json>(register: MvRegister<V>, value: V, actor: string): MvRegister<V> {
  return [{ value, clock: incremented(contextOfMv(register), actor) }];
}

export function contextOfMv<V extends Json>(register: MvRegister<V>): VectorClock {
  return register.reduce<VectorClock>((seen, { clock }) => joinClocks(seen, clock), {});
}

/** The versions of both that no other has seen. When `b` tells nothing new the result is `a` itself. */
export function mergeMv<V extends Json>(a: MvRegister<V>, b: MvRegister<V>): MvRegister<V> {
  const fresh = b.filter(({ clock }) => !a.some((known) => isCovered(clock, known.clock)));
  if (fresh.length === 0) return a;
  const rest = a.filter(({ clock }) => !fresh.some((version) => isCovered(clock, version.clock)));
  return [...rest, ...fresh].sort((x, y) => (canonical(x.clock) < canonical(y.clock) ? -1 : 1));
}

function isCovered(clock: VectorClock, by: VectorClock): boolean {
  const order = compareClocks(clock, by);
  return order === 'before' || order === 'same';
}
