import { lookUp } from '../../../base/table.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import { callPatiently, type ClientTurn } from './client.ts';
import type { Cluster } from './cluster.ts';
import { formerCluster, latestVersion, refuseJob } from './examine.ts';
import { type Job, jobFor, type Step } from './job.ts';
import { JOB_ERRORS } from './job-errors.ts';
import { batchesOf, tasksOf, withoutPartitions, withPartitions } from './plan.ts';
import { requestOf } from './job-requests.ts';
import type { Reply } from './types.ts';

/**
 * An administrator at this node, who does in one go what Voldemort's documentation says is to be done step by step. A
 * new server is made known to all without partitions; `voldemort-rebalance` moves partitions in batches, and for each
 * of them all servers change, or go back; a node that has none left is taken out. Every server must answer, and what
 * breaks off half-way is for people to put right (client/rebalance/RebalanceController.java;
 * client/protocol/admin/AdminClient.java, rebalanceStateChange).
 */
export function startJob(turn: ClientTurn, operation: Operation): void {
  const job = jobFor(operation, turn.state.nodes);
  (turn.state.jobs ??= {})[operation.id] = job;
  askNext(turn, job);
}

/** A server has answered, or has not (`reply` null). */
export function onJobAnswer(turn: ClientTurn, id: string, node: NodeId, reply: Reply | null): void {
  const job = lookUp(turn.state.jobs ?? {}, id);
  if (job === undefined) return;
  if (reply?.kind === 'metadata') job.found[node] = reply.metadata;
  const isDone = reply?.kind === 'done' || reply?.kind === 'metadata';
  if (isDone) job.done.push(node);
  if (job.step === 'steal') onStealAnswer(turn, job, reply);
  else if (job.step === 'bootstrap' && reply?.kind === 'metadata' && reply.metadata.cluster !== null)
    check(turn, job, reply.metadata.cluster);
  else if (!isDone && mustAllAnswer(job.step)) onSilence(turn, job, node);
  else askNext(turn, job);
}

/** The pause is over, or it is time to ask again how it goes. */
export function onJobTimer(turn: ClientTurn, id: string): void {
  const job = lookUp(turn.state.jobs ?? {}, id);
  if (job?.step === 'pause') job.step = 'steal';
  if (job?.step === 'steal') askForTask(turn, job);
}

/** What a server may take to answer a tool: AdminClientConfig.java, admin_connection_timeout_sec. Milliseconds. */
const ADMIN_TIMEOUT = 60_000;
/** How often a tool asks how it goes. */
const POLL = 1000;

function sweep(turn: ClientTurn, job: Job, step: Step, targets: readonly NodeId[]): void {
  Object.assign(job, { step, targets, asked: 0, done: [] });
  askNext(turn, job);
}

function askNext(turn: ClientTurn, job: Job): void {
  const node = job.targets[job.asked];
  if (node === undefined) {
    onSwept(turn, job);
    return;
  }
  job.asked++;
  ask(turn, job, node);
}

function ask(turn: ClientTurn, job: Job, node: NodeId): void {
  const { id } = job.operation;
  callPatiently(turn, { node, purpose: 'job', job: id }, requestOf(job, node), ADMIN_TIMEOUT);
}

function mustAllAnswer(step: Step): boolean {
  return ['check', 'interim', 'change', 'farewell', 'repair', 'restore'].includes(step);
}

/** A server has not done what all must do. */
function onSilence(turn: ClientTurn, job: Job, node: NodeId): void {
  switch (job.step) {
    case 'check':
      end(turn, job, { class: 'fail', error: JOB_ERRORS.silent(node) });
      return;
    case 'interim':
    case 'farewell':
      job.error = JOB_ERRORS.unreachable(node);
      set(turn, job, 'revert', job.done, job.fallback);
      return;
    case 'change':
      job.error = JOB_ERRORS.change(job.batch, node);
      job.version++;
      sweep(turn, job, 'rollback', job.done);
      return;
    default:
      end(turn, job, { class: 'info', error: JOB_ERRORS.unreachable(node) });
  }
}

/** All have been asked. */
function onSwept(turn: ClientTurn, job: Job): void {
  switch (job.step) {
    case 'bootstrap':
      end(turn, job, { class: 'fail', error: JOB_ERRORS.noServers });
      return;
    case 'check':
      begin(turn, job);
      return;
    case 'interim':
      startBatch(turn, job);
      return;
    case 'change':
      onChanged(turn, job);
      return;
    case 'farewell':
      finish(turn, job, job.setting.nodes);
      return;
    case 'revert':
    case 'rollback':
    case 'undo':
      end(turn, job, { class: 'info', error: job.error });
      return;
    default:
      end(turn, job, { class: 'ok', result: {} });
  }
}

