import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test } from 'vitest';
import { Judging, type Bench } from '../../client/src/judge/judging.svelte.ts';
import { LiveJudge } from '../../client/src/judge/live-judge.svelte.ts';
import { recordingText } from '../../client/src/judge/recording-text.ts';
import { Recollection } from '../../client/src/judge/recollection.svelte.ts';
import { LiveRun } from '../../client/src/judge/live-run.ts';
import { promisedIn, promiseOf } from '../../client/src/judge/promises.ts';
import { carryOut, type Order, type Script } from '../../client/src/judge/orders.ts';
import { standingFaults } from '../../client/src/judge/standing-faults.ts';
import JudgePanel from '../../client/src/panels/judge/JudgePanel.svelte';
import WhatIf from '../../client/src/panels/judge/WhatIf.svelte';
import { assess } from '../../shared/classroom/situation.ts';
import type { Command, Entry } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import type { Header } from '../../shared/recording/header.ts';

afterEach(cleanup);

const HEADER: Header = {
  format: 'quorum-call',
  version: 2,
  engine: 1,
  id: 'judged',
  opened: null,
  system: 'dynamo',
  knobs: {},
  workload: 'key-value',
  seed: 3,
  nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
  groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
  network: { delay: 10, jitter: 5 },
};

const write = (node: string, value: string): Command => {
  return { kind: 'operate', node, operation: { kind: 'write', key: 'colour', value } };
};
const COMMANDS: readonly [number, Command][] = [
  [3000, write('n1', 'red')],
  [5000, { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false }],
  [8000, write('n4', 'blue')],
  [12_000, { kind: 'operate', node: 'n2', operation: { kind: 'read', key: 'colour' } }],
];
const SCRIPT: Script = {
  header: HEADER,
  entries: COMMANDS.map(([at, command], index) => ({ seq: index + 1, at, command, ref: null })),
  until: 20_000,
};

