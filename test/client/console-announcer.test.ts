import { expect, test } from 'vitest';
import { Announcer, type News } from '../../client/src/state/console-announcer.ts';
import { FaultList } from '../../client/src/state/console-faults.ts';
import { assess } from '../../shared/classroom/situation.ts';
import { CUT_AB, Run } from './console-support.ts';

/** Everything that is told while a run goes on to a time, looked at ten times a virtual second. */
class Listener {
  readonly run = new Run().advance(5000);
  readonly #announcer = new Announcer();
  readonly #faults = new FaultList();

  constructor() {
    this.#read();
  }

  until(time: number): string[] {
    const told: string[] = [];
    for (let at = this.run.fold.now; at <= time; at += 100) {
      this.run.advance(at);
      told.push(...this.#read().map(short));
    }
    return told;
  }

  #read(): News[] {
    const { fold, entries } = this.run;
    const faults = this.#faults.read(fold, entries);
    return this.#announcer.read(
      { faults, situation: assess(fold), leader: fold.world.leader, held: fold.class.held },
      fold.now,
    );
  }
}

function short(news: News): string {
  switch (news.kind) {
    case 'side':
      return `${news.side.groups.join('+')} ${news.side.state}`;
    case 'leader':
      return `leader ${news.node ?? '-'}`;
    case 'held':
      return `held ${news.held}`;
    default:
      return news.kind;
  }
}

test('a cut, what it does to its sides, and its heal are each told once', () => {
  const listener = new Listener();
  expect(listener.until(6000)).toEqual([]);
  listener.run.give(CUT_AB);
  const cut = listener.until(16_000);
  expect(cut.filter((news) => news === 'fault')).toHaveLength(1);
  expect(cut.filter((news) => news === 'B no-quorum')).toHaveLength(1);
  expect(cut.filter((news) => news.startsWith('A ') && news !== 'A quorum')).toEqual([]);
  listener.run.give({ kind: 'heal', between: null });
  const healed = listener.until(30_000);
  expect(healed.filter((news) => news === 'whole')).toHaveLength(1);
  expect(healed.filter((news) => news === 'A+B quorum')).toHaveLength(1);
});

test('a pause of everything and its end are told', () => {
  const listener = new Listener();
  listener.run.give({ kind: 'hold', held: true });
  expect(listener.until(5000)).toEqual(['held true']);
});
