import { setTimer, type Turn } from './turn.ts';
import type { Tool } from './membership.ts';
import type { Reply } from './types.ts';

/** How long a change of the ring waits for gossip to spread it before rows move: RING_DELAY. Milliseconds. */
export const RING_DELAY = 30_000;
/** After how long without an answer streams fail: internode_streaming_tcp_user_timeout. */
export const STREAM_TIMEOUT = 300_000;

/** Looks again in a second. */
export function lookAgain(turn: Turn, timer: 'movement' | 'removal'): void {
  setTimer(turn, timer, 1000);
}

export function answerTool(turn: Turn, { node, id }: Tool, reply: Reply): void {
  turn.outputs.push({ kind: 'reply', to: node, id, reply });
}

/** Answers for the last time, and remembers it for who asks once more because that was lost. */
export function endForTool(turn: Turn, tool: Tool, reply: Reply): void {
  turn.state.moved = { ...tool, reply };
  answerTool(turn, tool, reply);
}
