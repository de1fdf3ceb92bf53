import { isReserved } from '../../shared/classroom/lookalikes.ts';
import { cleanName, uniqueName } from '../../shared/classroom/names.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { PeopleAction, Person } from '../../shared/wire/watch.ts';
import type { Clock } from '../clock.ts';
import { refusal, type Answer } from './answer.ts';
import type { Connection, GoneReason } from './audience.ts';
import type { Feeds } from './feeds.ts';
import type { People } from './people.ts';
import type { Presence } from './presence.ts';
import type { Sequencer } from './sequencer.ts';
import { Unconfirmed } from './unconfirmed.ts';

/** What a browser has already of its node's inputs. */
export type Resume = { readonly run: string; readonly inputs: number } | null;

/** So long browsers may take to come back to a server that was started again. */
const RETURN_MS = 10_000;

/** Who sits where: students come, are recognised, go, and are moved by the instructor. */
export class Seats {
  /** Those who have not said yet that they know their seat. */
  readonly unconfirmed: Unconfirmed;
  readonly #sequencer: Sequencer;
  readonly #people: People;
  readonly #feeds: Feeds;
  readonly #presence: Presence;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #connections = new Map<NodeId, Connection>();
  readonly #agrees = new Map<NodeId, boolean>();

  constructor(parts: {
    sequencer: Sequencer;
    people: People;
    feeds: Feeds;
    presence: Presence;
    clock: Clock;
    unconfirmedAfterMs: number;
    onChange: () => void;
  }) {
    this.#sequencer = parts.sequencer;
    this.#people = parts.people;
    this.#feeds = parts.feeds;
    this.#presence = parts.presence;
    this.#clock = parts.clock;
    this.#onChange = parts.onChange;
    this.unconfirmed = new Unconfirmed(parts.clock, parts.unconfirmedAfterMs, (node) => this.giveUp(node));
  }

  get connected(): number {
    return this.#connections.size;
  }

  /** After the server started again: seats without an owner go to bots, the others' browsers are expected back. */
  recover(): void {
    const { seats } = this.#sequencer.fold.class;
    for (const node of this.#people.nodes) if (seats[node]?.by !== 'student') this.#people.stand(node, false);
    const owners = new Set(this.#people.nodes);
    for (const node of this.#sequencer.fold.header.nodes) {
      if (seats[node]?.by !== 'student') continue;
      if (owners.has(node)) this.#presence.departed(node, undefined, RETURN_MS);
      else void this.#sequencer.ask({ kind: 'seat', node, by: 'bot' }, { ref: null, durable: false });
    }
  }

  /** Seats a browser that has proved whose it is. The newest one wins: the older may be dead without knowing it. */
  attach(node: NodeId, connection: Connection, resume: Resume): 'tail' | 'snapshot' {
    this.unconfirmed.settled(node);
    this.#sit(node, connection);
    const now = this.#clock.now();
    return this.#feeds.open(node, now).attach(connection, resume, now);
  }

  /** Seats somebody who has just come in, and has yet to hear it. */
  welcome(node: NodeId, connection: Connection): void {
    this.#sit(node, connection);
    // After the answer: a browser should know its token before it is shown its node.
    this.#clock.after(0, () => {
      const now = this.#clock.now();
      if (this.holds(node, connection)) this.#feeds.open(node, now).attach(connection, null, now);
    });
  }

  /** Whether this very connection still stands for the node. */
  holds(node: NodeId, connection: Connection): boolean {
    return this.#connections.get(node) === connection;
  }

  detach(node: NodeId, connection: Connection): void {
    if (!this.holds(node, connection)) return;
    this.#connections.delete(node);
    this.#feeds.get(node)?.detach();
    this.expect(node);
  }

