import type { Command } from '../../shared/recording/command.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { ClientPayload } from '../../shared/wire/events.ts';
import type { PeopleAction } from '../../shared/wire/watch.ts';
import { newSecret } from '../secrets.ts';
import type { Answer } from './answer.ts';
import type { Connection, GoneReason } from './audience.ts';
import { Bots } from './bots.ts';
import { Bulletin } from './bulletin.ts';
import type { ClassroomParts } from './classroom-parts.ts';
import { Echo } from './echo.ts';
import { Entrance, type Joined } from './entrance.ts';
import { Feeds } from './feeds.ts';
import type { Opened } from './opening.ts';
import { Pacer } from './pacer.ts';
import type { People } from './people.ts';
import { Presence } from './presence.ts';
import { Pulse } from './pulse.ts';
import { Recorder } from './recorder.ts';
import { Scribe } from './scribe.ts';
import { Seats, type Resume } from './seats.ts';
import { Sequencer } from './sequencer.ts';
import { Showing } from './showing.ts';
import { Watchers } from './watchers.ts';

/** One live class: its cluster, its people and its recording, and whoever looks on. */
export class Classroom {
  /** Names this life of the server: input counts of another life mean nothing here. */
  readonly run = newSecret(16);
  readonly people: People;
  readonly sequencer: Sequencer;
  readonly bots: Bots;
  readonly showing: Showing;
  readonly #parts: ClassroomParts;
  readonly #pacer: Pacer;
  readonly #feeds: Feeds;
  readonly #presence: Presence;
  readonly #seats: Seats;
  readonly #entrance: Entrance;
  readonly #watchers: Watchers;
  readonly #bulletin: Bulletin;
  readonly #pulse: Pulse;
  readonly #echo: Echo;

