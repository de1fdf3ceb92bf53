import type { Anomaly } from './anomaly.ts';
import { byClient, isCertain, type Operation } from './history.ts';
import { deed, nameOf, seconds } from './story.ts';

/** Two clients that surely held the lock at one time. */
export function twoHolders(part: readonly Operation[]): Anomaly[] {
  const holds = [...byClient(part).values()].flatMap((own) => {
    const releases = own.filter(({ kind, out }) => kind === 'release' && out !== false);
    return own.flatMap((acquire) => {
      if (acquire.kind !== 'acquire' || acquire.out === false || !isCertain(acquire)) return [];
      const release = releases.find(({ call }) => call >= acquire.ret);
      return [{ acquire, from: acquire.ret, until: release?.call ?? Infinity }];
    });
  });
  holds.sort((a, b) => a.from - b.from);
  return holds.flatMap(({ acquire, from }, index): Anomaly[] => {
    const other = holds
      .slice(0, index)
      .find((hold) => hold.until > from && hold.acquire.client !== acquire.client);
    if (other === undefined) return [];
    const story = `${deed(acquire)}, while ${nameOf(other.acquire)} held it since ${seconds(other.from)}.`;
    return [{ kind: 'two lock holders', operations: [other.acquire, acquire], story }];
  });
}
