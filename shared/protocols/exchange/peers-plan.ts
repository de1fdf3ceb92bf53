import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Change, Errand, Step } from './administrator.ts';
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

function join(self: NodeId, { operation, done }: Change, { knobs, targets }: Status): Step {
  const node = operation.key;
  if (lookUp(done, 'edit-targets') === true) return succeed(201);
  if (lookUp(done, 'start') === undefined) {
    if (node === self || targets.includes(node)) return fail(CONFLICT);
    return { kind: 'do', errands: [{ to: node, request: { kind: 'start' } }] };
  }
  const others = [self, ...targets].filter((other) => other !== node).slice(0, knobs.neighbours);
  return {
    kind: 'do',
    errands: [edit(node, others, []), ...others.map((other) => edit(other, [node], []))],
  };
}

function leave(change: Change, { nodes }: Status): Step {
  const { operation, done, seen } = change;
  const node = operation.key;
  const isHasty = operation.options?.['shards'] === 'left';
  if (lookUp(done, 'stop') === true) return succeed(200);
  const found = lookUp(seen, node);
  if (found === undefined && !isHasty) return { kind: 'look', nodes: [node] };
  if (found === null) return fail(MISSING);
  if (lookUp(done, 'replicate') === undefined && !isHasty) {
    return { kind: 'do', errands: [{ to: node, request: { kind: 'replicate' } }] };
  }
  const unseen = nodes.filter((other) => lookUp(seen, other) === undefined);
  if (unseen.length > 0 && change.waited < WAITED_MAX) return { kind: 'look', nodes: unseen };
  const errands = keysOf(seen).flatMap((other) => withoutTarget(other, node, lookUp(seen, other), found));
  const stop: Errand = { to: node, request: { kind: 'stop', force: isHasty } };
  if (errands.length > 0) return isHasty ? { kind: 'do', errands, also: stop } : { kind: 'do', errands };
  if (!isHasty) return { kind: 'do', errands: [stop] };
  return lookUp(done, 'edit-targets') === true ? succeed(200) : fail(MISSING);
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
