import type { ConnectionRefusal } from '../../../shared/wire/refusals.ts';
import type { ServerPayload } from '../../../shared/wire/events.ts';

export type GoneReason = ServerPayload<'gone'>['reason'];

/** How the real connection between this page and our server stands. It says nothing about the exercise. */
export type ConnectionStatus =
  /** Never connected yet; `failed` once an attempt came to nothing. It goes on trying. */
  | { readonly kind: 'connecting'; readonly failed: boolean }
  | { readonly kind: 'online' }
  /** Was connected and tries again by itself; with the server's reason if it gave one. */
  | { readonly kind: 'lost'; readonly because: 'draining' | 'crowded' | null }
  /** Turned away at the door: trying again would not help. */
  | { readonly kind: 'refused'; readonly reason: ConnectionRefusal }
  /** Sent away: only the person can decide to come back. */
  | { readonly kind: 'gone'; readonly reason: GoneReason }
  | { readonly kind: 'closed' };
