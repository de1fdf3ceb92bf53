import { describeBody } from '../../../shared/sim/describe.ts';
import { unreachable } from '../../../shared/base/assert.ts';
import type { MirrorEvent } from '../../../shared/sim/mirror.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { System } from '../../../shared/systems/system.ts';

/** What passed by, as one line. The same words again only count up: heartbeats would bury everything else. */
export type TrafficRow = {
  readonly number: number;
  readonly way: 'in' | 'out' | 'moment';
  readonly text: string;
  readonly peers: readonly NodeId[];
  readonly count: number;
  /** Virtual time of the latest. */
  readonly at: number;
};

const ROWS_MAX = 24;
/** The same words after so much silence are news. Virtual milliseconds. */
const NEWS_AFTER = 5000;

/** The messages that came and went at one node, and its moments: the latest rows, newest first. */
export class Traffic {
  readonly #system: Pick<System, 'protocol' | 'driver'>;
  #rows: TrafficRow[] = [];
  #count = 0;

  constructor(system: Pick<System, 'protocol' | 'driver'>) {
    this.#system = system;
  }

  get rows(): readonly TrafficRow[] {
    return this.#rows;
  }

  take(event: MirrorEvent): void {
    switch (event.kind) {
      case 'sent':
        this.#add('out', describeBody(this.#system, event.body), event.to, event.at);
        return;
      case 'heard':
        this.#add('in', describeBody(this.#system, event.body), event.from, event.at);
        return;
      case 'mark':
        this.#add('moment', event.mark.text, null, event.at);
        return;
      case 'finished':
        return;
      default:
        unreachable(event);
    }
  }

  #add(way: TrafficRow['way'], text: string, peer: NodeId | null, at: number): void {
    const index = this.#rows.findIndex((row) => row.way === way && row.text === text);
    const known = this.#rows[index];
    if (known !== undefined && way !== 'moment' && at - known.at < NEWS_AFTER) {
      const peers = peer === null || known.peers.includes(peer) ? known.peers : [...known.peers, peer];
      this.#rows = this.#rows.with(index, { ...known, peers, count: known.count + 1, at });
      return;
    }
    const row = { number: ++this.#count, way, text, peers: peer === null ? [] : [peer], count: 1, at };
    this.#rows = [row, ...this.#rows.slice(0, ROWS_MAX - 1)];
  }
}
