import { impossible } from '../../base/assert.ts';
import type { Operation, Value } from '../../sim/operation.ts';
import type { EtcdDriverState } from './etcd-driver-types.ts';
import { heldSession, openSession } from './etcd-locks.ts';
import type { Request, Stored } from './store.ts';

/** What etcd's client asks first for an operation; most need nothing more. */
export function firstRequest(state: EtcdDriverState, operation: Operation): Request {
  const { kind, key, value, expected, options } = operation;
  switch (kind) {
    case 'read':
      return { kind: 'range', key, serializable: options?.['consistency'] === 'serializable' };
    case 'add':
    case 'remove':
      return { kind: 'range', key, serializable: false };
    case 'write':
      return { kind: 'put', key, value: value ?? null };
    case 'delete':
      return { kind: 'delete', key };
    case 'cas':
      return { kind: 'put-if-value', key, expected: expected ?? null, value: value ?? null };
    case 'watch': {
      const start = options?.['startRevision'];
      return { kind: 'watch', key, start: typeof start === 'number' ? start : null };
    }
    case 'join':
      if (options?.['member'] === 'promote') return { kind: 'member-promote', node: key };
      return { kind: 'member-add', node: key, learner: options?.['member'] === 'add-learner' };
    case 'leave':
      return { kind: 'member-remove', node: key };
    case 'lock':
      return openSession(state, operation.id, key);
    case 'unlock':
      return { kind: 'lease-revoke', lease: heldSession(state, key) ?? '' };
    default:
      return impossible(`the etcd driver takes no ${kind}`);
  }
}

/** A cart is a set in the order of its additions; a single value counts as a set of one. */
export function changedCart(stored: Stored, kind: 'add' | 'remove', value: Value): readonly Value[] {
  const items: readonly Value[] = isSet(stored) ? stored : stored === null ? [] : [stored];
  if (kind === 'remove') return items.filter((item) => item !== value);
  return items.includes(value) ? items : [...items, value];
}

function isSet(stored: Stored): stored is readonly Value[] {
  return Array.isArray(stored);
}
