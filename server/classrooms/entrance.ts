import { isReserved } from '../../shared/classroom/lookalikes.ts';
import { cleanName, uniqueName } from '../../shared/classroom/names.ts';
import { offerName } from '../../shared/classroom/names-offered.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import { drawBelow } from '../secrets.ts';
import { refusal, type Answer } from './answer.ts';
import type { Connection } from './audience.ts';
import type { People } from './people.ts';
import { Seating } from './seating.ts';
import type { Seats } from './seats.ts';
import type { Sequencer } from './sequencer.ts';

export type Joined = Answer<{ token: string; node: NodeId; name: string }>;

const GONE = refusal('no-seat', 'the browser went away meanwhile');
const UNWRITABLE = refusal('cannot-record', 'the list of people cannot be written');

/** Where students come in and are given a seat: that of a bot. */
export class Entrance {
  readonly #sequencer: Sequencer;
  readonly #people: People;
  readonly #seats: Seats;
  readonly #seating: Seating;
  /** Joins that are being written down, by their references. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(sequencer: Sequencer, people: People, seats: Seats) {
    this.#sequencer = sequencer;
    this.#people = people;
    this.#seats = seats;
    this.#seating = new Seating(sequencer.fold);
  }

  /** Gives somebody a seat. Asked again with the same reference after a lost answer, it is the same seat. */
  join(connection: Connection, ref: string, asked: string | null): Promise<Joined> {
    const before = this.#underWay.get(ref) ?? Promise.resolve();
    const joined = before.then(() => {
      const own = this.#seats.unconfirmed.find(ref);
      return own === null ? this.#seat(connection, ref, asked) : this.#seatAgain(own, connection);
    });
    const settled = joined.catch(() => undefined);
    this.#underWay.set(ref, settled);
    void settled.then(() => {
      if (this.#underWay.get(ref) === settled) this.#underWay.delete(ref);
    });
    return joined;
  }

  /** A seat that was taken may be free again. */
  freed(): void {
    this.#seating.changed();
  }

  async #seat(connection: Connection, ref: string, asked: string | null): Promise<Joined> {
    const { ended, locked } = this.#sequencer.fold.class;
    if (ended) return refusal('ended', 'the classroom has ended');
    if (locked) return refusal('locked', 'the instructor lets nobody new in');
    const wanted = asked === null ? '' : cleanName(asked);
    if (isReserved(wanted)) return refusal('refused', 'name: this one could be taken for the instructor');
    const node = this.#seating.reserve();
    if (node === null) return refusal('full', 'every node has its student');
    try {
      const offered = wanted === '' ? offerName(drawBelow(2 ** 32 - 1)) : wanted;
      const name = uniqueName(offered, this.#people.skeletons());
      const token = this.#people.sit(node, name);
      const [answer, saved] = await Promise.allSettled([
        this.#sequencer.ask({ kind: 'seat', node, by: 'student' }, { ref: null, durable: true }),
        this.#people.save(),
      ]);
      if (answer.status === 'rejected') throw answer.reason;
      if (!answer.value.ok) {
        this.#people.stand(node, false);
        return answer.value;
      }
      if (saved.status === 'rejected') {
        this.#seats.giveUp(node);
        return UNWRITABLE;
      }
      this.#seats.unconfirmed.add(node, ref);
      return this.#welcome(node, connection, token);
    } finally {
      this.#seating.release(node);
    }
  }

  /** Nobody knows the token of a lost answer: the seat gets a new one. */
  async #seatAgain(node: NodeId, connection: Connection): Promise<Joined> {
    this.#seats.unconfirmed.returned(node);
    const token = this.#people.renew(node);
    try {
      await this.#people.save();
    } catch {
      this.#seats.unconfirmed.departed(node);
      return UNWRITABLE;
    }
    return this.#welcome(node, connection, token);
  }

  #welcome(node: NodeId, connection: Connection, token: string): Joined {
    const name = this.#people.nameOf(node);
    if (name === null || this.#people.find(token) !== node) {
      return refusal('no-seat', 'the seat was taken away meanwhile');
    }
    if (!connection.open) {
      this.#seats.expect(node);
      return GONE;
    }
    this.#seats.welcome(node, connection);
    return { ok: true, token, node, name };
  }
}
