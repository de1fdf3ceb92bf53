import { impossible, unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { describeClock, type VectorClock } from '../../../data/vector-clock.ts';
import type { Driver, DriverInput } from '../../../sim/driver.ts';
import {
  isMembershipChange,
  type NodeId,
  type Operation,
  type Outcome,
  type Result,
  type Stored,
} from '../../../sim/operation.ts';
import { onJobAnswer, onJobTimer, startJob } from './administrator.ts';
import { bootstrap } from './bootstrap.ts';
import {
  answered,
  type Call,
  type ClientState,
  type ClientTurn,
  failed,
  onProbeTimer,
  type Timer,
  type VoldemortDriverShape,
} from './client.ts';
import { describeReply, describeRequest, describeValue } from './describe.ts';
import { onSlopFailed } from './handoff.ts';
import { type Ended, onResponse, startAgain, startDelete, startGet, startPut } from './pipeline.ts';
import { createTask, isUpdate, mayBeWritten, type Task } from './task.ts';
import type { Reply, Versioned } from './types.ts';
import { clockOf, itemsOf, resolve, unionOf } from './versions.ts';

/**
 * Voldemort's Java client (client/DefaultStoreClient.java). A put without a version reads the versions first; a
 * change to a set is an update that reads, changes, writes, and begins again if somebody was quicker, three
 * times at most.
 */
export const voldemortDriver: Driver<VoldemortDriverShape> = {
  init: ({ self, nodes, members, incarnation, knobs }) => ({
    self,
    nodes,
    ...(members.length === nodes.length ? {} : { members }),
    ...(members.length === nodes.length || incarnation === 1 ? {} : { isNew: true }),
    knobs,
    detector: { servers: {} },
    tasks: {},
    calls: {},
    requests: 0,
    read: {},
    probing: false,
  }),
  step,
  refused: 'Connection refused',
  interrupted: 'Connection reset',
  describeRequest,
  describeReply,
};

/** How often an update is tried. */
const ATTEMPTS_MAX = 3;
/** How often an operation may meet a server whose cluster.xml is another than the client's. */
const REFRESHES_MAX = 3;

function step(
  state: ClientState,
  input: DriverInput<VoldemortDriverShape>,
  { now }: { now: number },
): ClientTurn['outputs'] {
  const turn: ClientTurn = { state, now, outputs: [] };
  switch (input.kind) {
    case 'operation':
      if (isMembershipChange(input.operation.kind)) startJob(turn, input.operation);
      else startTask(turn, input.operation);
      break;
    case 'reply':
      if (input.reply.kind === 'unreachable') onCallEnded(turn, failed(turn, input.id), null);
      else onCallEnded(turn, answered(turn, input.id), input.reply);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'disconnected':
      onDisconnected(turn, input.from);
      break;
    case 'start':
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onTimer(turn: ClientTurn, timer: Timer): void {
  if (timer === 'probe') onProbeTimer(turn);
  else if (timer.startsWith('job-')) onJobTimer(turn, timer.slice('job-'.length));
  else onCallEnded(turn, failed(turn, Number(timer.slice('call-'.length))), null);
}

function startTask(turn: ClientTurn, operation: Operation): void {
  const task = createTask(operation);
  turn.state.tasks[operation.id] = task;
  if (turn.state.isNew === true) proceed(turn, task, bootstrap(turn, task));
  else proceed(turn, task, begin(turn, task));
}

/** `put(key, Versioned)` goes out at once, over the version read last; everything else reads first. */
function begin(turn: ClientTurn, task: Task): Ended | null {
  const { kind, key, value = null, options } = task.operation;
  const read = lookUp(turn.state.read, key);
  if (kind === 'write' && options?.['versioned'] === true && read !== undefined) {
    return startPut(turn, task, version(read, value));
  }
  return startGet(turn, task);
}

function onCallEnded(turn: ClientTurn, call: Call | undefined, reply: Reply | null): void {
  if (call?.purpose === 'slop' && reply === null) onSlopFailed(turn, call);
  if (call?.purpose === 'job') onJobAnswer(turn, call.job, call.node, reply);
  if (call?.purpose !== 'task' && call?.purpose !== 'bootstrap') return;
  const task = lookUp(turn.state.tasks, call.task);
  if (task === undefined) return;
  if (call.purpose === 'bootstrap') proceed(turn, task, onBootstrap(turn, task, call, reply));
  else if (call.refreshes === task.refreshes) proceed(turn, task, onResponse(turn, task, call.node, reply));
}

/** The client has cluster.xml anew, or asks the next server for it, or has asked all in vain. */
function onBootstrap(
  turn: ClientTurn,
  task: Task,
  call: Call & { purpose: 'bootstrap' },
  reply: Reply | null,
): Ended | null {
  if (reply?.kind !== 'metadata' || reply.metadata.cluster === null)
    return bootstrap(turn, task, [...call.tried, call.node]);
  turn.state.cluster = reply.metadata.cluster;
  delete turn.state.isNew;
  const { refreshes } = task;
  if (refreshes === undefined) return begin(turn, task);
  if (refreshes < REFRESHES_MAX) return startAgain(turn, task);
  return { kind: 'failed', class: 'fail', error: `${REFRESHES_MAX} metadata refresh attempts failed.` };
}

/** The server's process died: whatever it was asked has failed. */
function onDisconnected(turn: ClientTurn, node: NodeId): void {
  for (const id of keysOf(turn.state.calls)) {
    if (lookUp(turn.state.calls, id)?.node === node) onCallEnded(turn, failed(turn, Number(id)), null);
  }
}

function proceed(turn: ClientTurn, task: Task, ended: Ended | null): void {
  for (let next = ended; next !== null;) next = onStageEnded(turn, task, next);
  // Late answers still tell for whom slops must be kept.
  if (task.told && task.waiting.length === 0) delete turn.state.tasks[task.operation.id];
}

function onStageEnded(turn: ClientTurn, task: Task, ended: Ended): Ended | null {
  switch (ended.kind) {
    case 'got':
      return onGot(turn, task, ended.versions);
    case 'written':
      finish(turn, task, { class: 'ok', result: resultOf(turn.state, task) });
      return null;
    case 'obsolete':
      if (isUpdate(task) && !mayBeWritten(task) && task.attempts < ATTEMPTS_MAX) {
        task.attempts++;
        return startGet(turn, task);
      }
      // An owner that was asked before and stayed silent may have taken the write all the same.
      finish(turn, task, { class: mayBeWritten(task) ? 'info' : 'fail', error: ended.error });
      return null;
    case 'outdated':
      task.refreshes = (task.refreshes ?? 0) + 1;
      return bootstrap(turn, task);
    case 'failed':
      finish(turn, task, { class: task.isDoubtful === true ? 'info' : ended.class, error: ended.error });
      return null;
    default:
      return unreachable(ended);
  }
}

/** The versions are here: that is the answer, or what the write builds on. */
function onGot(turn: ClientTurn, task: Task, found: readonly Versioned[]): Ended | null {
  const { kind, key, value: item = null } = task.operation;
  const versions = resolve(found, turn.state.knobs.resolver);
  const [only] = versions;
  const clock = clockOf(versions);
  if (versions.length > 1) {
    const values = versions.map((one) => describeValue(one.value)).join(', ');
    const error = `Unresolved versions returned from get(${key}) = [${values}]`;
    return { kind: 'failed', class: 'fail', error };
  }
  switch (kind) {
    case 'read':
      turn.state.read[key] = clock;
      finish(turn, task, {
        class: 'ok',
        result: { value: only?.value ?? null, version: describeClock(clock) },
      });
      return null;
    case 'write':
      return startPut(turn, task, version(clock, item));
    case 'delete':
      if (only !== undefined) return startDelete(turn, task, clock);
      finish(turn, task, { class: 'ok', result: {} });
      return null;
    case 'add':
      return startPut(turn, task, version(clock, unionOf([only?.value ?? null, item])));
    case 'remove':
      return startPut(
        turn,
        task,
        version(
          clock,
          itemsOf(only?.value ?? null).filter((other) => other !== item),
        ),
      );
    case 'cas':
      return compareAndSet(turn, task, only?.value ?? null, clock);
    default:
      return impossible(`the Voldemort client takes no ${kind}`);
  }
}

/** `putIfNotObsolete`: the client compares, the master refuses what was overwritten meanwhile. */
function compareAndSet(turn: ClientTurn, task: Task, found: Stored, clock: VectorClock): Ended | null {
  const { value = null, expected = null } = task.operation;
  if (canonical(found) === canonical(expected)) return startPut(turn, task, version(clock, value));
  finish(turn, task, { class: 'ok', result: { applied: false, value: found } });
  return null;
}

function version(clock: VectorClock, value: Stored): Versioned {
  return { clock, at: 0, value };
}

function resultOf({ read }: ClientState, { operation, write }: Task): Result {
  if (write === null || 'deleted' in write) return {};
  read[operation.key] = write.clock;
  const shown = { version: describeClock(write.clock) };
  if (operation.kind === 'cas') return { applied: true, ...shown };
  return operation.kind === 'write' ? shown : { value: write.value, ...shown };
}

function finish(turn: ClientTurn, task: Task, outcome: Outcome): void {
  task.told = true;
  turn.outputs.push({ kind: 'finish', id: task.operation.id, outcome });
}
