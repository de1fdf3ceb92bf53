import { cleanName, uniqueName } from '../../shared/classroom/names.ts';
import { offerName } from '../../shared/classroom/names-offered.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { PeopleAction, Person } from '../../shared/wire/events.ts';
import type { Clock } from '../clock.ts';
import { drawBelow } from '../secrets.ts';
import { refusal, type Answer } from './answer.ts';
import type { Connection, GoneReason } from './audience.ts';
import type { Feeds } from './feeds.ts';
import type { People } from './people.ts';
import type { Presence } from './presence.ts';
import { chooseSeat } from './seating.ts';
import type { Sequencer } from './sequencer.ts';

/** What a browser has already of its node's inputs. */
export type Resume = { readonly run: string; readonly inputs: number } | null;

/** So long browsers may take to come back to a server that was started again. */
const RETURN_MS = 10_000;

/** A line that held so long after the answer to `join` has carried it. Most students only watch at first. */
const ANSWERED_MS = 300;

/** How a seat's browser and the server last compared their nodes. */
type Sitting = {
  readonly connection: Connection;
  /** Whether the browser has shown that it has its token: an answer to `join` may be lost on its way. */
  confirmed: boolean;
  readonly since: number;
};

/** Who sits where: students come, are recognised, go, and are moved by the instructor. */
export class Seats {
  readonly #sequencer: Sequencer;
  readonly #people: People;
  readonly #feeds: Feeds;
  readonly #presence: Presence;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #sittings = new Map<NodeId, Sitting>();
  readonly #reserved = new Set<NodeId>();
  readonly #agrees = new Map<NodeId, boolean>();

  constructor(parts: {
    sequencer: Sequencer;
    people: People;
    feeds: Feeds;
    presence: Presence;
    clock: Clock;
    onChange: () => void;
  }) {
    this.#sequencer = parts.sequencer;
    this.#people = parts.people;
    this.#feeds = parts.feeds;
    this.#presence = parts.presence;
    this.#clock = parts.clock;
    this.#onChange = parts.onChange;
  }

  get connected(): number {
    return this.#sittings.size;
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
    const old = this.#sittings.get(node);
    this.#sittings.set(node, { connection, confirmed: true, since: this.#clock.now() });
    old?.connection.sendAway('superseded');
    const now = this.#clock.now();
    const how = this.#feeds.open(node, now).attach(connection, resume, now);
    this.#presence.arrived(node);
    this.#onChange();
    return how;
  }

  async join(
    connection: Connection,
    asked: string | null,
  ): Promise<Answer<{ token: string; node: NodeId; name: string }>> {
    const { fold } = this.#sequencer;
    if (fold.class.ended) return refusal('ended', 'the classroom has ended');
    if (fold.class.locked) return refusal('locked', 'the instructor lets nobody new in');
    const node = chooseSeat(fold, this.#reserved);
    if (node === null) return refusal('full', 'every node has its student');
    this.#reserved.add(node);
    try {
      const wanted = asked === null ? '' : cleanName(asked);
      const offered = wanted === '' ? offerName(drawBelow(2 ** 32 - 1)) : wanted;
      const name = uniqueName(offered, this.#people.names);
      const token = this.#people.sit(node, name);
      const seat = { kind: 'seat', node, by: 'student' } as const;
      const [answer, saved] = await Promise.allSettled([
        this.#sequencer.ask(seat, { ref: null, durable: true }),
        this.#people.save(),
      ]);
      if (answer.status === 'rejected') throw answer.reason;
      if (!answer.value.ok) {
        this.#people.stand(node, false);
        return answer.value;
      }
      if (saved.status === 'rejected') {
        this.#vacate(node, false);
        return refusal('cannot-record', 'the list of people cannot be written');
      }
      if (!connection.open) {
        this.#vacate(node, false);
        return refusal('no-seat', 'the browser went away meanwhile');
      }
      this.#sittings.set(node, { connection, confirmed: false, since: this.#clock.now() });
      // After the answer: a browser should know its token before it is shown its node.
      this.#clock.after(0, () => {
        const now = this.#clock.now();
        if (this.holds(node, connection)) this.#feeds.open(node, now).attach(connection, null, now);
      });
      this.#onChange();
      return { ok: true, token, node, name };
    } finally {
      this.#reserved.delete(node);
    }
  }

  /** The browser has shown that it knows its seat. */
  confirm(node: NodeId, connection: Connection): void {
    const sitting = this.#sittings.get(node);
    if (sitting?.connection === connection) sitting.confirmed = true;
  }

  /** Whether this very connection still stands for the node. */
  holds(node: NodeId, connection: Connection): boolean {
    return this.#sittings.get(node)?.connection === connection;
  }

  detach(node: NodeId, connection: Connection): void {
    const sitting = this.#sittings.get(node);
    if (sitting?.connection !== connection) return;
    const knowsSeat = sitting.confirmed || this.#clock.now() - sitting.since >= ANSWERED_MS;
    this.#sittings.delete(node);
    this.#feeds.get(node)?.detach();
    this.#presence.departed(node, () => {
      // Somebody whose answer to `join` was lost has joined again elsewhere, and this seat would stay empty.
      if (!knowsSeat && !this.#sittings.has(node)) this.#vacate(node, false);
      this.#onChange();
    });
    this.#onChange();
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
    const own = this.#people.nameOf(node);
    const name = uniqueName(
      wanted,
      this.#people.names.filter((other) => other !== own),
    );
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
    for (const [node, { connection }] of [...this.#sittings]) send(node, connection);
  }

  #vacate(node: NodeId, blocked: boolean): void {
    this.#clear(node, blocked);
    this.#people.save().catch(() => undefined);
    this.#sequencer
      .ask({ kind: 'seat', node, by: 'bot' }, { ref: null, durable: false })
      .catch(() => undefined);
  }

  #clear(node: NodeId, blocked: boolean, reason: GoneReason | null = null): void {
    const sitting = this.#sittings.get(node);
    this.#sittings.delete(node);
    this.#feeds.drop(node);
    this.#agrees.delete(node);
    this.#people.stand(node, blocked);
    this.#presence.vacated(node);
    if (reason !== null) sitting?.connection.sendAway(reason);
    this.#onChange();
  }
}
