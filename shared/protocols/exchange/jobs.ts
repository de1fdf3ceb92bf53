import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { revisionOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { cancelTimer, mark, send, setTimer } from '../turn.ts';
import { noteProgress } from './checkpoints.ts';
import { changesSince, documentAt } from './database.ts';
import { hasForeign, removeForeign } from './foreign.ts';
import { isConnected } from './liveness.ts';
import { mapOf, mapRevisionOf, targetsOf } from './membership.ts';
import { failReplication, onCaughtUp } from './replications.ts';
import type { ShardMap } from './shard-map.ts';
import type { CouchState, DocumentLeaf, Job, Message, Turn } from './types.ts';

/**
 * One-way replication, the whole of how CouchDB exchanges data (couch_replicator, and mem3_rep between shards): read
 * the changes since the checkpoint, ask the target which revisions it lacks, write those with their histories. To
 * repeat any of it does no harm, so there is nothing to undo when a link fails half-way. Who has nothing to tell yet
 * runs no job.
 */
export function startJobs(turn: Turn): void {
  const { state } = turn;
  if (state.durable.sequence === 0) return;
  for (const target of targetsOf(state)) startJob(turn, target);
}

/** Shards have moved since that map, or somebody has changed to whom a peer replicates. */
export function rearrangeJobs(turn: Turn, before: ShardMap | null): void {
  const { state } = turn;
  const targets = targetsOf(state);
  for (const target of keysOf(state.jobs).filter((node) => !targets.includes(node))) {
    failReplication(turn, target);
    cancelTimer(turn, `job-${target}`);
    delete state.jobs[target];
  }
  for (const target of targets) {
    const job = lookUp(state.jobs, target);
    if (hasGained(state, target, before)) {
      delete state.durable.sent[target];
      if (job !== undefined) job.through = 0;
    }
    if (job === undefined && state.durable.sequence > 0) startJob(turn, target);
    else if (job !== undefined && state.knobs.mode === 'cluster') open(turn, job);
  }
  removeForeign(turn);
  if (hasForeign(state)) wakeJobs(turn);
}

/** Something has changed here: replicators that wait for that go on, and shards are synchronised in a while. */
export function wakeJobs(turn: Turn): void {
  const { state } = turn;
  if (state.knobs.mode === 'cluster') {
    if (state.syncing) return;
    state.syncing = true;
    setTimer(turn, 'sync', SYNC_DELAY);
  } else goOnWithAll(turn);
}

export function onSyncTimer(turn: Turn): void {
  turn.state.syncing = false;
  goOnWithAll(turn);
  if (hasForeign(turn.state)) wakeJobs(turn);
}

/** Begins where it had stopped, or at once what was to wait. */
export function runJob(turn: Turn, job: Job): void {
  if (job.stage === 'stopped' || job.stage === 'waiting') open(turn, job);
  else if (job.stage === 'idle') goOn(turn, job);
}

/** The connection to the target is gone: its process died, or it was silent for too long. */
export function onTargetLost(turn: Turn, target: NodeId): void {
  const job = lookUp(turn.state.jobs, target);
  if (job === undefined || job.stage === 'stopped' || job.stage === 'waiting') return;
  if (turn.state.knobs.mode === 'cluster') stop(turn, job);
  else fail(turn, job);
}

export function onTargetBack(turn: Turn, target: NodeId): void {
  const job = lookUp(turn.state.jobs, target);
  if (job !== undefined) open(turn, job);
}

/** No answer in time, or the time to try again has come. */
export function onJobTimer(turn: Turn, target: NodeId): void {
  const job = lookUp(turn.state.jobs, target);
  if (job === undefined) return;
  if (job.stage === 'waiting') open(turn, job);
  else if (job.stage !== 'idle' && job.stage !== 'stopped') fail(turn, job);
}

type Answer = Extract<Message, { readonly kind: 'job-opened' | 'missing' | 'taken' }>;

/** The target has answered this node's replication. */
export function onJobAnswer(turn: Turn, target: NodeId, message: Answer): void {
  const job = lookUp(turn.state.jobs, target);
  if (job === undefined || job.request !== message.request) return;
  cancelTimer(turn, `job-${target}`);
  job.failures = 0;
  if (message.kind === 'job-opened' && job.stage === 'opening') {
    const { sent } = turn.state.durable;
    if (message.map !== undefined) job.map = message.map;
    job.through = Math.min(lookUp(sent, target) ?? 0, message.sequence);
    goOn(turn, job);
  } else if (message.kind === 'missing' && job.stage === 'comparing') {
    if (keysOf(message.leaves).length === 0) endBatch(turn, job);
    else sendMissing(turn, job, message.leaves);
  } else if (message.kind === 'taken' && job.stage === 'sending') endBatch(turn, job);
}

/** mem3.ini: sync_delay. */
const SYNC_DELAY = 5000;
/** replicator.ini: worker_batch_size, connection_timeout, retries_per_request. */
const BATCH_SIZE = 500;
const CONNECTION_TIMEOUT = 30_000;
const RETRIES = 5;
/** couch_replicator_httpc.erl: the first pause before a request is repeated; it doubles. */
const RETRY_PAUSE = 250;
/** couch_replicator_scheduler.erl: the first pause after a job has crashed; it doubles, at most ten times. */
const CRASH_PAUSE = 30_000;
const CRASH_DOUBLINGS = 10;

function isContinuous({ knobs }: CouchState): boolean {
  return knobs.mode === 'cluster' || knobs.replication === 'continuous';
}

function goOnWithAll(turn: Turn): void {
  const { jobs } = turn.state;
  if (keysOf(jobs).length === 0) return startJobs(turn);
  for (const target of keysOf(jobs)) {
    const job = lookUp(jobs, target);
    if (job?.stage !== 'idle') continue;
    if (isBehind(turn.state, job)) open(turn, job);
    else goOn(turn, job);
  }
}

function startJob(turn: Turn, target: NodeId): void {
  const job: Job = {
    target,
    stage: 'stopped',
    through: 0,
    until: 0,
    request: 0,
    failures: 0,
    crashes: 0,
  };
  turn.state.jobs[target] = job;
  if (isContinuous(turn.state)) open(turn, job);
}

/** Whether a target keeps a shard that it did not keep before: of that it has nothing. */
function hasGained(state: CouchState, target: NodeId, before: ShardMap | null): boolean {
  if (state.knobs.mode === 'peers') return false;
  const after = mapOf(state) ?? [];
  return after.some((copies, shard) => copies.includes(target) && before?.[shard]?.includes(target) !== true);
}

/** Whether the target had another shard map when it was last asked. */
function isBehind(state: CouchState, { map }: Job): boolean {
  return state.durable.cluster !== undefined && map !== mapRevisionOf(state);
}

function open(turn: Turn, job: Job): void {
  if (!isConnected(turn.state, job.target)) return stop(turn, job);
  job.stage = 'opening';
  job.request = ++turn.state.numbers;
  ask(turn, job, { kind: 'open-job', request: job.request });
}

function goOn(turn: Turn, job: Job): void {
  const { state } = turn;
  const changes = changesSince(state, job.target, job.through).slice(0, BATCH_SIZE);
  const last = changes.at(-1);
  if (last === undefined) {
    job.stage = isContinuous(state) ? 'idle' : 'stopped';
    job.crashes = 0;
    onCaughtUp(turn, job.target);
    removeForeign(turn);
    return;
  }
  job.stage = 'comparing';
  job.until = last.sequence;
  job.request = ++state.numbers;
  const leaves: Table<readonly DocumentLeaf[]> = {};
  for (const { key, revisions } of changes) leaves[key] = revisions;
  ask(turn, job, { kind: 'compare', request: job.request, leaves });
}

function sendMissing(turn: Turn, job: Job, missing: Table<readonly string[]>): void {
  const leaves: Table<readonly DocumentLeaf[]> = {};
  for (const key of keysOf(missing)) {
    const wanted = lookUp(missing, key) ?? [];
    leaves[key] = documentAt(turn.state, key).filter((leaf) => wanted.includes(revisionOf(leaf)));
  }
  job.stage = 'sending';
  job.request = ++turn.state.numbers;
  ask(turn, job, { kind: 'documents', request: job.request, leaves });
}

function endBatch(turn: Turn, job: Job): void {
  job.through = job.until;
  noteProgress(turn);
  goOn(turn, job);
}

function ask(turn: Turn, job: Job, message: Message): void {
  send(turn, job.target, message);
  setTimer(turn, `job-${job.target}`, CONNECTION_TIMEOUT);
}

/** A request is repeated a few times; then the job is given up for a while, each time for longer. */
function fail(turn: Turn, job: Job): void {
  const { self, knobs } = turn.state;
  job.request = 0;
  if (++job.failures <= RETRIES) return waitFor(turn, job, RETRY_PAUSE * 2 ** (job.failures - 1));
  job.failures = 0;
  failReplication(turn, job.target);
  if (!isContinuous(turn.state)) return stop(turn, job);
  const pause = CRASH_PAUSE * 2 ** Math.min(job.crashes, CRASH_DOUBLINGS);
  job.crashes++;
  if (knobs.mode === 'peers') {
    mark(
      turn,
      'suspect',
      `${self} cannot replicate to ${job.target}, the next attempt is in ${Math.floor(pause / 1000)} s`,
    );
  }
  waitFor(turn, job, knobs.mode === 'peers' ? pause : SYNC_DELAY);
}

function waitFor(turn: Turn, job: Job, pause: number): void {
  job.stage = 'waiting';
  setTimer(turn, `job-${job.target}`, pause);
}

function stop(turn: Turn, job: Job): void {
  job.stage = 'stopped';
  job.request = 0;
  cancelTimer(turn, `job-${job.target}`);
}
