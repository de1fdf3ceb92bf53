import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import type { JedisDriverState, JedisOutput } from './jedis-types.ts';
import { ask, askAgain, finish, patienceOf, toolAsking, type ToolState } from './redis-cli-calls.ts';
import { brokenRanges, mastersIn } from './redis-cli-check.ts';
import type { Call } from './redis-cli-moves.ts';
import { isFix, planOf } from './redis-cli-plan.ts';
import type { ClusterNodes, Reply } from './requests.ts';

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
    stage: 'look',
    entry,
    seen: {},
    counts: {},
    calls: [lookAt(entry)],
    request: 0,
    since: ambient.now,
    resendAfter: 0,
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
    case 'counts':
      tool.counts[call.to] = reply.counts;
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
  if (ambient.now - tool.since >= patienceOf(tool)) {
    return giveUp(state, tool, tool.stage === 'look' ? TOOL_ERRORS.timedOut : TOOL_ERRORS.silent, ambient);
  }
  return askAgain(tool, ambient);
}

/** The process that was asked died. */
export function onToolDisconnected(state: JedisDriverState, from: NodeId, ambient: Ambient): JedisOutput[] {
  return keysOf(state.tools ?? {}).flatMap((id) => {
    const tool = lookUp(state.tools ?? {}, id);
    if (tool === undefined || tool.calls[0]?.to !== from) return [];
    return giveUp(state, tool, tool.stage === 'look' ? TOOL_ERRORS.refused : TOOL_ERRORS.lost, ambient);
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
  { lines, ranges, migrating, importing, isEmpty }: ClusterNodes,
  ambient: Ambient,
): JedisOutput[] {
  const isFirst = keysOf(tool.seen).length === 0;
  tool.seen[node] = { lines, ranges, migrating, importing, isEmpty };
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
  if (tool.stage === 'look' && !isEntry && !isNew) return next(state, tool, ambient);
  return finish(state, tool, { class: tool.stage === 'act' ? 'info' : 'fail', error });
}

/** The first call is done. When all is seen it is decided what to do; when all is done the tool ends. */
function next(state: JedisDriverState, tool: ToolState, ambient: Ambient): JedisOutput[] {
  tool.calls.shift();
  if (tool.calls.length === 0 && tool.stage === 'look') {
    tool.stage = 'count';
    tool.calls = countsFor(tool);
  }
  if (tool.calls.length === 0 && tool.stage === 'count') {
    tool.stage = 'act';
    const plan = planOf(tool, ambient.random);
    if (typeof plan === 'string') return finish(state, tool, { class: 'fail', error: plan });
    tool.calls = [...plan];
  }
  if (tool.calls.length === 0) return finish(state, tool, { class: 'ok', result: {} });
  return ask(state, tool, ambient);
}

/** What a fix asks the masters before it begins. */
function countsFor({ operation, seen }: ToolState): Call[] {
  const ranges = isFix(operation) ? brokenRanges(seen) : [];
  if (ranges.length === 0) return [];
  return mastersIn(seen).map((node) => ({ to: node, request: { kind: 'count', ranges } }));
}
