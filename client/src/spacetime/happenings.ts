import { endOf, type Bar } from './bars.ts';
import { PLACES_PER_MS, type Chunk, type Message } from './chunk.ts';
import type { Thing } from './emphasis.ts';
import type { View } from './view.ts';

/** One event: something at one node (or at the whole cluster: null) at one instant. */
export type Happening = {
  readonly at: number;
  readonly place: number;
  readonly node: number | null;
  readonly thing: Thing;
  /** Of a message that arrived and of an operation that ended: the second of its two events. */
  readonly isEnd: boolean;
};

/** All events of a view in the order in which they happened: what the diagram shows, as a list. */
export function happeningsOf(
  chunks: readonly Chunk[],
  bars: readonly Bar[],
  view: View,
  isShown: (node: number) => boolean,
): Happening[] {
  const messages = [...chunks.flatMap((chunk) => chunk.messages), ...(chunks.at(-1)?.underWay ?? [])];
  const found = [
    ...messages.flatMap(ofMessage),
    ...chunks.flatMap((chunk) => chunk.signs).map(ofSign),
    ...bars.flatMap(ofBar),
  ];
  return found
    .filter(({ at, node }) => at >= view.from && at <= view.until && (node === null || isShown(node)))
    .sort((a, b) => a.place - b.place);
}

/** When a thing begins, virtual milliseconds. */
export function startOf(thing: Thing): number {
  if (thing.kind === 'operation') return thing.operation.invoked;
  return thing.kind === 'message' ? thing.sentAt : thing.at;
}

function ofMessage(thing: Message): Happening[] {
  const { from, to, sentAt, at, sentPlace, endPlace, fate } = thing;
  const sent = { at: sentAt, place: sentPlace, node: from, thing, isEnd: false };
  if (fate !== 'delivered') return [sent];
  return [sent, { at, place: endPlace, node: to, thing, isEnd: true }];
}

function ofSign(thing: Chunk['signs'][number]): Happening {
  return { at: thing.at, place: thing.place, node: thing.node, thing, isEnd: false };
}

/** An operation is asked before anything else happens in its millisecond, and answered after. */
function ofBar(thing: Bar): Happening[] {
  const { invoked } = thing.operation;
  const asked = { at: invoked, place: invoked * PLACES_PER_MS, node: thing.node, thing, isEnd: false };
  const at = endOf(thing.operation);
  return [asked, { at, place: (at + 1) * PLACES_PER_MS - 1, node: thing.node, thing, isEnd: true }];
}
