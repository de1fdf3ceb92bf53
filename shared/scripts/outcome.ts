import { clone, type Json } from '../base/json.ts';
import { keysOf, type Table } from '../base/table.ts';
import type { Leadership } from '../sim/ledger.ts';
import { configOf } from '../sim/node.ts';
import type { OperationRecord } from '../sim/operation.ts';
import type { DataView, ReplicaView } from '../sim/protocol.ts';
import type { LossCause } from '../sim/timeline.ts';
import type { World } from '../sim/world.ts';
import type { Fold } from '../recording/fold.ts';

/** How a run went, as the command-line programs print it. docs/formats.md describes it. */
export type RunOutcome = {
  readonly system: string;
  readonly seed: number;
  /** The digest of the whole world: equal exactly when two runs agree. */
  readonly hash: string;
  readonly operations: readonly Omit<OperationRecord, 'options'>[];
  readonly nodes: Table<NodeOutcome>;
  readonly leaders: readonly Leadership[];
  readonly messages: {
    readonly sent: number;
    readonly delivered: number;
    readonly lost: Readonly<Record<LossCause, number>>;
  };
  readonly events: number;
};

/** A node at the end. `data`: under each key its value; `{values: […]}` where there are concurrent ones. */
type NodeOutcome = {
  readonly up: boolean;
  readonly role: string;
  readonly term?: number;
  readonly data: Table<Json>;
};

export function outcomeOf({ header, world }: Fold): RunOutcome {
  const nodes: Table<NodeOutcome> = {};
  for (const id of header.nodes) nodes[id] = nodeOutcome(world, id);
  const { events, sent, delivered, lost } = world.counts;
  return {
    system: header.system,
    seed: header.seed,
    hash: world.digest(),
    operations: world.operations.map(({ options: _, ...operation }) => operation),
    nodes,
    leaders: world.leaders,
    messages: { sent, delivered, lost },
    events,
  };
}

function nodeOutcome(world: World, id: string): NodeOutcome {
  const { up } = world.node(id);
  const view = up ? world.view(id) : viewOfDisk(world, id);
  const data: Table<Json> = {};
  for (const key of keysOf(view.data)) {
    const value = valueOf(view.data[key]);
    if (value !== undefined) data[key] = value;
  }
  const role = up ? view.role : 'down';
  return { up, role, ...(view.term === null ? {} : { term: view.term }), data };
}

/** What a node that is down would find when it starts again: its memory is gone. */
function viewOfDisk(world: World, id: string): ReplicaView {
  const { setup } = world;
  const { durable, incarnation } = world.node(id);
  return setup.protocol.view(setup.protocol.init(configOf(setup, id, incarnation + 1), clone(durable)));
}

function valueOf(view: DataView | undefined): Json | undefined {
  const values = view?.values ?? [];
  return values.length > 1 ? { values } : values[0];
}
