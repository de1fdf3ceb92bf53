import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Input } from '../../../sim/protocol.ts';
import { ownerOf, rangeAt } from './owners.ts';
import { change, READ_ONLY } from './replication.ts';
import type { Reply, Request } from './requests.ts';
import { slotOf } from './slots.ts';
import { cancelTimer, isMaster, mark, reply, send, setTimer, type Turn } from './turn.ts';
import type { Migration, RedisShape, RestoredMessage, RestoreMessage } from './types.ts';

/** What a source reports whose target died or did not answer in time. */
export const IO_ERROR = 'IOERR error or timeout reading to target instance';

/** What was not answered is sent again, as TCP does: after so long at first. Milliseconds. */
const RESEND = 1000;

/**
 * MIGRATE: sends keys to another node and deletes them when that one has them. The whole node waits for the answer
 * and does nothing else: Redis has one thread (redis cluster.c, migrateCommand).
 */
export function migrate(
  turn: Turn,
  client: NodeId,
  request: number,
  asked: Request & { kind: 'migrate' },
): void {
  const { state } = turn;
  const { durable, self, incarnation } = state;
  const entries = asked.keys.flatMap((key) => {
    const entry = lookUp(durable.data, key);
    return entry === undefined ? [] : [[key, entry] as const];
  });
  const stranger = asked.keys.find((key) => !isMovable(turn, key));
  if (stranger !== undefined) {
    reply(turn, client, request, moved(turn, stranger));
    return;
  }
  if (!isMaster(state, self)) {
    reply(turn, client, request, { kind: 'error', error: READ_ONLY });
    return;
  }
  if (entries.length === 0) {
    // +NOKEY: there is nothing to do any more.
    reply(turn, client, request, { kind: 'ok' });
    return;
  }
  state.migrations = (state.migrations ?? 0) + 1;
  const id = `${self}/${incarnation}/${state.migrations}`;
  const restore: RestoreMessage = { kind: 'restore', id, replace: asked.replace, entries };
  const deadline = turn.now + asked.timeout;
  state.migration = {
    id,
    client,
    request,
    target: asked.to,
    restore,
    deadline,
    resendAfter: RESEND,
    backlog: [],
  };
  send(turn, asked.to, restore);
  setTimer(turn, 'migrate', RESEND);
}

/** Whether an input is what a node under MIGRATE waits for. Everything else has to wait. */
export function endsWaiting({ id, target }: Migration, input: Input<RedisShape>): boolean {
  switch (input.kind) {
    case 'timer':
      return input.timer === 'migrate';
    case 'message':
      return input.from === target && input.message.kind === 'restored' && input.message.id === id;
    case 'disconnected':
      return input.from === target;
    default:
      return false;
  }
}

/** What is there already, and was sent again only because nobody answered yet. */
export function isRepeated({ client, request, backlog }: Migration, input: Input<RedisShape>): boolean {
  if (input.kind !== 'request') return false;
  if (input.from === client && input.id === request) return true;
  return backlog.some((kept) => kept.kind === 'request' && kept.from === input.from && kept.id === input.id);
}

/** No answer yet: the keys are sent again, until MIGRATE's own time is over. Whether they arrived is unknown then. */
export function onMigrateTimer(turn: Turn): void {
  const { migration } = turn.state;
  if (migration === undefined) return;
  if (turn.now >= migration.deadline) {
    failMigration(turn);
    return;
  }
  send(turn, migration.target, migration.restore);
  migration.resendAfter *= 2;
  setTimer(turn, 'migrate', Math.min(migration.resendAfter, migration.deadline - turn.now));
}

/** The target's process died, or did not answer in time. */
export function failMigration(turn: Turn): void {
  end(turn, { kind: 'error', error: IO_ERROR });
}

export function onRestored(turn: Turn, from: NodeId, { id, keys, error }: RestoredMessage): void {
  const { migration } = turn.state;
  if (migration === undefined || migration.id !== id || migration.target !== from) return;
  for (const key of keys) change(turn, key, null);
  if (keys.length > 0) mark(turn, 'handoff', `has moved ${keys.join(', ')} to ${from}`);
  if (error === null) end(turn, { kind: 'ok' });
  else end(turn, { kind: 'error', error: `ERR Target instance replied with error: ${error}` });
}

/** RESTORE-ASKING: keeps keys that another node moves here. What it has sent twice is taken once. */
export function onRestore(turn: Turn, from: NodeId, { id, replace, entries }: RestoreMessage): void {
  const { state } = turn;
  const known = lookUp(state.restored ?? {}, from);
  if (known?.id === id) {
    send(turn, from, known);
    return;
  }
  const taken: string[] = [];
  let error: string | null = null;
  for (const [key, entry] of entries) {
    const refusal = refuseKey(turn, key, replace);
    if (refusal === null) {
      change(turn, key, entry);
      taken.push(key);
    } else error ??= refusal;
  }
  const answer: RestoredMessage = { kind: 'restored', id, keys: taken, error };
  (state.restored ??= {})[from] = answer;
  send(turn, from, answer);
}

function refuseKey(turn: Turn, key: string, replace: boolean): string | null {
  const { state } = turn;
  if (!state.isClusterOk) return 'CLUSTERDOWN The cluster is down';
  if (!isMovable(turn, key)) return moved(turn, key).error;
  if (!isMaster(state, state.self)) return READ_ONLY;
  const isTaken = lookUp(state.durable.data, key) !== undefined;
  return isTaken && !replace ? 'BUSYKEY Target key name already exists.' : null;
}

/** Keys may be moved from and to the owner of their slot and whoever imports it. */
function isMovable({ state }: Turn, key: string): boolean {
  const range = rangeAt(state.durable, slotOf(key));
  return ownerOf(state.durable, range) === state.self || String(range) in (state.durable.importing ?? {});
}

function moved({ state }: Turn, key: string): Reply & { kind: 'error' } {
  const owner = ownerOf(state.durable, rangeAt(state.durable, slotOf(key)));
  const error = owner === null ? 'CLUSTERDOWN Hash slot not served' : `MOVED ${slotOf(key)} ${owner}:6379`;
  return { kind: 'error', error };
}

function end(turn: Turn, answer: Reply): void {
  const { migration } = turn.state;
  if (migration === undefined) return;
  cancelTimer(turn, 'migrate');
  reply(turn, migration.client, migration.request, answer);
  delete turn.state.migration;
}
