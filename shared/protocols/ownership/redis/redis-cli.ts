import { assert } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import type { JedisDriverState, JedisOutput } from './jedis-types.ts';
import { planOf, type Call } from './redis-cli-plan.ts';
import type { ClusterNodes, Reply } from './requests.ts';

/** What a tool under way is at. It asks one thing after the other, of whichever node. */
export type ToolState = {
  readonly operation: Operation;
  /** Whether it is still finding out how the cluster is. */
  isLooking: boolean;
  readonly seen: Table<ClusterNodes>;
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
/** A node that does not know another yet is asked again after so long (clusterManagerWaitForClusterJoin). */
const JOIN_PAUSE = 1000;

/** The literal errors of the tool itself. */
export const TOOL_ERRORS = {
  refused: 'Could not connect to Redis: Connection refused',
  timedOut: 'Could not connect to Redis: Connection timed out',
  lost: 'Error: Server closed the connection',
  silent: 'Error: Connection timed out',
} as const;

/** Begins what an administrator asks: `redis-cli --cluster` with reshard, fix, add-node or del-node. */
export function beginTool(state: JedisDriverState, operation: Operation, ambient: Ambient): JedisOutput[] {
  const entry = entryOf(state, operation);
  const tool: ToolState = {
    operation,
    isLooking: true,
    seen: {},
    calls: [lookAt(entry)],
    request: 0,
    since: ambient.now,
    resendAfter: RESEND,
    compared: null,
  };
  (state.tools ??= {})[operation.id] = tool;
  return ask(state, tool, ambient);
}

export function ownsRequest(state: JedisDriverState, request: number): boolean {
  return toolAsking(state, request) !== undefined;
}

/** An answer to what a tool has asked. */
export function onToolReply(
  state: JedisDriverState,
  request: number,
  reply: Reply,
  ambient: Ambient,
): JedisOutput[] {
  const tool = toolAsking(state, request);
  const call = tool?.calls[0];
  if (tool === undefined || call === undefined) return [];
  switch (reply.kind) {
    case 'nodes':
      return onLooked(state, tool, call.to, reply, ambient);
    case 'keys':
      if (reply.keys.length > 0 && call.then !== undefined) {
        const { to } = call.then;
        const migrate = { kind: 'migrate', keys: reply.keys, to, replace: false, timeout: 60_000 } as const;
        // Ten keys at a time, until there are none (CLUSTER_MANAGER_MIGRATE_PIPELINE).
        tool.calls.unshift({ to: call.to, request: migrate });
        return ask(state, tool, ambient);
      }
      return next(state, tool, ambient);
    case 'values':
      return onValues(state, tool, reply.values, ambient);
    case 'error':
      return onError(state, tool, call, reply.error, ambient);
    default:
      return next(state, tool, ambient);
  }
}

/** No answer yet: the call is sent again, or given up. */
export function onToolTimer(state: JedisDriverState, timer: string, ambient: Ambient): JedisOutput[] {
  const tool = lookUp(state.tools ?? {}, timer.slice('tool-'.length));
  if (tool === undefined) return [];
  const patience = tool.isLooking ? CONNECT_TIMEOUT : ANSWER_TIMEOUT;
  if (ambient.now - tool.since >= patience) {
    return giveUp(state, tool, tool.isLooking ? TOOL_ERRORS.timedOut : TOOL_ERRORS.silent, ambient);
  }
  tool.resendAfter = Math.min(RESEND_MAX, 2 * tool.resendAfter);
  return send(tool, ambient);
}

/** The process that was asked died. */
export function onToolDisconnected(state: JedisDriverState, from: NodeId, ambient: Ambient): JedisOutput[] {
  return keysOf(state.tools ?? {}).flatMap((id) => {
    const tool = lookUp(state.tools ?? {}, id);
    if (tool === undefined || tool.calls[0]?.to !== from) return [];
    return giveUp(state, tool, tool.isLooking ? TOOL_ERRORS.refused : TOOL_ERRORS.lost, ambient);
  });
}

/** Whom the tool is pointed at: the own node if that is in the cluster, and never the one that is to join it. */
function entryOf({ self, contacts, services }: JedisDriverState, { key }: Operation): NodeId {
  const masters = services.flatMap(({ master }) => (master === null ? [] : [master]));
  const candidates = contacts === undefined || contacts.includes(self) ? [self, ...masters] : [...contacts];
  return candidates.find((node) => node !== key) ?? self;
}

function lookAt(node: NodeId): Call {
  return { to: node, request: { kind: 'nodes' } };
}

/** The first node tells which others to look at; those that it takes for failed are left out. */
function onLooked(
  state: JedisDriverState,
  tool: ToolState,
  node: NodeId,
  { lines, migrating, importing, isEmpty }: ClusterNodes,
  ambient: Ambient,
): JedisOutput[] {
  const isFirst = keysOf(tool.seen).length === 0;
  tool.seen[node] = { lines, migrating, importing, isEmpty };
  if (isFirst) {
    const { kind, key } = tool.operation;
    const others = lines.filter((line) => line.node !== node && !line.failed).map((line) => line.node);
    if (kind === 'join' && !others.includes(key)) others.push(key);
    tool.calls.push(...others.map(lookAt));
  }
  return next(state, tool, ambient);
}

/** A target that has a key already has it from an attempt before, if it has the same under it. */
function onValues(
  state: JedisDriverState,
  tool: ToolState,
  values: readonly string[],
  ambient: Ambient,
): JedisOutput[] {
  const { compared } = tool;
  tool.compared = compared === null ? values : null;
  if (compared === null) return next(state, tool, ambient);
  // What the source has not any more is moved already.
  const differing = compared.filter((value, place) => value !== 'null' && value !== values[place]);
  if (differing.length === 0) return next(state, tool, ambient);
  const error = `*** Found ${differing.length} key(s) in both source node and target node having different values.`;
  return finish(state, tool, { class: 'info', error });
}

function onError(
  state: JedisDriverState,
  tool: ToolState,
  { to, request, accepts, repeatsOn }: Call,
  error: string,
  ambient: Ambient,
): JedisOutput[] {
  if (accepts !== undefined && error.startsWith(accepts)) return next(state, tool, ambient);
  if (repeatsOn !== undefined && error.startsWith(repeatsOn)) {
    return [{ kind: 'set-timer', timer: `tool-${tool.operation.id}`, after: JOIN_PAUSE }];
  }
  if (request.kind === 'migrate' && !request.replace && error.includes('BUSYKEY')) {
    const values = { kind: 'values', keys: request.keys } as const;
    const again = { to, request: { ...request, replace: true } };
    tool.calls.splice(0, 1, { to, request: values }, { to: request.to, request: values }, again);
    return ask(state, tool, ambient);
  }
  const text = request.kind === 'setslot' ? `clusterManagerMoveSlot failed: ${error}` : error;
  return finish(state, tool, { class: 'info', error: text });
}

/** A node that does not answer while the tool looks around is left out; later that is the end. */
function giveUp(state: JedisDriverState, tool: ToolState, error: string, ambient: Ambient): JedisOutput[] {
  const isEntry = keysOf(tool.seen).length === 0;
  const isNew = tool.operation.kind === 'join' && tool.calls[0]?.to === tool.operation.key;
  if (tool.isLooking && !isEntry && !isNew) return next(state, tool, ambient);
  return finish(state, tool, { class: tool.isLooking ? 'fail' : 'info', error });
}

/** The first call is done. When all is seen it is decided what to do; when all is done the tool ends. */
function next(state: JedisDriverState, tool: ToolState, ambient: Ambient): JedisOutput[] {
  tool.calls.shift();
  if (tool.calls.length === 0 && tool.isLooking) {
    tool.isLooking = false;
    const plan = planOf(tool.operation, tool.seen);
    if (typeof plan === 'string') return finish(state, tool, { class: 'fail', error: plan });
    tool.calls = [...plan];
  }
  if (tool.calls.length === 0) return finish(state, tool, { class: 'ok', result: {} });
  return ask(state, tool, ambient);
}

function ask(state: JedisDriverState, tool: ToolState, ambient: Ambient): JedisOutput[] {
  tool.request = ++state.requests;
  tool.since = ambient.now;
  tool.resendAfter = RESEND;
  return send(tool, ambient);
}

function send(tool: ToolState, { now }: Ambient): JedisOutput[] {
  const [call] = tool.calls;
  assert(call !== undefined, 'a tool without anything to do is still at work');
  const left = tool.since + (tool.isLooking ? CONNECT_TIMEOUT : ANSWER_TIMEOUT) - now;
  const after = Math.max(1, Math.min(tool.resendAfter, left));
  return [
    { kind: 'set-timer', timer: `tool-${tool.operation.id}`, after },
    { kind: 'request', to: call.to, id: tool.request, request: call.request },
  ];
}

function finish(state: JedisDriverState, tool: ToolState, outcome: Outcome): JedisOutput[] {
  const { id } = tool.operation;
  delete state.tools?.[id];
  if (keysOf(state.tools ?? {}).length === 0) delete state.tools;
  return [
    { kind: 'cancel-timer', timer: `tool-${id}` },
    { kind: 'finish', id, outcome },
  ];
}

function toolAsking({ tools = {} }: JedisDriverState, request: number): ToolState | undefined {
  return keysOf(tools)
    .map((id) => lookUp(tools, id))
    .find((tool) => tool?.request === request);
}
