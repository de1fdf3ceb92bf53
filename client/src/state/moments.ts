import { unreachable } from '../../../shared/base/assert.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import type { Leadership } from '../../../shared/sim/ledger.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { Mark } from '../../../shared/sim/protocol.ts';
import { turningWords as words } from '../messages/moments.ts';
import { describeCommand, describeOperation } from '../messages/replay.ts';

/** How a moment is marked on the scrubber; null: listed, but not marked. */
export type MomentSign =
  | 'cut'
  | 'heal'
  | 'leader'
  | 'crash'
  | 'conflict'
  | 'fault'
  /** A side without a quorum, the first operation refused, acknowledged writes discarded. */
  | 'no-quorum'
  | 'refusal'
  | 'loss'
  /** Replicas go apart, and come together again. */
  | 'divergence'
  | 'converged'
  | null;

/** Something worth going to in a run. */
export type Moment = {
  readonly at: number;
  readonly sign: MomentSign;
  readonly node: NodeId | null;
  readonly text: string;
};

/** A time during which a student's real browser was lost. */
export type Absence = { readonly node: NodeId; readonly from: number; readonly until: number };

/** What people did, in the order it happened. Seats, horizons and operations have lists of their own. */
export function momentsOf(entries: readonly Entry[]): Moment[] {
  return entries.flatMap(({ at, command }): Moment[] => {
    switch (command.kind) {
      case 'operate':
      case 'horizon':
      case 'seat':
        return [];
      case 'cut':
      case 'isolate':
      case 'shape':
      case 'sever':
        return [{ at, sign: 'cut', node: nodeOf(command), text: describeCommand(command) }];
      case 'heal':
      case 'undo':
        return [{ at, sign: 'heal', node: null, text: describeCommand(command) }];
      case 'crash':
        return [{ at, sign: 'crash', node: command.node, text: describeCommand(command) }];
      case 'link':
      case 'pause':
      case 'skew':
      case 'jump':
        return [{ at, sign: 'fault', node: nodeOf(command), text: describeCommand(command) }];
      case 'restart':
      case 'resume':
      case 'move':
      case 'presence':
      case 'group':
      case 'hold':
      case 'pace':
      case 'policy':
      case 'lock':
      case 'promise':
      case 'end':
        return [{ at, sign: null, node: nodeOf(command), text: describeCommand(command) }];
      default:
        return unreachable(command);
    }
  });
}

export function momentOfLeader({ at, node, term }: Leadership): Moment {
  return { at, sign: 'leader', node, text: `${node} leads${term === null ? '' : `, term ${term}`}` };
}

/** The first operation that a system refused; empty when it refused none. */
export function momentOfRefusal(history: readonly OperationRecord[]): Moment[] {
  const refused = history.filter(({ returned, class: outcome }) => returned !== null && outcome === 'fail');
  const first = inOrder(refused.map((operation) => ({ at: operation.returned ?? 0, operation })))[0];
  if (first === undefined) return [];
  const { at, operation } = first;
  const text = words.refused(operation.node, describeOperation(operation), operation.error ?? '');
  return [{ at, sign: 'refusal', node: operation.node, text }];
}

/** A replica's own mark; null for those that happen all the time. */
export function momentOfMark(at: number, node: NodeId, mark: Mark): Moment | null {
  switch (mark.name) {
    case 'conflict':
      return { at, sign: 'conflict', node, text: named(node, mark.text) };
    case 'rollback':
      return { at, sign: 'loss', node, text: named(node, mark.text) };
    case 'members':
    case 'merge':
    case 'truncate':
    case 'handoff':
    case 'halt':
    case 'failover':
    case 'expire':
    case 'abort':
      return { at, sign: null, node, text: named(node, mark.text) };
    case 'leader':
    case 'role':
    case 'commit':
    case 'hint':
    case 'repair':
    case 'suspect':
    case 'trust':
    case 'lease':
    case 'prepare':
      return null;
    default:
      return unreachable(mark.name);
  }
}

/** What a replica says of itself, with its name once. */
function named(node: NodeId, text: string): string {
  return text.startsWith(`${node} `) || text.startsWith(`${node}:`) ? text : `${node}: ${text}`;
}

export function inOrder<T extends { readonly at: number }>(moments: readonly T[]): T[] {
  return [...moments].sort((a, b) => a.at - b.at);
}

/** When real browsers were lost: real disconnections are shown apart from everything simulated. */
export function absencesOf(entries: readonly Entry[], end: number): Absence[] {
  const open = new Map<NodeId, number>();
  const absences: Absence[] = [];
  for (const { at, command } of entries) {
    if (command.kind !== 'presence' && command.kind !== 'seat') continue;
    const from = open.get(command.node);
    const isAway = command.kind === 'presence' && command.is === 'away';
    if (isAway && from === undefined) open.set(command.node, at);
    if (!isAway && from !== undefined) {
      absences.push({ node: command.node, from, until: at });
      open.delete(command.node);
    }
  }
  for (const [node, from] of open) absences.push({ node, from, until: end });
  return absences;
}

function nodeOf(command: Entry['command']): NodeId | null {
  return 'node' in command ? command.node : null;
}
