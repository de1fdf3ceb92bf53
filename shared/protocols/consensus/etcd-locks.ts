import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { DriverOutput } from '../../sim/driver.ts';
import type { EtcdDriver, EtcdDriverState } from './etcd-driver-types.ts';
import { lockKey } from './lease-store.ts';
import type { Reply, Request } from './store.ts';

/**
 * What the client keeps of a lock, after etcd's concurrency.Mutex in a session of its own, as with `etcdctl lock`.
 * `token`: the revision at which it came into the line; `held` once it was found first in line.
 */
export type LockSession = { readonly lock: string; token: number; held: boolean };

type Outputs = DriverOutput<EtcdDriver>[];

/** concurrency.NewSession's default, 60 seconds. */
export const LOCK_TTL_MS = 60_000;

/** The session that holds a lock, as far as this client knows: its own clock says whether its lease goes on. */
export function heldSession(state: EtcdDriverState, lock: string): string | null {
  const sessions = state.sessions ?? {};
  return keysOf(sessions).find((lease) => sessions[lease]?.lock === lock && sessions[lease]?.held) ?? null;
}

export function tokenOf(state: EtcdDriverState, lease: string): number {
  return lookUp(state.sessions ?? {}, lease)?.token ?? 0;
}

/** Begins a session with a lease of its own. */
export function openSession(state: EtcdDriverState, lease: string, lock: string): Request {
  (state.sessions ??= {})[lease] = { lock, token: 0, held: false };
  return { kind: 'lease-grant', lease, ttl: ttlOf(state) };
}

/** The lease is granted: from now on it is kept alive, every third of its time. */
export function keepAlive(state: EtcdDriverState, lease: string): Outputs {
  const ttl = ttlOf(state);
  return [
    { kind: 'set-timer', timer: `session-${lease}`, after: ttl },
    { kind: 'set-timer', timer: `keepalive-${lease}`, after: Math.floor(ttl / 3) },
  ];
}

/** The next step of a lock: into the line, wait to be first, and make sure that the lease has not ended meanwhile. */
export function nextLockRequest(state: EtcdDriverState, lease: string, reply: Reply): Request | null {
  const session = lookUp(state.sessions ?? {}, lease);
  if (session === undefined) return null;
  const key = session.lock;
  switch (reply.kind) {
    case 'lease-grant':
      return { kind: 'lock', key, lease };
    case 'lock':
      if (reply.created === null) return null;
      session.token = reply.created;
      return { kind: 'watch-lock', key, lease };
    case 'first':
      return { kind: 'range', key: lockKey(key, lease), serializable: false };
    default:
      return null;
  }
}

/** Whether the session's key is still there: then it holds the lock. */
export function takeLock(
  state: EtcdDriverState,
  lease: string,
  { modified }: { readonly modified: number },
): boolean {
  const session = lookUp(state.sessions ?? {}, lease);
  if (session === undefined || modified === 0) return false;
  session.held = true;
  return true;
}

/** The leader says whether the lease goes on. */
export function onKeptAlive(
  state: EtcdDriverState,
  { lease, found }: Reply & { kind: 'kept-alive' },
): Outputs {
  if (lookUp(state.sessions ?? {}, lease) === undefined) return [];
  if (!found) return endSession(state, lease);
  return [{ kind: 'set-timer', timer: `session-${lease}`, after: ttlOf(state) }];
}

/** Time to keep a lease alive, or its time is up by the client's own clock. */
export function onSessionTimer(state: EtcdDriverState, name: string, lease: string): Outputs {
  if (lookUp(state.sessions ?? {}, lease) === undefined) return [];
  if (name === 'session') return endSession(state, lease);
  const timer = {
    kind: 'set-timer',
    timer: `keepalive-${lease}`,
    after: Math.floor(ttlOf(state) / 3),
  } as const;
  const request: Request = { kind: 'keep-alive', lease };
  return [{ kind: 'request', to: state.self, id: ++state.requests, request }, timer];
}

function ttlOf({ lockTtlMs }: EtcdDriverState): number {
  return lockTtlMs ?? LOCK_TTL_MS;
}

/** The client counts on the lease no longer. */
export function endSession(state: EtcdDriverState, lease: string): Outputs {
  const sessions: Table<LockSession> = state.sessions ?? {};
  if (lookUp(sessions, lease) === undefined) return [];
  delete sessions[lease];
  return [
    { kind: 'cancel-timer', timer: `session-${lease}` },
    { kind: 'cancel-timer', timer: `keepalive-${lease}` },
  ];
}
