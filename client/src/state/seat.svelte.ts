import { membersOf } from '../../../shared/sim/members.ts';
import { Mirror, type MirrorEvent } from '../../../shared/sim/mirror.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../../shared/sim/operation.ts';
import { KnobError, resolveKnobs } from '../../../shared/systems/system.ts';
import { unflatten } from '../../../shared/wire/frame.ts';
import type { Hello, ServerPayload } from '../../../shared/wire/events.ts';
import { unpackMirror } from '../../../shared/wire/seat.ts';
import { definitionOf } from '../../../shared/workloads/definition.ts';
import type { Connection } from '../net/connection.ts';
import { Asks } from './asks.svelte.ts';
import { pictureOf, type NodePicture } from './node-picture.ts';
import { loadedParts, loadParts, type Parts } from './parts.ts';
import { Traffic } from './traffic.ts';
import { VirtualClock } from './virtual-clock.svelte.ts';

export type ClassNews = ServerPayload<'class'>;
const LOAD_AGAIN_MS = 3000;

/** The node of this browser while it runs here. */
type Running = {
  readonly run: string;
  readonly parts: Parts;
  readonly nodes: readonly NodeId[];
  readonly mirror: Mirror;
  readonly traffic: Traffic;
};

/** A seat whose parts are still being loaded, and what came after it. */
type Arriving = {
  readonly seat: ServerPayload<'seat'>;
  readonly frames: ServerPayload<'frame'>[];
};

/**
 * A student's place: runs the browser's own node from the inputs that the server sends, and from nothing
 * else. Everything on the screen about the cluster comes out of this mirror.
 */
export class Seat {
  readonly clock = new VirtualClock();
  readonly asks: Asks;
  #picture = $state.raw<NodePicture | null>(null);
  #news = $state.raw<ClassNews | null>(null);
  /** Called with each operation that ended, as it ended, but not with what ended before this page came. */
  onFinished: ((record: OperationRecord) => void) | null = null;