/** A worker that answers when it is told to. */
class Waiting implements Bench {
  onreport: Bench['onreport'] = () => undefined;
  readonly orders: Order[] = [];
  readonly #live = new LiveRun();
  post(order: Order): void {
    this.orders.push(order);
  }
  work(): void {
    for (const order of this.orders.splice(0)) carryOut(order, (report) => this.onreport(report), this.#live);
  }
  end(): void {
    this.orders.length = 0;
  }
}

function judgingWith(bench: Bench): Judging {
  return new Judging(promisedIn(SCRIPT.entries), () => bench);
}

describe('the judge', () => {
  test('works elsewhere, tells how far, and rests when all is said', () => {
    const bench = new Waiting();
    const judging = judgingWith(bench);
    judging.judge(SCRIPT);
    expect(judging.work).toEqual({ kind: 'judge', share: 0 });
    expect(judging.judged).toBeNull();
    bench.work();
    expect(judging.work).toBeNull();
    expect(judging.judged?.operations).toHaveLength(3);
  });

  test('is told of a live class what is new, and not while the last answer is awaited', () => {
    const bench = new Waiting();
    const live = new LiveJudge(() => bench);
    const fold = new Fold(HEADER);
    const tick = (at: number) => {
      fold.advance(at);
      live.look(fold, assess(fold));
      live.judge(fold);
    };
    tick(1000);
    tick(2000);
    expect(bench.orders).toHaveLength(1);
    bench.work();
    SCRIPT.entries.slice(0, 1).forEach((entry) => fold.apply(entry));
    tick(4000);
    const told = bench.orders.at(-1);
    expect(told?.kind === 'live' && [told.news.isAnew, told.news.operations.length]).toEqual([false, 1]);
  });

  test('who comes late, or was away, counts by side once the recording is recollected', async () => {
    const benches: Waiting[] = [];
    const open = () => {
      const bench = new Waiting();
      benches.push(bench);
      return bench;
    };
    const { header, entries } = SCRIPT;
    const fold = new Fold(header);
    entries.forEach((entry) => fold.apply(entry));
    const horizon: Entry = { seq: 5, at: 12_000, command: { kind: 'horizon', until: 18_000 }, ref: null };
    const text = recordingText({ header, entries: [...entries, horizon] });
    const recollection = new Recollection(open, () => Promise.resolve(text));
    const live = new LiveJudge(open, recollection);
    const asked = () => {
      live.judge(fold);
      benches[0]?.work();
      const sides = live.judging?.judged?.judgement.scorecard.sides ?? [];
      return sides.map(({ name, lasted, tally }) => [name, Math.round(lasted / 1000), tally.ok]);
    };
    live.look(fold, assess(fold), true);
    fold.advance(20_000);
    live.look(fold, assess(fold));
    expect(live.since).toBe(20_000);
    expect(asked()).toEqual([
      ['A', 0, 0],
      ['B', 0, 0],
    ]);
    const fetched = recollection.recall('judged');
    expect(recollection.share).toBe(0);
    await fetched;
    benches[1]?.work();
    expect(recollection.share).toBeNull();
    expect(recollection.recalled?.moments).toContainEqual({
      at: 5000,
      sign: 'cut',
      node: null,
      text: 'Cut A ↔ B',
    });
    expect(recollection.entriesWith(entries.slice(3)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    fold.advance(21_000);
    live.look(fold, assess(fold));
    expect(asked()).toEqual([
      ['A + B', 5, 1],
      ['A', 16, 1],
      ['B', 16, 1],
    ]);
    fold.advance(24_000);
    live.look(fold, assess(fold), true);
    fold.advance(30_000);
    live.look(fold, assess(fold));
    expect([live.since, recollection.recalled]).toEqual([30_000, null]);
    const tooLate = recollection.recall('judged');
    recollection.forget();
    await tooLate;
    expect([benches.length, recollection.share]).toEqual([2, null]);
  });

  test('knows what the class promised itself: what was said last counts', () => {
    const promise = (availabilityPerMille: number): Command => {
      return { kind: 'promise', availabilityPerMille, window: 500 };
    };
    const entries = [promise(900), promise(990)].map((command, i) => ({
      seq: i + 1,
      at: i,
      command,
      ref: null,
    }));
    expect(promisedIn(entries)).toEqual({ availability: 0.99, window: 500 });
    expect(promiseOf({ availability: 0.99, window: 500 })).toEqual({
      availabilityPerMille: 990,
      window: 500,
    });
    const fold = new Fold(HEADER);
    entries.forEach((entry) => fold.apply(entry));
    const live = new LiveJudge(() => new Waiting());
    live.look(fold, assess(fold));
    expect(live.judging?.objectives).toEqual({ availability: 0.99, window: 500 });
  });
});

describe('the panel', () => {
  test('says what holds so far, what broke and when; a witness leads to its moment', async () => {
    const bench = new Waiting();
    const judging = judgingWith(bench);
    judging.judge(SCRIPT);
    bench.work();
    const sought: number[] = [];
    const props = { judging, end: 20_000, onseek: (at: number) => sought.push(at), onpromise: null };
    const { rerender } = render(JudgePanel, { ...props, at: 20_000 });
    const item = screen.getAllByText('Linearizable')[0]?.closest('li');
    if (item === null || item === undefined) throw new Error('there is no verdict');
    within(item).getByText(/^broken/);
    within(item).getByText(/n2 read red at 12\.\d+ s, after n4's write of blue/);
    await fireEvent.click(within(item).getByRole('button', { name: /n2.*read colour/ }));
    const read = judging.judged?.operations.find(({ node }) => node === 'n2');
    expect(sought).toEqual([read?.returned]);
    await rerender({ ...props, at: 9000 });
    within(item).getByText(/^holds so far/);
    const sides = screen.getByRole('group', { name: 'By side' });
    const names = within(sides)
      .getAllByRole('columnheader')
      .map(({ textContent }) => textContent);
    const shares = within(within(sides).getByRole('row', { name: /^Available/ })).getAllByRole('cell');
    expect(shares[names.indexOf('B')]?.textContent).toBe('100 %');
  });

  test('a cut left out: both runs stand side by side', async () => {
    const bench = new Waiting();
    const judging = judgingWith(bench);
    judging.judge(SCRIPT);
    bench.work();
    render(WhatIf, { judging, script: SCRIPT, at: 4000, moments: [] });
    await fireEvent.click(screen.getByRole('checkbox', { name: /^Cut A/ }));
    await fireEvent.click(screen.getByRole('button', { name: 'Run it again' }));
    expect(bench.orders).toMatchObject([{ kind: 'what-if', change: { without: [2] } }]);
    bench.work();
    await screen.findByText(/They differ from 0:05\.0 on/);
    expect(screen.getByRole('row', { name: /^Linearizable broken.*holds$/ })).toBeDefined();
  });

  test('a moment is chosen, and a cut that stands then can end there', async () => {
    const bench = new Waiting();
    const judging = judgingWith(bench);
    judging.judge(SCRIPT);
    bench.work();
    const moments = [{ at: 5000, sign: 'cut' as const, node: null, text: 'Cut A | B' }];
    render(WhatIf, { judging, script: SCRIPT, at: 7000, moments });
    await fireEvent.click(screen.getByRole('button', { name: 'From here: 0:07.0' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^Cut A.*it ends then$/ }));
    await fireEvent.change(screen.getByLabelText('System'), { target: { value: 'etcd' } });
    screen.getByText(/a new cluster takes over/);
    await fireEvent.click(screen.getByRole('button', { name: 'Run it again' }));
    expect(bench.orders).toMatchObject([{ change: { from: 7000, system: 'etcd', without: [2] } }]);
    bench.work();
    await screen.findByText('Until 0:07.0 both are one run.');
    screen.getByText(/took over with 1 operation that had been acknowledged\.$/);
    await fireEvent.change(screen.getByLabelText('Or from a turning point'), { target: { value: '5000' } });
    screen.getByText('0:05.0');
    expect(screen.getByRole('spinbutton', { name: /when, in seconds/ })).toBeDefined();
  });

  test('faults stand until they are healed, undone or over', () => {
    const entries = (
      [
        [1000, { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false }],
        [2000, { kind: 'crash', node: 'n1', disk: 'kept' }],
        [3000, { kind: 'isolate', node: 'n2' }],
        [4000, { kind: 'undo', fault: 1 }],
        [5000, { kind: 'heal', between: null }],
        [6000, { kind: 'restart', node: 'n1' }],
      ] satisfies [number, Command][]
    ).map(([at, command], index) => ({ seq: index + 1, at, command, ref: null }));
    const standing = (at: number) => standingFaults(entries, at).map(({ seq }) => seq);
    expect([1000, 3500, 4500, 5500, 6500].map(standing)).toEqual([[], [1, 2, 3], [2, 3], [2], []]);
  });
});
