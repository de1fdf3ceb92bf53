import type { Command, Entry } from '../../shared/recording/command.ts';
import type { Log } from '../log.ts';
import type { Bulletin } from './bulletin.ts';
import type { ClassroomGauge } from './classroom-parts.ts';
import type { Entrance } from './entrance.ts';
import type { Health } from './health.ts';
import type { Presence } from './presence.ts';
import type { Seats } from './seats.ts';
import type { Sequencer } from './sequencer.ts';
import type { Showing } from './showing.ts';
import type { Watchers } from './watchers.ts';

export interface EchoParts {
  readonly sequencer: Sequencer;
  readonly seats: Seats;
  readonly watchers: Watchers;
  readonly presence: Presence;
  readonly entrance: Entrance;
  readonly bulletin: Bulletin;
  readonly showing: Showing;
  readonly gauge: ClassroomGauge;
  readonly log: Log;
}

/** What changes what a student is told of the class. */
const TOLD_TO_STUDENTS: ReadonlySet<Command['kind']> = new Set(['hold', 'pace', 'end', 'group', 'move']);
/** What may wait for the next frame: there can be thousands of these a second. */
const UNHURRIED: ReadonlySet<Command['kind']> = new Set(['operate', 'seat', 'presence', 'horizon']);

/** What follows in the classroom from what the sequencer does: who is told, and whose seat is free. */
export class Echo {
  readonly #parts: EchoParts;

  constructor(parts: EchoParts) {
    this.#parts = parts;
  }

  applied(entries: readonly Entry[]): void {
    const { sequencer, seats, watchers, presence, entrance, bulletin, showing, gauge } = this.#parts;
    gauge.recorded(entries.length);
    for (const { command, ref } of entries) {
      presence.applied(command, ref);
      if (command.kind === 'seat' || command.kind === 'presence') bulletin.peopleChanged();
      if (command.kind === 'seat' && command.by === 'bot') entrance.freed();
    }
    watchers.applied(
      entries,
      entries.some(({ command }) => !UNHURRIED.has(command.kind)),
    );
    if (entries.some(({ command }) => TOLD_TO_STUDENTS.has(command.kind))) bulletin.sendNews(seats);
    const { held, ended } = sequencer.fold.class;
    if (!held) showing.end();
    if (ended) seats.tell((_, connection) => connection.sendAway('ended'));
  }

  healthChanged(health: Health): void {
    const { sequencer, seats, bulletin, log } = this.#parts;
    const recording = sequencer.fold.header.id;
    if (health.kind !== 'well') log.error({ recording, health }, 'a classroom cannot go on');
    bulletin.sendPeople(seats);
  }
}