  readonly #connection: Connection;
  readonly #stops: readonly (() => void)[];
  readonly #waiting = new Map<string, (record: OperationRecord | null) => void>();
  #running: Running | null = null;
  #arriving: Arriving | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.asks = new Asks((event, payload) => connection.ask(event, payload));
    this.#stops = [
      connection.on('seat', (seat) => this.#onSeat(seat)),
      connection.on('frame', (frame) => this.#onFrame(frame)),
      connection.on('class', (news) => this.#onClass(news)),
      connection.onStatus(({ kind }) => {
        if (kind === 'online') this.asks.resend();
        this.clock.pace(this.#pace());
      }),
    ];
  }

  get picture(): NodePicture | null {
    return this.#picture;
  }

  get news(): ClassNews | null {
    return this.#news;
  }

  /** What this browser has already, for the next hello. */
  get resume(): Extract<Hello, { role: 'student' }>['resume'] {
    if (this.#running === null) return null;
    return { run: this.#running.run, inputs: this.#running.mirror.node.inputs };
  }

  perform(request: OperationRequest): Promise<OperationRecord | null> {
    return this.asks.perform(request);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.clock.stop();
  }

  #onSeat(seat: ServerPayload<'seat'>): void {
    const parts = loadedParts(seat);
    if (parts !== undefined) {
      this.#begin(seat, parts);
      return;
    }
    const arriving: Arriving = { seat, frames: [] };
    this.#arriving = arriving;
    loadParts(seat).then(
      (found) => this.#arrive(arriving, found),
      (error: unknown) => {
        console.error(error);
        this.#arriving = null;
        setTimeout(() => this.#startOver(true), LOAD_AGAIN_MS);
      },
    );
  }

  #arrive(arriving: Arriving, parts: Parts): void {
    // A newer seat came while the parts were loaded: this one is worth nothing.
    if (this.#arriving !== arriving) return;
    this.#arriving = null;
    this.#begin(arriving.seat, parts);
    for (const frame of arriving.frames) this.#onFrame(frame);
  }

  #begin(seat: ServerPayload<'seat'>, parts: Parts): void {
    this.#arriving = null;
    const { system, driver } = parts;
    try {
      const knobs = resolveKnobs(system, seat.knobs, membersOf(seat).length);
      const definition = definitionOf(system, driver, knobs, seat);
      const mirror = new Mirror(definition, unpackMirror(definition, seat.mirror));
      // What passed by stays on the screen when the same seat is sent anew.
      const same = this.#running?.parts === parts && this.#running.mirror.node.id === mirror.node.id;
      const traffic = same && this.#running !== null ? this.#running.traffic : new Traffic(system);
      this.#running = { run: seat.run, parts, nodes: seat.nodes, mirror, traffic };
      mirror.observe = (event) => this.#onEvent(event);
    } catch (error) {
      if (!(error instanceof KnobError)) throw error;
      console.error(error.message);
      return;
    }
    this.#news = seat.class;
    this.clock.set(this.#running.mirror.now, this.#pace());
    this.#settle();
    this.#draw();
  }

  #onFrame(frame: ServerPayload<'frame'>): void {
    if (this.#arriving !== null) {
      this.#arriving.frames.push(frame);
      return;
    }
    const running = this.#running;
    if (running === null) return;
    if (frame.run !== running.run || frame.before !== running.mirror.node.inputs) {
      this.#startOver(frame.run !== running.run);
      return;
    }
    try {
      for (const input of unflatten(frame.inputs)) {
        running.mirror.take(input);
        if (input.input.kind === 'operation') this.#onTaken(input.input.request);
      }
    } catch (error) {
      // Whatever this browser made of its inputs cannot be trusted any more; the server's is right.
      console.error(error);
      this.#startOver(true);
      return;
    }
    running.mirror.advance(frame.now);
    this.clock.set(frame.now, this.#pace());
    this.#draw();
    if (frame.report) {
      const digest = running.mirror.digest();
      void this.#connection.ask('digest', { inputs: running.mirror.node.inputs, digest });
    }
  }

  #onClass(news: ClassNews): void {
    this.#news = news;
    this.clock.pace(this.#pace());
  }

  /** Something was missed. Connects anew, saying what is here, or nothing where that is worth nothing. */
  #startOver(forget: boolean): void {
    if (forget) this.#running = null;
    this.#connection.reconnect();
  }

  #onTaken(request: OperationRequest): void {
    const waiter = this.asks.arrived(request);
    const record = this.#running?.mirror.operations.at(-1);
    if (waiter === null || record === undefined) return;
    if (record.returned === null) this.#waiting.set(record.id, waiter);
    else waiter({ ...record });
  }

  #onEvent(event: MirrorEvent): void {
    this.#running?.traffic.take(event);
    if (event.kind !== 'finished') return;
    const record = this.#running?.mirror.operations.findLast(({ id }) => id === event.id);
    if (record === undefined) return;
    this.#waiting.get(event.id)?.({ ...record });
    this.#waiting.delete(event.id);
    this.onFinished?.({ ...record });
  }

  /** After a full replacement: what ended while nobody looked. */
  #settle(): void {
    const records = this.#running?.mirror.operations ?? [];
    for (const [id, waiter] of this.#waiting) {
      const record = records.find((one) => one.id === id);
      if (record !== undefined && record.returned === null) continue;
      this.#waiting.delete(id);
      waiter(record === undefined ? null : { ...record });
    }
  }

  #pace(): number {
    const news = this.#news;
    const moves = news !== null && !news.held && !news.ended && this.#connection.status.kind === 'online';
    return moves ? news.pacePerMille : 0;
  }

  #draw(): void {
    if (this.#running === null) return;
    const { mirror, parts, nodes, traffic } = this.#running;
    this.#picture = pictureOf(mirror, parts, nodes, traffic.rows);
  }
}
