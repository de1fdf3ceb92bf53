import { unreachable } from '../../base/assert.ts';
import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { send } from '../turn.ts';
import { documentAt, take, update } from './database.ts';
import { onGot, onUnavailable, onUpdated } from './fabric.ts';
import { onJobAnswer, wakeJobs } from './jobs.ts';
import { isMember, serves } from './membership.ts';
import { onSystem, onSystemTaken } from './system-databases.ts';
import { onJobQuestion } from './target.ts';
import type { Edit, Message, Turn } from './types.ts';

/** What another node has said, on a connection that stands. */
export function dispatch(turn: Turn, from: NodeId, message: Message): void {
  const { state } = turn;
  if (state.durable.cluster !== undefined && message.kind !== 'system' && !isMember(state)) return;
  switch (message.kind) {
    case 'open-job':
    case 'compare':
    case 'documents':
    case 'checkpoint':
      onJobQuestion(turn, from, message);
      return;
    case 'job-opened':
    case 'missing':
    case 'taken':
      onJobAnswer(turn, from, message);
      return;
    case 'update':
      onUpdate(turn, from, message.id, message.edit);
      return;
    case 'updated':
      onUpdated(turn, from, message.id, message.leaf);
      return;
    case 'get': {
      const { id, key } = message;
      if (!serves(state, key)) send(turn, from, { kind: 'unavailable', id });
      else send(turn, from, { kind: 'got', id, revisions: documentAt(state, key) });
      return;
    }
    case 'got':
      onGot(turn, from, message.id, message.revisions);
      return;
    case 'repair':
      if (take(turn, message.key, message.leaves)) wakeJobs(turn);
      return;
    case 'unavailable':
      onUnavailable(turn, from, message.id);
      return;
    case 'system':
      onSystem(turn, from, message);
      return;
    case 'system-taken':
      onSystemTaken(turn, from, message.id);
      return;
    case 'tick':
    case 'hello':
    case 'hello-ok':
    case 'connected':
    case 'closing':
      return;
    default:
      unreachable(message);
  }
}

/** A coordinator asks this copy to take an edit; what a link has duplicated is no second edit. */
function onUpdate(turn: Turn, from: NodeId, id: number, edit: Edit): void {
  const { state } = turn;
  if (id <= (lookUp(state.updates, from) ?? 0)) return;
  state.updates[from] = id;
  if (!serves(state, edit.key)) return send(turn, from, { kind: 'unavailable', id });
  const leaf = update(turn, edit);
  send(turn, from, { kind: 'updated', id, leaf });
  if (leaf !== null) wakeJobs(turn);
}
