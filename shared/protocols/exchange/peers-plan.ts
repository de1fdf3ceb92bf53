import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { type Change, type Errand, type Step, timesDone } from './change.ts';
import { CONFLICT, MISSING } from './errors.ts';
import type { Status } from './types.ts';

/** How many seconds a server has to say to whom it replicates; whoever cannot be reached goes on as it is. */
const WAITED_MAX = 3;

/**
 * What comes next where a server begins to replicate with others or ends that: documents in `_replicator`, for each
 * direction one at its source. The new server gets those that replicate with the administrator's. Who leaves sends
 * what it has before that, and whoever replicated to it goes on with one of those to whom it did.
 */
export function nextPeersStep(self: NodeId, change: Change, own: Status): Step {
  return change.operation.kind === 'join' ? join(self, change, own) : leave(change, own);
}

function join(self: NodeId, change: Change, { knobs, targets }: Status): Step {
  const { operation, seen } = change;
  const node = operation.key;
  if (node === self) return fail(CONFLICT);
  if (timesDone(change, 'start') === 0) {
    return { kind: 'do', errands: [{ to: node, request: { kind: 'start' } }] };
  }
  const others = [self, ...targets].filter((other) => other !== node).slice(0, knobs.neighbours);
  const unseen = [node, ...others].filter((other) => lookUp(seen, other) === undefined);
  if (unseen.length > 0) return { kind: 'look', nodes: unseen };
  const errands = [node, ...others].flatMap((from) => {
    const wanted = from === node ? others : [node];
    const missing = wanted.filter((to) => lookUp(seen, from)?.targets.includes(to) === false);
    return missing.length === 0 ? [] : [edit(from, missing, [])];
  });
  if (errands.length > 0) return { kind: 'do', errands };
  return timesDone(change, 'edit-targets') > 0 ? succeed(201) : fail(CONFLICT);
}

function leave(change: Change, { nodes }: Status): Step {
  const { operation, seen } = change;
  const node = operation.key;
  const isHasty = operation.options?.['shards'] === 'left';
  if (timesDone(change, 'stop') > 0) return succeed(200);
  const found = lookUp(seen, node);
  if (found === undefined && !isHasty) return { kind: 'look', nodes: [node] };
  if (found === null) return timesDone(change, 'edit-targets') > 0 ? succeed(200) : fail(MISSING);
  // What it has would stay with it: it was started, and then nobody told it to whom to replicate.
  if (!isHasty && found?.targets.length === 0) return fail(MISSING);
  if (timesDone(change, 'replicate') === 0 && !isHasty) {
    return { kind: 'do', errands: [{ to: node, request: { kind: 'replicate' } }] };
  }
  const unseen = nodes.filter((other) => lookUp(seen, other) === undefined);
  if (unseen.length > 0 && change.waited < WAITED_MAX) return { kind: 'look', nodes: unseen };
  const errands = keysOf(seen).flatMap((other) => withoutTarget(other, node, lookUp(seen, other), found));
  const stop: Errand = { to: node, request: { kind: 'stop', force: isHasty } };
  if (errands.length > 0) return isHasty ? { kind: 'do', errands, also: stop } : { kind: 'do', errands };
  if (!isHasty) return { kind: 'do', errands: [stop] };
  return timesDone(change, 'edit-targets') > 0 ? succeed(200) : fail(MISSING);
}

/** Whoever replicates to the server that leaves is given another in its place. */
function withoutTarget(
  other: NodeId,
  node: NodeId,
  status: Status | null | undefined,
  leaving: Status | undefined,
): Errand[] {
  if (!status?.targets.includes(node)) return [];
  const next = leaving?.targets.find((target) => target !== other && !status.targets.includes(target));
  return [edit(other, next === undefined ? [] : [next], [node])];
}

function edit(to: NodeId, add: readonly NodeId[], remove: readonly NodeId[]): Errand {
  return { to, request: { kind: 'edit-targets', add, remove } };
}

function succeed(status: 200 | 201): Step {
  return { kind: 'end', outcome: { class: 'ok', result: { status } } };
}

function fail(error: string): Step {
  return { kind: 'end', outcome: { class: 'fail', error } };
}