/** All that are in cluster.xml must answer, and who is to come in; to put things right, every machine. */
function check(turn: ClientTurn, job: Job, current: Cluster): void {
  const { nodes } = turn.state;
  job.clusters = [current];
  const isAsked = (node: NodeId): boolean => current.nodes.includes(node) || node === job.operation.key;
  sweep(turn, job, 'check', isRepair(job) ? nodes : nodes.filter(isAsked));
}

function begin(turn: ClientTurn, job: Job): void {
  const { nodes, knobs } = turn.state;
  const { kind, key } = job.operation;
  const [current = job.setting] = job.clusters;
  job.version = latestVersion(job.found);
  if (isRepair(job)) {
    const former = formerCluster(job.found) ?? current;
    const isTold = (node: NodeId): boolean =>
      former.nodes.includes(node) || Boolean(lookUp(job.found, node)?.cluster);
    set(turn, job, 'restore', nodes.filter(isTold), former);
    return;
  }
  const refusal = refuseJob(job, current, knobs.n);
  if (refusal !== null) {
    end(turn, job, { class: 'fail', error: refusal });
    return;
  }
  if (kind === 'leave') {
    plan(job, current, withoutPartitions(current, key));
    startBatch(turn, job);
    return;
  }
  const interim = { ...current, nodes: nodes.filter((node) => [...current.nodes, key].includes(node)) };
  plan(job, interim, withPartitions(interim, key));
  job.fallback = current;
  set(turn, job, 'interim', interim.nodes, interim);
}

function plan(job: Job, current: Cluster, final: Cluster): void {
  const size = job.operation.options?.['batchSize'];
  job.clusters = batchesOf(current, final, typeof size === 'number' ? size : Number.MAX_SAFE_INTEGER);
}

function startBatch(turn: ClientTurn, job: Job): void {
  const { kind, key } = job.operation;
  const [before, after] = job.clusters.slice(job.batch);
  if (before === undefined) return;
  if (after !== undefined) {
    Object.assign(job, { tasks: tasksOf(before, after, turn.state.knobs.n), task: 0, isBegun: false });
    job.version++;
    sweep(turn, job, 'change', before.nodes);
  } else if (kind === 'leave') {
    job.fallback = before;
    const nodes = before.nodes.filter((node) => node !== key);
    set(turn, job, 'farewell', before.nodes, { ...before, nodes });
  } else finish(turn, job, before.nodes);
}

/** Requests of clients are answered with the help of the donors already (RebalanceController.java, proxyPause). */
function onChanged(turn: ClientTurn, job: Job): void {
  if (job.tasks.length === 0) {
    job.batch++;
    startBatch(turn, job);
    return;
  }
  job.step = 'pause';
  const seconds = Number(job.operation.options?.['proxyPause'] ?? PROXY_PAUSE);
  turn.outputs.push({ kind: 'set-timer', timer: `job-${job.operation.id}`, after: 1000 * seconds });
}

function askForTask(turn: ClientTurn, job: Job): void {
  const task = job.tasks[job.task];
  if (task !== undefined) ask(turn, job, task.stealer);
  else if (job.failed.length > 0) {
    job.error = JOB_ERRORS.tasks(job.batch, job.failed);
    sweep(turn, job, 'undo', job.clusters[job.batch]?.nodes ?? []);
  } else {
    job.batch++;
    startBatch(turn, job);
  }
}

function onStealAnswer(turn: ClientTurn, job: Job, reply: Reply | null): void {
  const status = reply?.kind === 'stealing' ? reply.status : 'failed';
  job.isBegun = true;
  if (status === 'running') {
    turn.outputs.push({ kind: 'set-timer', timer: `job-${job.operation.id}`, after: POLL });
    return;
  }
  const task = job.tasks[job.task];
  if (status === 'failed' && task !== undefined) job.failed.push(task);
  job.task++;
  job.isBegun = false;
  askForTask(turn, job);
}

function set(turn: ClientTurn, job: Job, step: Step, targets: readonly NodeId[], cluster: Cluster): void {
  job.setting = { ...cluster, version: ++job.version };
  sweep(turn, job, step, targets);
}

function finish(turn: ClientTurn, job: Job, nodes: readonly NodeId[]): void {
  if (job.operation.options?.['repairJob'] === true) sweep(turn, job, 'repair', nodes);
  else end(turn, job, { class: 'ok', result: {} });
}

function isRepair({ operation }: Job): boolean {
  return operation.options?.['command'] === 'clear-rebalance';
}

function end(turn: ClientTurn, { operation }: Job, outcome: Outcome): void {
  delete turn.state.jobs?.[operation.id];
  turn.outputs.push({ kind: 'finish', id: operation.id, outcome });
}

/** RebalanceController.java, PROXY_PAUSE_IN_SECONDS. */
export const PROXY_PAUSE = 300;