  constructor(opened: Opened, parts: ClassroomParts) {
    this.#parts = parts;
    this.people = opened.people;
    const { clock } = parts;
    const { fold } = opened;
    const recorder = new Recorder(opened.log, opened.chain, clock, parts.gauge, (error) =>
      this.sequencer.stop(error.message),
    );
    this.sequencer = new Sequencer({
      fold,
      scribe: new Scribe(recorder, opened.checkpointer, opened.lastCheckpoint, clock),
      references: opened.references,
      clock,
      listener: {
        betweenBatches: () => this.#pacer.pass(),
        applied: (entries) => this.#echo.applied(entries),
        healthChanged: (health) => this.#echo.healthChanged(health),
      },
    });
    this.#pacer = new Pacer(this.sequencer, clock);
    this.bots = new Bots(this.sequencer, clock, () => this.#bulletin.peopleChanged());
    this.#watchers = new Watchers(fold, this.run, clock);
    this.#bulletin = new Bulletin({
      sequencer: this.sequencer,
      people: this.people,
      watchers: this.#watchers,
      bots: this.bots,
      clock,
      joinUrls: parts.joinUrls,
    });
    this.#feeds = new Feeds({
      fold,
      run: this.run,
      heard: opened.heard,
      clock,
      newsOf: (node) => this.#bulletin.newsOf(node),
    });
    this.#presence = new Presence(fold, clock, parts.settings, opened.stopped, (command, ref) => {
      this.sequencer.ask(command, { ref, durable: false }).catch(() => undefined);
    });
    this.#seats = new Seats({
      sequencer: this.sequencer,
      people: this.people,
      feeds: this.#feeds,
      presence: this.#presence,
      clock,
      unconfirmedAfterMs: parts.settings.unconfirmedAfterMs,
      onChange: () => this.#bulletin.peopleChanged(),
    });
    this.#entrance = new Entrance(this.sequencer, this.people, this.#seats);
    this.showing = new Showing(fold, this.#seats, this.#watchers, clock, () => parts.read(this.id));
    this.#echo = new Echo({
      sequencer: this.sequencer,
      seats: this.#seats,
      watchers: this.#watchers,
      presence: this.#presence,
      entrance: this.#entrance,
      bulletin: this.#bulletin,
      showing: this.showing,
      gauge: parts.gauge,
      log: parts.log,
    });
    this.#pulse = new Pulse(clock, parts.settings.idleAfterMs, {
      isAttended: () => this.connected > 0,
      run: (on) => this.#pacer.run(on),
      tick: (count) => this.#tick(count),
    });
    this.#seats.recover();
  }

  get id(): string {
    return this.people.id;
  }

  get code(): string {
    return this.people.code;
  }

  get ended(): boolean {
    return this.sequencer.fold.class.ended;
  }

  get full(): boolean {
    const { seats } = this.sequencer.fold.class;
    return this.sequencer.fold.header.nodes.every((node) => seats[node]?.by === 'student');
  }

  get connected(): number {
    return this.#seats.connected + this.#watchers.size;
  }

  get studentsConnected(): number {
    return this.#seats.connected;
  }

  /** How long nobody has been here, real milliseconds. */
  get idleMs(): number {
    return this.#pulse.idleMs;
  }

  attachStudent(node: NodeId, connection: Connection, resume: Resume): void {
    this.#parts.gauge.resumed(this.#seats.attach(node, connection, resume));
    this.#bulletin.greet(node, connection);
    this.showing.greet(node, connection);
    this.#pulse.wake();
  }

  attachWatcher(role: 'instructor' | 'screen', connection: Connection): void {
    this.#watchers.attach(connection, role);
    this.showing.greetWatcher(connection);
    this.#pulse.wake();
    this.#bulletin.sendPeople(this.#seats);
  }

  detach(connection: Connection, node: NodeId | null): void {
    this.#pulse.seen();
    if (node !== null) this.#seats.detach(node, connection);
    this.#watchers.detach(connection);
    this.#bulletin.peopleChanged();
  }

  async join(connection: Connection, ref: string, name: string | null): Promise<Joined> {
    this.#pulse.wake();
    const joined = await this.#entrance.join(connection, ref, name);
    if (joined.ok) this.showing.greet(joined.node, connection);
    return joined;
  }

  /** The browser at this seat has stored its token. */
  confirm(node: NodeId): void {
    this.#seats.unconfirmed.settled(node);
  }

  leave(node: NodeId): Promise<Answer<object>> {
    return this.#seats.leave(node);
  }

  async rename(node: NodeId, name: string): Promise<Answer<{ name: string }>> {
    const answer = await this.#seats.rename(node, name);
    this.#bulletin.sendNews(this.#seats);
    return answer;
  }

  /** Whether this connection still is the one that the seat belongs to. */
  holdsSeat(node: NodeId, connection: Connection): boolean {
    return this.#seats.holds(node, connection);
  }

  ask(command: Command, ref: string, durable: boolean): Promise<Answer<{ seq: number }>> {
    return this.sequencer.ask(command, { ref, durable });
  }

  report(node: NodeId, { inputs, digest }: ClientPayload<'digest'>): boolean {
    const agrees = this.#seats.report(node, inputs, digest);
    if (!agrees) {
      this.#parts.gauge.disagreed();
      const facts = { recording: this.id, node, inputs };
      this.#parts.log.warn(facts, 'a browser computed another node than the server');
    }
    return agrees;
  }

  async step(by: 'event' | 'frame'): Promise<number> {
    const now = await this.#pacer.step(by);
    this.#feeds.flushAll();
    this.#watchers.tick(this.#parts.clock.now());
    return now;
  }

  async act(action: PeopleAction): Promise<Answer<object>> {
    const answer = await this.#seats.act(action);
    this.#bulletin.sendNews(this.#seats);
    return answer;
  }

  /** A new secret; every dashboard but the one that asked loses its rights. */
  async rotate(asking: Connection): Promise<string> {
    const secret = await this.people.rotateSecret();
    this.#watchers.tell('instructor', (connection) => {
      if (connection !== asking) connection.sendAway('rotated');
    });
    return secret;
  }

  sendAllAway(reason: GoneReason, retryAfterMs: () => number | undefined): void {
    this.#seats.tell((_, connection) => connection.sendAway(reason, retryAfterMs()));
    this.#watchers.tellAll((connection) => connection.sendAway(reason, retryAfterMs()));
  }

  /** Writes down everything and lets go of the recording. */
  async close(): Promise<void> {
    this.#pulse.stop();
    this.#presence.close();
    this.#seats.close();
    this.sequencer.fold.world.onInput = null;
    await this.sequencer.close();
  }

  #tick(count: number): void {
    const now = this.#parts.clock.now();
    this.#pacer.tick();
    this.bots.tick();
    this.#feeds.flush();
    if (count % 2 === 0) this.#watchers.tick(now);
    this.#bulletin.tick(this.#seats, now);
  }
}
