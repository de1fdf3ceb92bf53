import type { Fold } from '../../shared/recording/fold.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { SeatInput } from '../../shared/sim/timeline.ts';
import type { ServerPayload } from '../../shared/wire/events.ts';
import { packMirror, type SeatMirror } from '../../shared/wire/seat.ts';
import type { Knobs } from '../../shared/systems/system.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from './audience.ts';
import { Feed } from './feed.ts';

/** When each node last heard from each other, virtual time; kept from before anybody sits there. */
export type HeardTable = Map<NodeId, Map<NodeId, number>>;

/** Notes who hears from whom while a world runs. */
export function noteHeard(heard: HeardTable, node: NodeId, { at, input }: SeatInput): void {
  if (input.kind !== 'arrival') return;
  const row = heard.get(node);
  if (row === undefined) heard.set(node, new Map([[input.from, at]]));
  else row.set(input.from, at);
}

/** A node as its own student may see it: nothing in it tells of what others did. */
export function seatMirrorOf({ world }: Fold, heard: HeardTable, node: NodeId): SeatMirror {
  return packMirror(world.setup, {
    node: world.node(node),
    now: world.now,
    heard: Object.fromEntries(heard.get(node) ?? []),
    ledger: {
      operations: world.operations.filter((operation) => operation.node === node),
      // Counts and leaders of the whole cluster are nobody's here.
      leaders: [],
      counts: { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } },
    },
  });
}

/** Sending that one tick may do before people's messages get their turn. */
const BUDGET_MS = 15;

export interface FeedsParts {
  readonly fold: Fold;
  readonly run: string;
  readonly heard: HeardTable;
  readonly clock: Clock;
  readonly newsOf: (node: NodeId) => ServerPayload<'class'>;
}

/** The feeds of the seats where somebody sits, or sat a moment ago. Others cost nothing. */
export class Feeds {
  readonly #fold: Fold;
  readonly #run: string;
  readonly #heard: HeardTable;
  readonly #clock: Clock;
  readonly #newsOf: FeedsParts['newsOf'];
  readonly #feeds = new Map<NodeId, Feed>();
  /** Whose turn it is to be sent a frame. */
  #turn = this.#feeds.values();
  #count = 0;

  constructor({ fold, run, heard, clock, newsOf }: FeedsParts) {
    this.#fold = fold;
    this.#run = run;
    this.#heard = heard;
    this.#clock = clock;
    this.#newsOf = newsOf;
    fold.world.onInput = (node, input) => {
      noteHeard(heard, node, input);
      this.#feeds.get(node)?.take(input);
    };
  }

  get size(): number {
    return this.#feeds.size;
  }

  get(node: NodeId): Feed | undefined {
    return this.#feeds.get(node);
  }

  /** The feed of a node, made when somebody comes to sit there. */
  open(node: NodeId, realNow: number): Feed {
    const known = this.#feeds.get(node);
    if (known !== undefined) return known;
    // Staggered: the digests of three hundred nodes at the same moment would be a stall.
    const firstReportAt = realNow + 1000 + (this.#count++ % 40) * 100;
    const fold = this.#fold;
    const feed = new Feed(
      {
        run: this.#run,
        get now() {
          return fold.now;
        },
        nodeDigest: () => fold.world.nodeDigest(node),
        sendSeat: (connection) => this.#sendSeat(node, connection),
      },
      fold.world.node(node).inputs,
      firstReportAt,
    );
    this.#feeds.set(node, feed);
    return feed;
  }

  drop(node: NodeId): void {
    this.#feeds.delete(node);
  }

  /**
   * Sends frames to half of the seats, or to as many as the time allows; the others have their turn next. When
   * there is more to tell than can be told at once, frames become fewer and longer.
   */
  flush(): void {
    const deadline = this.#clock.now() + BUDGET_MS;
    for (let left = Math.ceil(this.#feeds.size / 2); left > 0; left--) {
      const now = this.#clock.now();
      if (now > deadline) return;
      this.#next()?.flush(now);
    }
  }

  flushAll(): void {
    const now = this.#clock.now();
    for (const feed of this.#feeds.values()) feed.flush(now);
  }

  #next(): Feed | undefined {
    const next = this.#turn.next();
    if (!next.done) return next.value;
    this.#turn = this.#feeds.values();
    return this.#turn.next().value;
  }

  #sendSeat(node: NodeId, connection: Connection): void {
    const { header, world } = this.#fold;
    connection.send('seat', {
      run: this.#run,
      system: header.system,
      knobs: world.setup.knobs as Knobs,
      ...(header.stores === undefined ? {} : { stores: header.stores }),
      workload: header.workload,
      nodes: header.nodes,
      ...(header.spares === undefined ? {} : { spares: header.spares }),
      mirror: seatMirrorOf(this.#fold, this.#heard, node),
      class: this.#newsOf(node),
    });
  }
}
