import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CrowdOrder, CrowdReport } from './crowd.ts';

/** Everybody's browsers, in a process of their own: what they cost is not the server's. */
export function startCrowd(): ChildProcess {
  return fork(new URL('./crowd.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
}

/** Gives an order and waits for the report. Throws when the crowd ends before. */
export async function tell(crowd: ChildProcess, order: CrowdOrder): Promise<CrowdReport> {
  const ended = new AbortController();
  const exit = once(crowd, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`the crowd ended while it was told to ${order.do}`);
  });
  // It is ended by intent at last, when nobody waits for it any more.
  exit.catch(() => undefined);
  crowd.send(order);
  const [report] = (await Promise.race([once(crowd, 'message'), exit])) as [CrowdReport];
  ended.abort();
  return report;
}

/** When each seat was told, once so many were. */
export async function waitForSeats(crowd: ChildProcess, expected: number): Promise<readonly number[]> {
  return waitFor(crowd, (seen) => (seen.seats.length >= expected ? seen.seats : null));
}

/** When each screen was told, once so many were. */
export async function waitForScreens(crowd: ChildProcess, expected: number): Promise<readonly number[]> {
  return waitFor(crowd, (seen) => (seen.screens.length >= expected ? seen.screens : null));
}

async function waitFor(
  crowd: ChildProcess,
  pick: (seen: CrowdReport & { said: 'seen' }) => readonly number[] | null,
): Promise<readonly number[]> {
  for (let tries = 0; tries < 200; tries++) {
    const report = await tell(crowd, { do: 'watched' });
    const found = report.said === 'seen' ? pick(report) : null;
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not everybody was told within ten seconds');
}
