import type { Operation } from '../history.ts';
import { tabulate, type Machine } from './machine.ts';

/**
 * A counter that begins at 0. An increment that returned a number returned the new value, and so did a take, which
 * needs what it takes to be there. A write sets the counter. A list of values is none that it ever has.
 */
export function counterMachine(operations: readonly Operation[]): Machine {
  return tabulate<number>(operations, {
    start: 0,
    textOf: String,
    apply(state, { kind, value, out }) {
      if (kind === 'read') return (out ?? 0) === state ? state : null;
      if (kind === 'write') return value as number;
      if (kind === 'take' && (value as number) > state) return null;
      const next = kind === 'take' ? state - (value as number) : state + (value as number);
      return typeof out === 'number' && out !== next ? null : next;
    },
  });
}

/** Who holds a lock, the empty text when nobody does, and the last fencing token that was given out. */
type Lock = { readonly holder: string; readonly token: number };

const FREE = '';

/**
 * A lock that begins free. Its holder is a client: only the one that acquired it can release it, and nobody
 * acquires it twice. An answer of false means that it was held (acquire) or not one's own (release). Where an acquire
 * was told its fencing token, tokens grow with every holder.
 */
export function lockMachine(operations: readonly Operation[]): Machine {
  return tabulate<Lock>(operations, {
    start: { holder: FREE, token: -Infinity },
    textOf: ({ holder, token }) => `${token} ${holder}`,
    apply(lock, { kind, client, out }) {
      const { holder, token } = lock;
      if (kind === 'release') {
        if (out === false) return holder === client ? null : lock;
        return holder === client ? { holder: FREE, token } : null;
      }
      if (out === false) return holder === FREE ? null : lock;
      if (holder !== FREE || (typeof out === 'number' && out <= token)) return null;
      return { holder: client, token: typeof out === 'number' ? out : token };
    },
  });
}
