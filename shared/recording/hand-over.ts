import type { OperationRecord, OperationRequest } from '../sim/operation.ts';
import type { WorldState } from '../sim/state.ts';
import type { Command } from './command.ts';
import { Fold } from './fold.ts';
import type { Header } from './header.ts';

/** What a cluster that replaces another one has of it. */
export type HandedOver = {
  readonly fold: Fold;
  /** How many acknowledged operations it has, and how many it refused or left without an answer. */
  readonly carried: number;
  readonly missed: number;
};

/**
 * Replaces the cluster of a class, where it stands, by one of another header: other system, other settings, the same
 * people. The new one has run beside it from the beginning on a healthy network and was given everything that had been
 * acknowledged, in the order of the answers. From here on it has the old one's links, and its nodes are down, paused or
 * wrong about the time where the old ones are. Throws HeaderError.
 */
export function handOver(old: Fold, header: Header): HandedOver {
  const fresh = new Fold(header);
  const acknowledged = old.world.operations
    .filter(({ returned, class: outcome }) => returned !== null && outcome === 'ok')
    .sort((a, b) => (a.returned ?? 0) - (b.returned ?? 0));
  for (const operation of acknowledged) {
    fresh.advance(operation.returned ?? 0);
    const command = asAsked(fresh, {
      kind: 'operate',
      node: operation.node,
      operation: requestOf(operation),
    });
    if (fresh.refuse(command) === null)
      fresh.apply({ seq: fresh.seq + 1, at: fresh.now, command, ref: null });
  }
  fresh.advance(old.now);
  const carried = fresh.world.operations.filter((operation) => operation.class === 'ok').length;
  const state = {
    seq: old.seq,
    class: old.state.class,
    world: onOldLinks(fresh.world.save(), old.world.save()),
  };
  const fold = new Fold(header, state);
  for (const command of conditionsOf(old)) if (fold.world.refuse(command) === null) fold.world.apply(command);
  return { fold, carried, missed: acknowledged.length - carried };
}

/** Another system has other options: an operation that it refuses with them is asked without. */
export function asAsked(fold: Fold, command: Command): Command {
  if (command.kind !== 'operate' || command.operation.options === undefined) return command;
  if (fold.refuse(command) === null) return command;
  const { options: _, ...operation } = command.operation;
  return { ...command, operation };
}

function requestOf({ kind, key, value, expected, to, options }: OperationRecord): OperationRequest {
  return {
    kind,
    key,
    ...(value === null ? {} : { value }),
    ...(expected === undefined ? {} : { expected }),
    ...(to === undefined ? {} : { to }),
    ...(options === null ? {} : { options }),
  };
}

/** Faults and groups of the old world, under their numbers; and no operation gets an id that was given before. */
function onOldLinks(fresh: WorldState, old: WorldState): WorldState {
  const { groups, faults, faultCount } = old.network;
  return {
    ...fresh,
    network: { ...fresh.network, groups, faults, faultCount },
    wholeSince: old.wholeSince,
    nodes: fresh.nodes.map(({ node, backlog }, index) => {
      const operations = Math.max(node.operations, old.nodes[index]?.node.operations ?? 0);
      return { node: { ...node, operations }, backlog };
    }),
  };
}

function conditionsOf({ header, world }: Fold) {
  return header.nodes.flatMap((id) => {
    const { up, paused, clockOffset, drift } = world.node(id);
    const gain = drift === undefined ? {} : { drift: drift.perMillion };
    return [
      ...(clockOffset === 0 && drift === undefined
        ? []
        : [{ kind: 'skew', node: id, offset: clockOffset, ...gain } as const]),
      ...(up ? [] : [{ kind: 'crash', node: id, disk: 'kept' } as const]),
      ...(paused ? [{ kind: 'pause', node: id } as const] : []),
    ];
  });
}
