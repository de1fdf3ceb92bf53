import type { Json } from '../../base/json.ts';
import { canonical } from '../../base/json.ts';

/**
 * A last-writer-wins register (Shapiro et al. 2011, section 3.2.1): of two values the one with the later
 * timestamp stays. Copies agree, and all other writes are lost without a trace; a clock that is ahead wins
 * against writes that came after it.
 */
export type LwwRegister<V extends Json> = {
  readonly value: V;
  /** The writer's clock, ms. */
  readonly at: number;
  readonly writer: string;
};

/** The later one. Ties by writer, then by value, so that it is the same whichever comes first. */
export function mergeLww<R extends LwwRegister<Json>>(a: R, b: R): R {
  return isLater(b, a) ? b : a;
}

function isLater(a: LwwRegister<Json>, b: LwwRegister<Json>): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.writer !== b.writer) return a.writer > b.writer;
  return canonical(a.value) > canonical(b.value);
}
