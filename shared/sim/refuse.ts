import { lookUp } from '../base/table.ts';
import { LEADER, type ClusterCommand, type Side } from './command.ts';
import type { Fault } from './faults.ts';
import { isMembershipChange, type NodeId, type OperationRequest } from './operation.ts';
import { refuseShape } from './shapes.ts';
import { unreachable } from '../base/assert.ts';
import type { Table } from '../base/table.ts';

/** What a command is checked against. */
interface Situation {
  readonly setup: { readonly nodes: readonly NodeId[] };
  readonly groups: Readonly<Table<NodeId[]>>;
  readonly faults: readonly Fault[];
  node(id: NodeId): { readonly up: boolean; readonly paused: boolean };
}

/** Why a command cannot be carried out, naming field and value; null when it can. */
export function refuse(world: Situation, command: ClusterCommand): string | null {
  switch (command.kind) {
    case 'operate':
      return unknownNode(world, 'node', command.node) ?? refuseOperation(world, command.operation);
    case 'cut':
    case 'link':
      return unknownSide(world, 'from', command.from) ?? unknownSide(world, 'to', command.to);
    case 'shape': {
      const nodes = command.nodes ?? world.setup.nodes;
      const twice = nodes.find((node, index) => nodes.indexOf(node) !== index);
      if (twice !== undefined) return `nodes: ${twice} is named twice`;
      const shape = refuseShape(command.shape, nodes.length, command.sides ?? 3);
      return unknownAmong(world, 'nodes', nodes) ?? (shape === null ? null : `shape: ${shape}`);
    }
    case 'sever': {
      const alone = command.pairs.find(([from, to]) => from === to);
      if (alone !== undefined) return `pairs: a node has no link to itself, and ${alone[0]} is named twice`;
      return unknownAmong(world, 'pairs', command.pairs.flat());
    }
    case 'heal':
      if (command.between === null) return null;
      return unknownSide(world, 'from', command.between.from) ?? unknownSide(world, 'to', command.between.to);
    case 'undo':
      return world.faults.some(({ id }) => id === command.fault)
        ? null
        : `fault: ${command.fault} does not stand`;
    case 'isolate':
      return command.node === LEADER ? null : unknownNode(world, 'node', command.node);
    case 'crash':
      return (
        unknownNode(world, 'node', command.node) ??
        (isUp(world, command.node) ? null : `node: ${command.node} is down already`)
      );
    case 'restart':
      return (
        unknownNode(world, 'node', command.node) ??
        (isUp(world, command.node) ? `node: ${command.node} is up already` : null)
      );
    case 'pause':
      return unknownNode(world, 'node', command.node) ?? refusePause(world, command.node);
    case 'resume':
      return (
        unknownNode(world, 'node', command.node) ??
        (world.node(command.node).paused ? null : `node: ${command.node} is not paused`)
      );
    case 'skew':
    case 'jump':
      return (
        unknownNode(world, 'node', command.node) ??
        (isUp(world, command.node) ? null : `node: ${command.node} is down`)
      );
    case 'group':
      return unknownAmong(world, 'nodes', command.nodes);
    case 'move':
      return unknownNode(world, 'node', command.node);
    default:
      return unreachable(command);
  }
}

/** What belongs to the cluster is a node; everything else that an operation names is the system's to judge. */
function refuseOperation(world: Situation, { kind, key }: OperationRequest): string | null {
  return isMembershipChange(kind) ? unknownNode(world, 'key', key) : null;
}

function refusePause(world: Situation, node: NodeId): string | null {
  if (!isUp(world, node)) return `node: ${node} is down`;
  return world.node(node).paused ? `node: ${node} is paused already` : null;
}

function unknownSide(world: Situation, field: string, side: Side): string | null {
  if ('nodes' in side) return unknownAmong(world, field, side.nodes);
  return lookUp(world.groups, side.group) === undefined ? `${field}: there is no group ${side.group}` : null;
}

function unknownAmong(world: Situation, field: string, nodes: readonly NodeId[]): string | null {
  for (const node of nodes) {
    const refusal = unknownNode(world, field, node);
    if (refusal !== null) return refusal;
  }
  return null;
}

function unknownNode(world: Situation, field: string, node: NodeId): string | null {
  return world.setup.nodes.includes(node) ? null : `${field}: there is no node ${node}`;
}

function isUp(world: Situation, node: NodeId): boolean {
  return world.node(node).up;
}
