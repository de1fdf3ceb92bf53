import { describeOperation, describeOutcome } from '../messages/replay.ts';
import type { Bar } from './bars.ts';
import type { Chunk } from './chunk.ts';
import type { Teller } from './describe.ts';
import type { Thing } from './emphasis.ts';
import { startOf } from './happenings.ts';
import type { View } from './view.ts';

/** Messages that are read for one search: beyond it typing would stutter. */
const READ_MAX = 20_000;

/** What a search found, in the order of time. `isCut`: not all messages of the view were read. */
export type Finds = {
  readonly things: readonly Thing[];
  readonly operations: ReadonlySet<string>;
  readonly isCut: boolean;
};

/** Looks for a text: in all operations of the run, and in the messages and signs of a view. */
export function search(
  query: string,
  chunks: readonly Chunk[],
  bars: readonly Bar[],
  view: View,
  teller: Teller,
): Finds {
  const wanted = query.trim().toLowerCase();
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const found: Thing[] = bars.filter(
    ({ operation }) =>
      operation.id.toLowerCase() === wanted ||
      has(`${describeOperation(operation)} ${describeOutcome(operation)}`),
  );
  const operations = new Set(
    found.flatMap((thing) => (thing.kind === 'operation' ? [thing.operation.id] : [])),
  );
  let read = 0;
  for (const { messages, signs } of chunks) {
    for (const sign of signs) if (isIn(sign.at, view) && has(teller.sign(sign))) found.push(sign);
    for (const message of messages) {
      if (read > READ_MAX || message.at < view.from || message.sentAt > view.until) continue;
      read++;
      if (has(teller.body(message.body))) found.push(message);
    }
  }
  found.sort((a, b) => startOf(a) - startOf(b));
  return { things: found, operations, isCut: read > READ_MAX };
}

function isIn(at: number, { from, until }: View): boolean {
  return at >= from && at <= until;
}
