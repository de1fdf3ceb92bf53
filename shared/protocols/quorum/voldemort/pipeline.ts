import { keysOf, lookUp } from '../../../base/table.ts';
import { compareClocks, incremented, type VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { availableOwners, call, type ClientTurn, ownersOf } from './client.ts';
import { handOff } from './handoff.ts';
import type { Task } from './task.ts';
import type { Reply, Request, Versioned } from './types.ts';
import { concurrentOf } from './versions.ts';

/** How a stage of an operation ended. */
export type Ended =
  | { readonly kind: 'got'; readonly versions: readonly Versioned[] }
  | { readonly kind: 'written' }
  /** Somebody has written the key since it was read. */
  | { readonly kind: 'obsolete'; readonly error: string }
  /** A server is no owner of the key by its own cluster.xml: the client's is another. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'failed'; readonly class: 'fail' | 'info'; readonly error: string };

/**
 * The client is the coordinator (store/routed/PipelineRoutedStore.java). A get asks as many owners as preferred,
 * all at once, and further ones one after the other while too few have answered.
 */
export function startGet(turn: ClientTurn, task: Task): Ended | null {
  const { requiredReads, preferredReads } = turn.state.knobs;
  const refusal = enter(turn, task, 'get', requiredReads);
  if (refusal !== null) return refusal;
  const wanted = Math.max(requiredReads, preferredReads);
  for (const node of task.nodes.slice(0, wanted)) ask(turn, task, node, { kind: 'get', key: keyOf(task) });
  return null;
}

/**
 * A put goes to one owner after the other until one takes it: the master, whose count in the clock grows. The
 * version made so goes to all the others at once. Nothing is taken back from those who have it if they are too few.
 */
export function startPut(turn: ClientTurn, task: Task, base: Versioned): Ended | null {
  const refusal = enter(turn, task, 'put', turn.state.knobs.requiredWrites);
  if (refusal !== null) return refusal;
  task.base = base;
  return askNextMaster(turn, task);
}

/** A delete asks all owners at once. */
export function startDelete(turn: ClientTurn, task: Task, clock: VectorClock): Ended | null {
  const refusal = enter(turn, task, 'delete', turn.state.knobs.requiredWrites);
  if (refusal !== null) return refusal;
  task.write = { deleted: clock };
  for (const node of task.nodes) ask(turn, task, node, { kind: 'delete', key: keyOf(task), clock });
  return null;
}

/** An owner has answered a task, or has not (`reply` null). What it returns ends the stage. */
export function onResponse(turn: ClientTurn, task: Task, node: NodeId, reply: Reply | null): Ended | null {
  if (!task.waiting.includes(node)) return null;
  task.waiting = task.waiting.filter((other) => other !== node);
  if (reply?.kind === 'invalid-metadata') return task.told ? null : giveUp(task);
  if (task.stage === 'get') return onGetResponse(turn, task, node, reply);
  if (task.stage === 'put' && task.master === null) return onMasterResponse(turn, task, node, reply);
  return onWriteResponse(turn, task, node, reply);
}

/** Begins a stage anew, with what it was begun with. */
export function startAgain(turn: ClientTurn, task: Task): Ended | null {
  const { stage, base, write } = task;
  if (stage === 'put' && base !== null) return startPut(turn, task, base);
  if (stage === 'delete' && write !== null && 'deleted' in write)
    return startDelete(turn, task, write.deleted);
  return startGet(turn, task);
}

/** One such answer is the end of the stage, whatever others have done (store/routed/action/AbstractAction.java). */
function giveUp(task: Task): Ended {
  const { stage, master, failed } = task;
  if (stage === 'delete' || master !== null || failed.length > 0) task.isDoubtful = true;
  task.waiting = [];
  return { kind: 'outdated' };
}

function onGetResponse(turn: ClientTurn, task: Task, node: NodeId, reply: Reply | null): Ended | null {
  if (reply?.kind === 'versions') {
    task.successes++;
    task.found[node] = reply.versions;
  }
  if (task.waiting.length > 0) return null;
  const { requiredReads } = turn.state.knobs;
  if (task.successes >= requiredReads) {
    const versions = concurrentOf(keysOf(task.found).flatMap((from) => lookUp(task.found, from) ?? []));
    repairReaders(turn, task, versions);
    return { kind: 'got', versions };
  }
  const next = task.nodes[task.asked];
  if (next === undefined) return tooFew('get', requiredReads, task.successes, 'fail');
  ask(turn, task, next, { kind: 'get', key: keyOf(task) });
  return null;
}

/** Read repair: owners that answered without one of the versions get it. Nobody waits for that. */
function repairReaders(turn: ClientTurn, task: Task, versions: readonly Versioned[]): void {
  for (const node of keysOf(task.found)) {
    const known = lookUp(task.found, node) ?? [];
    for (const versioned of versions) {
      if (known.some(({ clock }) => compareClocks(clock, versioned.clock) === 'same')) continue;
      call(turn, { node, purpose: 'repair' }, { kind: 'put', key: keyOf(task), versioned, repair: true });
    }
  }
}

function askNextMaster(turn: ClientTurn, task: Task): Ended | null {
  const node = task.nodes[task.asked];
  const { base } = task;
  if (base === null || node === undefined) {
    task.told = true;
    return { kind: 'failed', class: 'info', error: 'No master node succeeded!' };
  }
  const versioned: Versioned = { ...base, at: turn.now, clock: incremented(base.clock, node) };
  task.write = versioned;
  ask(turn, task, node, { kind: 'put', key: keyOf(task), versioned, repair: false });
  return null;
}

function onMasterResponse(turn: ClientTurn, task: Task, node: NodeId, reply: Reply | null): Ended | null {
  if (reply?.kind === 'obsolete') return { kind: 'obsolete', error: reply.error };
  if (reply === null) {
    task.failed.push(node);
    return askNextMaster(turn, task);
  }
  task.master = node;
  task.successes = 1;
  const { write } = task;
  if (write !== null && !('deleted' in write)) {
    for (const other of task.nodes.slice(task.asked)) {
      ask(turn, task, other, { kind: 'put', key: keyOf(task), versioned: write, repair: false });
    }
  }
  return judgeWrite(turn, task);
}

/** An owner that has a newer version already has overwritten this one: that counts as taken. */
function onWriteResponse(turn: ClientTurn, task: Task, node: NodeId, reply: Reply | null): Ended | null {
  if (reply !== null) task.successes++;
  else if (task.told) handOff(turn, task, [node]);
  else task.failed.push(node);
  return task.told ? null : judgeWrite(turn, task);
}

/**
 * The routing timeout counts from the beginning of the put: when the search for a master has used it up, nobody
 * waits for the others.
 */
function judgeWrite(turn: ClientTurn, task: Task): Ended | null {
  const { requiredWrites, preferredWrites, routingTimeout } = turn.state.knobs;
  const wanted = Math.min(Math.max(requiredWrites, preferredWrites), task.nodes.length - task.failed.length);
  const isLate = turn.now - task.started >= routingTimeout;
  if (task.waiting.length > 0 && !isLate && (task.successes < requiredWrites || task.successes < wanted))
    return null;
  task.told = true;
  if (task.successes < requiredWrites) return tooFew(task.stage, requiredWrites, task.successes, 'info');
  handOff(turn, task, [
    ...ownersOf(turn.state, keyOf(task)).filter((owner) => !task.nodes.includes(owner)),
    ...task.failed,
  ]);
  return { kind: 'written' };
}

function enter(turn: ClientTurn, task: Task, stage: Task['stage'], required: number): Ended | null {
  const nodes = availableOwners(turn.state, keyOf(task), required);
  if (typeof nodes === 'string') return { kind: 'failed', class: 'fail', error: nodes };
  Object.assign(task, {
    stage,
    nodes,
    started: turn.now,
    asked: 0,
    waiting: [],
    successes: 0,
    failed: [],
    master: null,
  });
  for (const node of keysOf(task.found)) delete task.found[node];
  return null;
}

function ask(turn: ClientTurn, task: Task, node: NodeId, request: Request): void {
  task.asked++;
  task.waiting.push(node);
  const { operation, refreshes } = task;
  const round = refreshes === undefined ? {} : { refreshes };
  call(turn, { node, purpose: 'task', task: operation.id, ...round }, request);
}

function tooFew(what: string, required: number, successes: number, kind: 'fail' | 'info'): Ended {
  return {
    kind: 'failed',
    class: kind,
    error: `${required} ${what}s required, but only ${successes} succeeded`,
  };
}

function keyOf({ operation }: Task): string {
  return operation.key;
}
