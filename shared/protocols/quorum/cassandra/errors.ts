import { unreachable } from '../../../base/assert.ts';
import type { Reply } from './types.ts';

export type Failure = Exclude<
  Reply,
  { kind: 'row' | 'written' | 'conditional' | 'repaired' | 'moving' | 'moved' }
>;

/** Nobody listens at the only node that the driver knows. */
export const NO_HOST = 'All host(s) tried for query failed (no host was tried)';

/**
 * What the DataStax Java driver reports (exceptions/*.java), and for transactions whose outcome nobody knows the
 * server's own text (CasWriteUnknownResultException.java).
 */
export function errorOf(failure: Failure): string {
  switch (failure.kind) {
    case 'unavailable': {
      const { consistency, required, alive } = failure;
      return `Not enough replica available for query at consistency ${consistency} (${required} required but only ${alive} alive)`;
    }
    case 'write-timeout': {
      const { type, consistency, required, received } = failure;
      return `Cassandra timeout during ${type} write query at consistency ${consistency} (${required} replica were required but only ${received} acknowledged the write)`;
    }
    case 'read-timeout':
      return `Cassandra timeout during read query at consistency ${failure.consistency} (${readDetails(failure)})`;
    case 'cas-unknown':
      return `CAS operation result is unknown - proposal accepted by ${failure.accepted} but not a quorum.`;
    case 'not-serving':
      return NO_HOST;
    case 'invalid':
    case 'repair-failed':
    case 'move-failed':
      return failure.error;
    default:
      return unreachable(failure);
  }
}

/** A write that timed out may be anywhere; what was refused or only read is certainly not done. */
export function classOf(failure: Failure): 'fail' | 'info' {
  switch (failure.kind) {
    case 'write-timeout':
    case 'cas-unknown':
      return 'info';
    case 'unavailable':
    case 'read-timeout':
    case 'invalid':
    case 'not-serving':
      return 'fail';
    case 'repair-failed':
    case 'move-failed':
      return failure.class;
    default:
      return unreachable(failure);
  }
}

function readDetails({ required, received, hasData }: Failure & { kind: 'read-timeout' }): string {
  if (received < required)
    return `${required} responses were required but only ${received} replica responded`;
  if (!hasData) return "the replica queried for data didn't respond";
  return 'timeout while waiting for repair of inconsistent replica';
}
