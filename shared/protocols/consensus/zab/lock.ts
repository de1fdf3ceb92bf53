import type { Operation } from '../../../sim/operation.ts';
import type { Answer, ClientRequest } from '../../coordination.ts';
import type { Next, OpenOperation } from './operations.ts';

/**
 * The lock recipe of ZooKeeper's documentation, as Curator's InterProcessMutex does it: an ephemeral sequential
 * znode stands in line; the first in line holds the lock, each other watches the one before it. The znode ends
 * with its session, so a client that is cut off loses the lock without hearing of it: the resource must refuse
 * tokens older than one it has seen. The token is the zxid of the znode's creation.
 */
export function firstLockRequest({ key, id, value }: Operation): ClientRequest {
  return { kind: 'create', path: ownPrefix(key, id), value: value ?? id, ephemeral: true, sequential: true };
}

export function onLockAnswer(open: OpenOperation, answer: Answer): Next {
  const { key } = open.operation;
  switch (answer.kind) {
    case 'error':
      return {
        kind: 'finish',
        outcome: { class: 'fail', error: `KeeperErrorCode = ${answer.error} for /${key}` },
      };
    case 'children':
      return onLine(open, answer.names);
    case 'znode':
      if (open.path === null || answer.path === open.path) {
        open.path = answer.path;
        open.token = answer.znode?.created ?? null;
        return { kind: 'ask', request: lookAtLine(open) };
      }
      // The one before: gone, or watched from now on.
      return answer.znode === null ? { kind: 'ask', request: lookAtLine(open) } : { kind: 'wait' };
    case 'synced':
      return { kind: 'wait' };
  }
}

/** Who stands in line: asked when the one before has gone, and after every reconnection. */
export function lookAtLine({ operation }: OpenOperation): ClientRequest {
  return { kind: 'children', path: operation.key, watch: false };
}

function onLine(open: OpenOperation, names: readonly string[]): Next {
  const { key, id } = open.operation;
  const line = [...names].sort((a, b) => numberOf(a) - numberOf(b));
  const place = line.findIndex((name) => `${key}/${name}`.startsWith(ownPrefix(key, id)));
  const own = line[place];
  // The answer to the creation was lost, or the request itself.
  if (own === undefined) return { kind: 'ask', request: firstLockRequest(open.operation) };
  open.path = `${key}/${own}`;
  if (open.token === null) return { kind: 'ask', request: exists(open.path, false) };
  const before = line[place - 1];
  if (before !== undefined) return { kind: 'ask', request: exists(`${key}/${before}`, true) };
  const { token } = open;
  return { kind: 'finish', outcome: { class: 'ok', result: { token } } };
}

function exists(path: string, watch: boolean): ClientRequest {
  return { kind: 'exists', path, watch };
}

/** The operation's id makes the znode known again after a lost connection (Curator's protected mode). */
function ownPrefix(key: string, id: string): string {
  return `${key}/_c_${id.replaceAll('/', '-')}-lock-`;
}

function numberOf(name: string): number {
  return Number(name.slice(-10));
}
