import { assert } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import type { JedisDriverState, JedisOutput } from './jedis-types.ts';
import type { Call } from './redis-cli-moves.ts';
import type { ClusterNodes } from './requests.ts';

/** What a tool under way is at. It asks one thing after the other, of whichever node. */
export type ToolState = {
  readonly operation: Operation;
  /** It finds out how the cluster is, then where the keys of broken slots are, before it does anything about them. */
  stage: 'look' | 'count' | 'act';
  /** Whom it asked first. */
  readonly entry: NodeId;
  readonly seen: Table<ClusterNodes>;
  /** By master: how many keys of the broken ranges it has. */
  readonly counts: Table<readonly number[]>;
  /** What is still to be asked, the first of it now. */
  calls: Call[];
  request: number;
  /** Since when the first call waits, and after how long without an answer it is sent again. */
  since: number;
  resendAfter: number;
  /** What the source's keys were found to be, while they are compared with the target's. */
  compared: readonly string[] | null;
};

/** What was not answered is sent again, as TCP does: after so long at first, and every two minutes at last. */
const RESEND = 1000;
const RESEND_MAX = 120_000;
/** Linux gives up a connection that nobody answers after its retries (tcp_syn_retries 6, tcp_retries2 15). */
const CONNECT_TIMEOUT = 127_000;
const ANSWER_TIMEOUT = 924_600;

/** For how long a node's answer is waited for. Milliseconds. */
export function patienceOf({ stage }: ToolState): number {
  return stage === 'look' ? CONNECT_TIMEOUT : ANSWER_TIMEOUT;
}

/** Asks the first of what is still to be asked. */
export function ask(state: JedisDriverState, tool: ToolState, ambient: Ambient): JedisOutput[] {
  tool.request = ++state.requests;
  tool.since = ambient.now;
  tool.resendAfter = RESEND;
  return send(tool, ambient);
}

/** No answer yet: it is sent again, more and more rarely. */
export function askAgain(tool: ToolState, ambient: Ambient): JedisOutput[] {
  tool.resendAfter = Math.min(RESEND_MAX, 2 * tool.resendAfter);
  return send(tool, ambient);
}

function send(tool: ToolState, { now }: Ambient): JedisOutput[] {
  const [call] = tool.calls;
  assert(call !== undefined, 'a tool without anything to do is still at work');
  const left = tool.since + patienceOf(tool) - now;
  const after = Math.max(1, Math.min(tool.resendAfter, left));
  return [
    { kind: 'set-timer', timer: `tool-${tool.operation.id}`, after },
    { kind: 'request', to: call.to, id: tool.request, request: call.request },
  ];
}

/** The tool is done. */
export function finish(state: JedisDriverState, tool: ToolState, outcome: Outcome): JedisOutput[] {
  const { id } = tool.operation;
  delete state.tools?.[id];
  if (keysOf(state.tools ?? {}).length === 0) delete state.tools;
  return [
    { kind: 'cancel-timer', timer: `tool-${id}` },
    { kind: 'finish', id, outcome },
  ];
}

export function toolAsking({ tools = {} }: JedisDriverState, request: number): ToolState | undefined {
  return keysOf(tools)
    .map((id) => lookUp(tools, id))
    .find((tool) => tool?.request === request);
}
