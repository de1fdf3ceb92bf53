import { digest } from '../base/digest.ts';
import type { Table } from '../base/table.ts';
import { type Body, type NodeDefinition, type NodeHost, type NodeState } from './node.ts';
import { takeInput } from './take-input.ts';
import type { NodeId, OperationRecord, Outcome } from './operation.ts';
import type { Mark, ReplicaView } from './protocol.ts';
import { Ledger, type LedgerState } from './ledger.ts';
import type { SeatInput } from './timeline.ts';

/** What a node did and met, as its student sees it go by. */
export type MirrorEvent =
  | {
      readonly kind: 'sent';
      readonly at: number;
      readonly to: NodeId;
      readonly number: number;
      readonly body: Body;
    }
  | { readonly kind: 'heard'; readonly at: number; readonly from: NodeId; readonly body: Body }
  | { readonly kind: 'mark'; readonly at: number; readonly mark: Mark }
  | { readonly kind: 'finished'; readonly at: number; readonly id: string; readonly outcome: Outcome };

/** A mirror as plain data: what a student's browser is given to begin with. */
export type MirrorState = {
  readonly node: NodeState;
  readonly now: number;
  /** When each peer was last heard from. */
  readonly heard: Table<number>;
  readonly ledger: LedgerState;
};

/**
 * One node run again from its inputs alone, away from the world: what a student's browser does. It can show
 * what the node knows and nothing else, because nothing else ever reaches it.
 */
export class Mirror {
  readonly #definition: NodeDefinition;
  readonly #node: NodeState;
  readonly #heard: Table<number>;
  readonly #ledger = new Ledger();
  readonly #host: NodeHost;
  #now: number;

  /** Called with what the node does, as its inputs are taken. */
  observe: ((event: MirrorEvent) => void) | null = null;

  /** Takes over `state` as its own. */
  constructor(definition: NodeDefinition, state: MirrorState) {
    this.#definition = definition;
    this.#node = state.node;
    this.#now = state.now;
    this.#heard = state.heard;
    this.#ledger.load(state.ledger);
    this.#host = this.#createHost();
  }

  get now(): number {
    return this.#now;
  }

  get node(): Readonly<NodeState> {
    return this.#node;
  }

  get view(): ReplicaView {
    return this.#definition.protocol.view(this.#node.replica);
  }

  /** When each peer was last heard from, virtual time. */
  get heard(): Readonly<Table<number>> {
    return this.#heard;
  }

  /** The node's own operations, in the order of invocation. */
  get operations(): readonly OperationRecord[] {
    return this.#ledger.operations;
  }

  take({ at, random, input }: SeatInput): void {
    this.#now = Math.max(this.#now, at);
    if (input.kind === 'arrival') {
      this.#heard[input.from] = at;
      this.observe?.({ kind: 'heard', at, from: input.from, body: input.body });
    }
    takeInput(this.#definition, this.#node, input, at, random, this.#host);
  }

  /** Lets time pass without anything happening to the node. */
  advance(until: number): void {
    this.#now = Math.max(this.#now, until);
  }

  /** The digest that the server computes of the same node. */
  digest(): string {
    return digest(this.#node);
  }

  save(): MirrorState {
    return { node: this.#node, now: this.#now, heard: this.#heard, ledger: this.#ledger.save() };
  }

  #createHost(): NodeHost {
    return {
      send: (_, to, number, body) => this.observe?.({ kind: 'sent', at: this.#now, to, number, body }),
      // Time and timers belong to the world: a timer that goes off arrives as an input.
      setTimer: () => undefined,
      cancelTimer: () => undefined,
      cancelAllTimers: () => undefined,
      mark: (_, mark) => this.observe?.({ kind: 'mark', at: this.#now, mark }),
      invoked: (node, operation) => this.#ledger.invoked(node.id, operation, this.#now),
      finished: (node, id, outcome) => {
        this.#ledger.finished(node.id, id, outcome, this.#now);
        this.observe?.({ kind: 'finished', at: this.#now, id, outcome });
      },
    };
  }
}
