import { expect, test } from 'vitest';
import { Watch } from '../../client/src/state/watch.svelte.ts';
import type { Entry, Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { packFold } from '../../shared/wire/whole.ts';
import type { Header } from '../../shared/recording/header.ts';

const HEADER: Header = {
  format: 'quorum-call',
  version: 1,
  engine: 1,
  id: 'watched',
  opened: null,
  system: 'etcd',
  knobs: {},
  workload: 'key-value',
  seed: 3,
  nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
  groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
  network: { delay: 10, jitter: 5 },
};
const CUT: Command = { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false };

function entry(seq: number, at: number, command: Command): Entry {
  return { seq, at, command, ref: null };
}

function watching(): { watch: Watch; asked: () => number; run: (from: number, until: number) => void } {
  let asked = 0;
  const watch = new Watch({ askAnew: () => asked++, clock: () => 0 });
  watch.takeRecording({ run: 'r1', header: HEADER, state: null, entries: [], now: 0 });
  const run = (from: number, until: number): void => {
    for (let now = from; now <= until; now += 16) watch.tick(now);
  };
  return { watch, asked: () => asked, run };
}

test('it shows nothing before the recording has come', () => {
  const watch = new Watch({ askAnew: () => undefined });
  watch.tick(0);
  watch.takeClock({ now: 1000, digest: null });
  watch.tick(16);
  expect(watch.picture).toBeNull();
  expect(watch.situation).toBeNull();
});

test('it goes with the clock and never ahead of it', () => {
  const { watch, run } = watching();
  run(0, 32);
  for (let now = 100; now <= 4000; now += 100) {
    watch.takeClock({ now, digest: null });
    run(now, now + 99);
    expect(watch.fold?.now).toBeLessThanOrEqual(now);
  }
  expect(watch.fold?.now).toBeGreaterThan(3500);
  expect(watch.situation?.headline).toBe('quorum');
  // The clock stands: what is left is shown, and no more.
  run(4100, 8000);
  expect(watch.fold?.now).toBe(4000);
});

test('a cut is in the picture in the frame after it is known', () => {
  const { watch, run } = watching();
  watch.takeClock({ now: 2000, digest: null });
  run(0, 3000);
  watch.takeClock({ now: 2100, digest: null });
  watch.takeEntries({ entries: [entry(1, 2100, CUT)] });
  run(3016, 3016);
  expect(watch.fold?.seq).toBe(1);
  expect(watch.picture?.bundles).toMatchObject([{ state: 'cut', open: 0 }]);
  expect(watch.entries).toHaveLength(1);
});

test('a digest that agrees changes nothing; one that differs asks for the recording anew', () => {
  const { watch, asked, run } = watching();
  const truth = new Fold(HEADER);
  truth.apply(entry(1, 500, CUT));
  truth.advance(900);
  watch.takeEntries({ entries: [entry(1, 500, CUT)] });
  watch.takeClock({ now: 900, digest: truth.digest() });
  run(0, 2000);
  expect(asked()).toBe(0);
  watch.takeClock({ now: 1000, digest: '0123456789abcdef' });
  run(2016, 9000);
  expect(asked()).toBe(1);
});

test('a digest is compared before entries that came after it, even at its very time', () => {
  const { watch, asked, run } = watching();
  const truth = new Fold(HEADER);
  truth.advance(900);
  watch.takeClock({ now: 900, digest: truth.digest() });
  watch.takeEntries({ entries: [entry(1, 900, CUT)] });
  run(0, 2000);
  expect(asked()).toBe(0);
  expect(watch.fold?.seq).toBe(1);
});

test('a gap in the sequence asks anew; entries it has already do not', () => {
  const { watch, asked, run } = watching();
  run(0, 10_000);
  watch.takeEntries({ entries: [entry(1, 10, CUT)] });
  watch.takeEntries({ entries: [entry(1, 10, CUT), entry(2, 20, { kind: 'heal', between: null })] });
  expect(asked()).toBe(0);
  watch.takeEntries({ entries: [entry(4, 30, CUT)] });
  expect(asked()).toBe(1);
});

test('after a hidden tab it asks for the state of now instead of folding what it missed', () => {
  const { watch, asked, run } = watching();
  watch.takeClock({ now: 1000, digest: null });
  run(0, 2000);
  watch.takeClock({ now: 60_000, digest: null });
  watch.tick(61_000);
  expect(asked()).toBe(1);
  const later = new Fold(HEADER);
  later.advance(60_000);
  watch.takeRecording({ run: 'r1', header: HEADER, state: packFold(later), entries: [], now: 60_000 });
  run(61_016, 61_100);
  expect(watch.fold?.now).toBe(60_000);
  expect(watch.catchingUp).toBe(false);
});

test('folding a long past is spread over frames', () => {
  let work = 0;
  const watch = new Watch({ askAnew: () => undefined, clock: () => (work += 3) });
  watch.takeRecording({ run: 'r1', header: HEADER, state: null, entries: [], now: 10_000 });
  watch.tick(0);
  expect(watch.fold?.now).toBeLessThan(200);
  expect(watch.catchingUp).toBe(true);
  for (let now = 16; now < 10_000; now += 16) watch.tick(now);
  expect(watch.fold?.now).toBe(10_000);
  expect(watch.catchingUp).toBe(false);
});

test('what does not change in the picture stays the same object', () => {
  const { watch, run } = watching();
  watch.takeClock({ now: 3000, digest: null });
  run(0, 4000);
  const before = watch.picture;
  watch.takeClock({ now: 3200, digest: null });
  run(4016, 5000);
  expect(watch.picture?.groups).toBe(before?.groups);
  expect(watch.picture?.nodes.filter((node) => before?.nodes.includes(node)).length).toBeGreaterThan(3);
});

test('a recording of a system that this page does not know is a failure in words', () => {
  const watch = new Watch({ askAnew: () => undefined });
  watch.takeRecording({
    run: 'r1',
    header: { ...HEADER, system: 'no-such-system' },
    state: null,
    entries: [],
    now: 0,
  });
  expect(watch.failure).toContain('no-such-system');
});
