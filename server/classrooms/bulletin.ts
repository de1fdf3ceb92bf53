import type { NodeId } from '../../shared/sim/operation.ts';
import type { ServerPayload } from '../../shared/wire/events.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from './audience.ts';
import type { Bots } from './bots.ts';
import type { People } from './people.ts';
import { groupsOf } from './seating.ts';
import type { Seats } from './seats.ts';
import type { Sequencer } from './sequencer.ts';
import type { Watchers } from './watchers.ts';

const PEOPLE_EVERY_MS = 250;

export interface BulletinParts {
  readonly sequencer: Sequencer;
  readonly people: People;
  readonly watchers: Watchers;
  readonly bots: Bots;
  readonly clock: Clock;
  readonly joinUrls: (code: string) => string[];
}

/** What the class is told that is in no recording: names, who is there, and each student's own news. */
export class Bulletin {
  readonly #parts: BulletinParts;
  readonly #told = new Map<NodeId, string>();
  #changed = false;
  #sentAt = 0;

  constructor(parts: BulletinParts) {
    this.#parts = parts;
  }

  newsOf(node: NodeId, groups = groupsOf(this.#parts.sequencer.fold)): ServerPayload<'class'> {
    const { fold } = this.#parts.sequencer;
    const { held, pacePerMille, ended } = fold.class;
    const name = this.#parts.people.nameOf(node) ?? '';
    return { name, group: groups.get(node) ?? null, held, pacePerMille, ended };
  }

  /** Tells a student the news, whether there is any or not. */
  greet(node: NodeId, connection: Connection): void {
    const news = this.newsOf(node);
    this.#told.set(node, JSON.stringify(news));
    connection.send('class', news);
  }

  /** Tells every student for whom something is new. */
  sendNews(seats: Seats): void {
    const groups = groupsOf(this.#parts.sequencer.fold);
    seats.tell((node, connection) => {
      const news = this.newsOf(node, groups);
      const text = JSON.stringify(news);
      if (this.#told.get(node) === text) return;
      this.#told.set(node, text);
      connection.send('class', news);
    });
  }

  peopleChanged(): void {
    this.#changed = true;
  }

  tick(seats: Seats, now: number): void {
    if (this.#changed && now - this.#sentAt >= PEOPLE_EVERY_MS) this.sendPeople(seats);
  }

  sendPeople(seats: Seats): void {
    const { people, sequencer, watchers, bots, clock } = this.#parts;
    this.#changed = false;
    this.#sentAt = clock.now();
    const { health } = sequencer;
    const joinUrls = this.#parts.joinUrls(people.code);
    const persons = seats.persons();
    const { namesShown } = people;
    const trouble = health.kind === 'well' ? null : health.message;
    watchers.tell('instructor', (to) =>
      to.send('people', { people: persons, namesShown, bots: bots.load, joinUrls, trouble }),
    );
    const shown = persons.flatMap(({ node, name }) => (namesShown && name !== null ? [[node, name]] : []));
    const names = Object.fromEntries(shown) as Record<NodeId, string>;
    const instructorHere = watchers.instructors > 0;
    watchers.tell('screen', (to) => to.send('names', { names, joinUrls, instructorHere }));
  }
}
