import { keysOf, lookUp } from '../../../base/table.ts';
import type { Leading, ZabState } from './types.ts';

/**
 * Sessions end by the leader's clock alone (SessionTrackerImpl): in ticks, rounded up to the next. Followers
 * tell it which sessions they have heard from; a new leader gives every session its whole timeout again.
 */
export function touchSession(state: ZabState, session: string): void {
  const { role } = state;
  const timeout = lookUp(state.tree.sessions, session);
  if (role.kind === 'following') {
    if (!role.touched.includes(session)) role.touched.push(session);
  } else if (role.kind === 'leading' && timeout !== undefined) {
    role.expiries[session] = role.ticks + Math.floor(timeout / state.knobs.tickTime) + 1;
  }
}

/** At a new leader. */
export function touchAll(state: ZabState): void {
  for (const session of keysOf(state.tree.sessions)) touchSession(state, session);
}

/** Sessions whose time is up; each is told once. */
export function takeExpired(role: Leading): string[] {
  const expired = keysOf(role.expiries).filter((session) => (role.expiries[session] ?? 0) <= role.ticks);
  for (const session of expired) delete role.expiries[session];
  return expired;
}

/** What a server grants: from 2 to 20 ticks (minSessionTimeout, maxSessionTimeout). Milliseconds. */
export function negotiate({ knobs }: ZabState, timeout: number): number {
  return Math.min(Math.max(timeout, 2 * knobs.tickTime), 20 * knobs.tickTime);
}
