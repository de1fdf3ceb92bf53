import type { OperationRecord, Stored } from '../../../shared/sim/operation.ts';
import type { Asked, Played, When, Witness, Written } from './play.ts';

/** What became of a write, as seen by everybody after the heal. docs/systems.md explains the words. */
export type Fate =
  'kept' | 'overwritten' | 'in conflict' | 'dropped' | 'lost' | 'happened' | 'unseen' | 'none';

/** What became of a client's write of a key that only it writes. */
export function fateAlone({ write, after }: Written): Fate {
  return fateOf(write, after, []);
}

/** What became of a client's write of the key that all clients write. */
export function fateShared(played: Played, { shared }: Asked, when: When): Fate {
  const others = played.witnesses
    .map((witness) => witness[when])
    .filter((asked) => asked.shared.write.id !== shared.write.id)
    .map((asked) => ({
      write: asked.shared.write,
      wasBlind: !played.subject.isOrdered && isOld(played, asked, when),
    }));
  return fateOf(shared.write, shared.after, others);
}

/** Another client's write, and whether it was carried out where this one could not be seen. */
type Rival = { readonly write: OperationRecord; readonly wasBlind: boolean };

/** Whether the client read something although another client's later write had been acknowledged to somebody. */
export function isOld({ witnesses }: Played, { read }: Asked, when: When): boolean {
  if (read.class !== 'ok' || read.returned === null) return false;
  const seen = valuesOf(read);
  const writes = witnesses.map((witness: Witness) => witness[when].shared.write);
  const until = read.returned;
  // What ended before the read, and nothing that was under way then, is what it may return.
  const ended = writes.filter((write) => write.class === 'ok' && (write.returned ?? until) < read.invoked);
  const newest = ended.at(-1);
  if (newest === undefined) return false;
  const allowed = writes.filter(
    (write) => write.invoked < until && (write.returned ?? until) >= newest.invoked,
  );
  return !allowed.some(({ value }) => seen.includes(value));
}

function fateOf(write: OperationRecord, after: readonly OperationRecord[], rivals: readonly Rival[]): Fate {
  const reads = after.filter((read) => read.class === 'ok');
  const isSeen = reads.some((read) => valuesOf(read).includes(write.value));
  const isContested = reads.some(
    (read) => valuesOf(read).length > 1 || (read.result?.conflicts ?? []).length > 0,
  );
  if (write.class === 'info') return isSeen ? 'happened' : 'unseen';
  if (write.class === 'fail') {
    if (isSeen) throw new Error(`${write.key}: a write that certainly failed was read`);
    return 'none';
  }
  if (isContested && rivals.some((rival) => rival.write.class !== 'fail')) return 'in conflict';
  if (isSeen) return 'kept';
  const winner = rivals.find((rival) => reads.some((read) => valuesOf(read).includes(rival.write.value)));
  if (winner === undefined || winner.write.class === 'fail') return 'lost';
  const wasEarlier = (winner.write.returned ?? Infinity) < write.invoked;
  return wasEarlier || winner.wasBlind ? 'dropped' : 'overwritten';
}

function valuesOf({ result }: OperationRecord): readonly Stored[] {
  return result?.values ?? (result?.value === undefined ? [] : [result.value]);
}
