import type { Fold } from '../../shared/recording/fold.ts';
import type { LedgerState } from '../../shared/sim/ledger.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { SeatInput } from '../../shared/sim/timeline.ts';
import type { ServerPayload } from '../../shared/wire/events.ts';
import type { Knobs } from '../../shared/systems/system.ts';
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

/** The feeds of the seats where somebody sits, or sat a moment ago. Others cost nothing. */
export class Feeds {
  readonly #fold: Fold;
  readonly #run: string;
  readonly #heard: HeardTable;
  readonly #newsOf: (node: NodeId) => ServerPayload<'class'>;
  readonly #feeds = new Map<NodeId, Feed>();
  #count = 0;

  constructor(fold: Fold, run: string, heard: HeardTable, newsOf: (node: NodeId) => ServerPayload<'class'>) {
    this.#fold = fold;
    this.#run = run;
    this.#heard = heard;
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

  /** Sends the frames of every second seat: they take turns, so that a tick is short. */
  flush(realNow: number, turn: number): void {
    let index = 0;
    for (const feed of this.#feeds.values()) if (index++ % 2 === turn % 2) feed.flush(realNow);
  }

  flushAll(realNow: number): void {
    for (const feed of this.#feeds.values()) feed.flush(realNow);
  }

  #sendSeat(node: NodeId, connection: Connection): void {
    const { header, world } = this.#fold;
    connection.send('seat', {
      run: this.#run,
      system: header.system,
      knobs: world.setup.knobs as Knobs,
      workload: header.workload,
      nodes: header.nodes,
      mirror: {
        node: world.node(node),
        now: world.now,
        heard: Object.fromEntries(this.#heard.get(node) ?? []),
        ledger: this.#ledgerOf(node),
      },
      class: this.#newsOf(node),
    });
  }

  /** What the node's own student did. Counts and leaders of the whole cluster are nobody's here. */
  #ledgerOf(node: NodeId): LedgerState {
    return {
      operations: this.#fold.world.operations.filter((operation) => operation.node === node),
      leaders: [],
      counts: { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } },
    };
  }
}
