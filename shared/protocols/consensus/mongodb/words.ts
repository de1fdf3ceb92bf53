import { canonical } from '../../../base/json.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { OpTime } from './types.ts';

/** How places and values are put into words, wherever they are shown. */
export function describePlace({ term, index }: OpTime): string {
  return index === 0 ? 'the beginning' : `${index} (term ${term})`;
}

export function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}
