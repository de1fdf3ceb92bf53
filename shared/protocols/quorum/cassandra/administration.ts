import { unreachable } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { BROKEN_PIPE } from '../errand.ts';
import type { MovementMessage } from './messages.ts';
import { endMovement, onStreamed, startMovement } from './movement.ts';
import { endRemoval, onRestored, onRowsOfRemoved, startRemoval } from './removal.ts';
import { giveRows, takeRows } from './streams.ts';
import { statusOf } from './statuses.ts';
import { answerTool } from './tool.ts';
import { send, type Turn } from './turn.ts';
import type { Tool, ToolRequest } from './membership.ts';
import type { Reply } from './types.ts';

/** An administrator starts a new node, decommissions one or has a dead one removed; or asks once more how it goes. */
export function onToolRequest(turn: Turn, tool: Tool, request: ToolRequest): void {
  const { movement, removal, moved } = turn.state;
  const isSame = (other: Tool | undefined): boolean => other?.node === tool.node && other.id === tool.id;
  if (moved !== undefined && isSame(moved)) answerTool(turn, tool, moved.reply);
  else if (isSame(movement?.tool) || isSame(removal?.tool)) answerTool(turn, tool, { kind: 'moving' });
  else if (request.again) {
    // This node has crashed meanwhile, and the tool's connection with it.
    answerTool(turn, tool, { kind: 'move-failed', class: 'info', error: BROKEN_PIPE });
  } else if (request.kind === 'remove') startRemoval(turn, tool, request.node);
  else startMovement(turn, tool, request.kind);
}

/**
 * A node that was removed although it runs hears of it and stops (service/StorageService.java, handleStateRemoving);
 * what tools have asked of it ends with it.
 */
export function stopIfRemoved(turn: Turn): void {
  const { state } = turn;
  const status = statusOf(state, state.self);
  if (status !== 'REMOVING' && status !== 'LEFT') return;
  const { movement, removal } = state;
  const lost: Reply = { kind: 'move-failed', class: 'info', error: BROKEN_PIPE };
  if (movement?.stage === 'announce' || movement?.stage === 'stream') endMovement(turn, movement, lost);
  if (removal !== undefined) endRemoval(turn, removal, lost);
}

/** Rows on their way, and word of them. */
export function onMovementMessage(turn: Turn, from: NodeId, message: MovementMessage): void {
  switch (message.kind) {
    case 'stream-ask':
      giveRows(turn, from, message, true);
      return;
    case 'stream-rows':
      takeRows(turn, from, message);
      if (!message.asked) send(turn, from, { kind: 'stream-taken', id: message.id });
      else {
        onStreamed(turn, from, message.id);
        onRowsOfRemoved(turn, from, message.id);
      }
      return;
    case 'stream-taken':
      onStreamed(turn, from, message.id);
      return;
    case 'restored':
      onRestored(turn, from, message.node);
      return;
    default:
      unreachable(message);
  }
}