  /** Nobody is at the seat, but somebody should be. */
  expect(node: NodeId): void {
    if (this.#connections.has(node)) return;
    this.unconfirmed.departed(node);
    this.#presence.departed(node, () => this.#onChange());
    this.#onChange();
  }

  /** A bot takes the seat: whoever it was given to has never come. */
  giveUp(node: NodeId): void {
    this.#clear(node, false);
    this.#people.save().catch(() => undefined);
    this.#sequencer
      .ask({ kind: 'seat', node, by: 'bot' }, { ref: null, durable: false })
      .catch(() => undefined);
  }

  close(): void {
    this.unconfirmed.close();
  }

  async leave(node: NodeId): Promise<Answer<object>> {
    const answer = await this.#sequencer.ask({ kind: 'seat', node, by: 'bot' }, { ref: null, durable: true });
    if (!answer.ok) return answer;
    this.#clear(node, false);
    await this.#people.save();
    return { ok: true };
  }

  async rename(node: NodeId, asked: string): Promise<Answer<{ name: string }>> {
    const wanted = cleanName(asked);
    if (wanted === '') return refusal('refused', 'name: nothing is left of it');
    if (isReserved(wanted)) return refusal('refused', 'name: this one could be taken for the instructor');
    const name = uniqueName(wanted, this.#people.skeletons(node));
    this.#people.rename(node, name);
    this.#onChange();
    await this.#people.save();
    return { ok: true, name };
  }

  async act(action: PeopleAction): Promise<Answer<object>> {
    if (action.kind === 'names') {
      this.#people.namesShown = action.shown;
      this.#onChange();
      await this.#people.save();
      return { ok: true };
    }
    if (this.#people.nameOf(action.node) === null) {
      return refusal('refused', `node: no student sits at ${action.node}`);
    }
    if (action.kind === 'rename') {
      const renamed = await this.rename(action.node, action.name);
      return renamed.ok ? { ok: true } : renamed;
    }
    const seat = { kind: 'seat', node: action.node, by: 'bot' } as const;
    const answer = await this.#sequencer.ask(seat, { ref: null, durable: true });
    if (!answer.ok) return answer;
    this.#clear(action.node, action.kind === 'block', action.kind === 'block' ? 'blocked' : 'removed');
    await this.#people.save();
    return { ok: true };
  }

  /** Compares a browser's node with ours; a browser that is wrong is given everything anew. */
  report(node: NodeId, inputs: number, digest: string): boolean {
    const agrees = this.#feeds.get(node)?.compare(inputs, digest);
    if (agrees === undefined) return true;
    if (this.#agrees.get(node) !== agrees) this.#onChange();
    this.#agrees.set(node, agrees);
    if (!agrees) this.#feeds.get(node)?.sendWhole(this.#clock.now());
    return agrees;
  }

  persons(): Person[] {
    const { seats } = this.#sequencer.fold.class;
    return this.#sequencer.fold.header.nodes.map((node) => {
      const taken = seats[node]?.by === 'student';
      return {
        node,
        name: taken ? this.#people.nameOf(node) : null,
        presence: taken ? (seats[node]?.is ?? 'here') : 'bot',
        awayMs: taken ? this.#presence.goneMs(node) : 0,
        agrees: this.#agrees.get(node) ?? null,
      };
    });
  }

  /** Sends something to every student who is connected. */
  tell(send: (node: NodeId, connection: Connection) => void): void {
    for (const [node, connection] of [...this.#connections]) send(node, connection);
  }

  #sit(node: NodeId, connection: Connection): void {
    const old = this.#connections.get(node);
    this.#connections.set(node, connection);
    old?.sendAway('superseded');
    this.#presence.arrived(node);
    this.#onChange();
  }

  #clear(node: NodeId, blocked: boolean, reason: GoneReason | null = null): void {
    const connection = this.#connections.get(node);
    this.#connections.delete(node);
    this.unconfirmed.settled(node);
    this.#feeds.drop(node);
    this.#agrees.delete(node);
    this.#people.stand(node, blocked);
    this.#presence.vacated(node);
    if (reason !== null) connection?.sendAway(reason);
    this.#onChange();
  }
}
