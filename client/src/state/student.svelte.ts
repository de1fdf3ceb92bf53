import { WIRE_VERSION } from '../../../shared/wire/event.ts';
import { STUDENT_EVENTS } from '../../../shared/wire/student.ts';
import { openConnection, type Answer, type Connection } from '../net/connection.ts';
import { newReference } from '../net/reference.ts';
import { ConnectionState } from './connection.svelte.ts';
import { Seat } from './seat.svelte.ts';
import { ShownMoment } from './shown-moment.svelte.ts';
import type { SeatToken } from './token.ts';

/** What a student's page is doing: looking for its seat, at the door, in it, or sent away. */
export type StudentPhase = 'resuming' | 'door' | 'seated' | 'gone';

/** A server that knows the token answers with the seat at once; silence means that the seat is no more. */
const SEAT_MS = 4000;
const PATIENCE_MS = 8000;

/** One student in one classroom: the connection, the seat and the token that leads back to it. */
export class StudentState {
  readonly code: string;
  readonly connection: ConnectionState;
  readonly seat: Seat;
  readonly moment: ShownMoment;
  readonly #line: Connection;
  readonly #token: SeatToken;
  /** Names what this page asks for when it joins: after a lost answer it is given the same seat. */
  readonly #ref = newReference();
  #atDoor = $state(false);
  #lostSeat = $state(false);

  readonly phase: StudentPhase = $derived.by(() => {
    const { status } = this.connection;
    const { kind } = status;
    // What a student has in front of them when the class ends stays there to be read.
    if (kind === 'gone' && !(this.ended && this.seat.picture !== null)) return 'gone';
    if (this.#atDoor) return 'door';
    if (this.seat.picture !== null) return 'seated';
    return kind === 'refused' ? 'gone' : 'resuming';
  });

  /** `open` makes the connection; tests give one of their own. */
  constructor(code: string, token: SeatToken, open = openConnection) {
    this.code = code;
    this.#token = token;
    this.#atDoor = token.value === null;
    this.#line = open(code, STUDENT_EVENTS, () => ({
      wire: WIRE_VERSION,
      role: 'student',
      token: token.value,
      resume: token.value === null ? null : this.seat.resume,
    }));
    this.connection = new ConnectionState(this.#line);
    this.seat = new Seat(this.#line);
    this.moment = new ShownMoment(this.#line);
    this.#line.on('seat', () => (this.#atDoor = false));
    this.#line.onStatus((status) => {
      if (token.value === null) return;
      if (status.kind === 'online') this.#expectSeat();
      // Nobody's token any more: the seat was given up while this browser was away.
      if (status.kind === 'refused' && status.reason === 'not-allowed') {
        this.forget();
        this.#lostSeat = true;
        this.useHere();
      }
    });
  }

  get ended(): boolean {
    const { status } = this.connection;
    return this.seat.news?.ended === true || (status.kind === 'gone' && status.reason === 'ended');
  }

  /** Whether somebody who had a seat finds it gone. */
  get lostSeat(): boolean {
    return this.#lostSeat;
  }

  /** Takes a seat under a name, or under one that the server picks. */
  async join(name: string | null): Promise<Answer<'join'>> {
    if (!(await this.#comesOnline())) return { ok: false, code: 'offline' };
    const answer = await this.#line.ask('join', { ref: this.#ref, name });
    if (!answer.ok) return answer;
    this.#token.value = answer.token;
    // A browser that may not store anything will not find its seat again, and does not say that it will.
    if (this.#token.value === answer.token) void this.#line.ask('confirm', {});
    return answer;
  }

  rename(name: string): Promise<Answer<'rename'>> {
    return this.#line.ask('rename', { name });
  }

  /** Gives the seat up for good. */
  async leave(): Promise<Answer<'leave'>> {
    const answer = await this.#line.ask('leave', {});
    if (answer.ok) this.forget();
    return answer;
  }

  /** Comes back after having been sent away: another tab had the seat, or the server was offended. */
  useHere(): void {
    this.#line.reconnect();
  }

  /** The seat is no more: the next connection asks for a new one. */
  forget(): void {
    this.#token.value = null;
    this.#atDoor = true;
  }

  stop(): void {
    this.connection.stop();
    this.seat.stop();
    this.moment.stop();
    this.#line.close();
  }

  /** Whoever presses Join right after the page came need not press it again. */
  async #comesOnline(): Promise<boolean> {
    const until = Date.now() + PATIENCE_MS;
    while (!this.connection.online && Date.now() < until) {
      const { kind } = this.connection.status;
      if (kind === 'refused' || kind === 'gone') return false;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return this.connection.online;
  }

  #expectSeat(): void {
    setTimeout(() => {
      if (this.seat.picture === null && this.connection.online) this.forget();
    }, SEAT_MS);
  }
}
