import { unreachable } from '../../../base/assert.ts';
import type { HBaseReply } from './types.ts';

/** hbase.client.retries.number, and the first attempt. */
export const ATTEMPTS_MAX = 16;

/** The literal errors of HBase's client (RpcRetryingCallerImpl.java, HRegion.java). */
export const RETRIES_EXHAUSTED = `RetriesExhaustedException: Failed after attempts=${ATTEMPTS_MAX}, exceptions:`;
export const NOT_A_NUMBER = "DoNotRetryIOException: Field is not a long, it's 0 bytes wide";

/** The literal errors of hbase-daemon.sh, of the region mover that graceful_stop.sh runs, and of ssh. */
export const TOOL_ERRORS = {
  /** On every machine the region server is process 1, as in a container. */
  running: 'regionserver running as process 1. Stop it first.',
  unknown: (node: string) => `Could not find server '${node}:16020' in the set of region servers. giving up.`,
  alone: 'No Regions were moved - no servers available',
  unreachable: (node: string) => `ssh: connect to host ${node} port 22: Connection timed out`,
} as const;

/** What the tool prints when it is refused. `node`: whose region server was to be started or stopped. */
export function toolError(why: (HBaseReply & { kind: 'refused' })['why'], node: string): string {
  switch (why) {
    case 'running':
      return TOOL_ERRORS.running;
    case 'unknown':
      return TOOL_ERRORS.unknown(node);
    case 'alone':
      return TOOL_ERRORS.alone;
    default:
      return unreachable(why);
  }
}
