import { duration } from '../../messages/index.ts';
import { check as t } from '../../messages/check.ts';
import { measureDelay, probeTransport } from '../../net/probe.ts';
import { recall, remember } from '../../state/storage.ts';

/** What one test found. `info`: it works in another way, or will be less comfortable. */
export type Finding = {
  readonly name: keyof typeof t.names;
  readonly class: 'ok' | 'fail' | 'info' | 'pending';
  readonly text: string;
};

/** A delay at which a person notices that the page lags behind the wall. */
const SLOW_MS = 400;

/** Runs the tests one after the other and tells what is known after each. */
export async function runChecks(tell: (findings: readonly Finding[]) => void): Promise<void> {
  const findings: Finding[] = [];
  const run = async (name: Finding['name'], test: () => Promise<Omit<Finding, 'name'>>): Promise<void> => {
    tell([...findings, { name, class: 'pending', text: t.running }]);
    findings.push({ name, ...(await test()) });
    tell([...findings]);
  };
  let delay: number | null = null;
  let websocket = false;
  await run('reach', async () => {
    delay = await measureDelay();
    return delay === null ? { class: 'fail', text: t.results.noReach } : { class: 'ok', text: t.results.yes };
  });
  await run('websocket', async () => {
    websocket = await probeTransport('websocket');
    return websocket ? { class: 'ok', text: t.results.yes } : { class: 'info', text: t.results.wsBlocked };
  });
  await run('polling', async () => {
    const works = await probeTransport('polling');
    if (works) return { class: 'ok', text: t.results.yes };
    return { class: websocket ? 'info' : 'fail', text: t.results.no };
  });
  await run('delay', () => Promise.resolve(describeDelay(delay)));
  await run('storage', () => Promise.resolve(checkStorage()));
  await run('awake', () => Promise.resolve(checkAwake()));
}

/** One word over all: a single failure is enough to be kept out. */
export function verdictOf(findings: readonly Finding[]): 'good' | 'fair' | 'bad' {
  if (findings.some((finding) => finding.class === 'fail')) return 'bad';
  return findings.every((finding) => finding.class === 'ok') ? 'good' : 'fair';
}

function describeDelay(delay: number | null): Omit<Finding, 'name'> {
  if (delay === null) return { class: 'fail', text: t.results.no };
  return { class: delay > SLOW_MS ? 'info' : 'ok', text: t.results.delay(duration(delay)) };
}

function checkStorage(): Omit<Finding, 'name'> {
  remember('check', 'yes');
  const kept = recall('check') === 'yes';
  remember('check', null);
  return kept ? { class: 'ok', text: t.results.yes } : { class: 'info', text: t.results.storageNo };
}

function checkAwake(): Omit<Finding, 'name'> {
  return 'wakeLock' in navigator
    ? { class: 'ok', text: t.results.yes }
    : { class: 'info', text: t.results.awakeNo };
}
