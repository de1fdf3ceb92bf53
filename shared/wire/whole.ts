import { difference, patch, type Delta } from '../base/delta.ts';
import { Fold } from '../recording/fold.ts';
import type { Header } from '../recording/header.ts';

/**
 * A whole class on the wire, for consoles and projectors. Of a thousand nodes each knows a thousand, and nearly all of
 * that is as it was at the beginning, which the header alone determines: sent is the difference from there.
 */
export function packFold({ header, state }: Fold): Delta {
  return difference(new Fold(header).state, state);
}

/** The fold that was packed. Throws HeaderError, and RangeError when it was made from another header. */
export function unpackFold(header: Header, packed: Delta): Fold {
  return new Fold(header, patch(new Fold(header).state, packed) as Fold['state']);
}
