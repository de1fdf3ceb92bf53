import type { Reply } from './types.ts';

type Refusal = Reply & { readonly kind: 'refused' };

/** Texts of Riak KV's HTTP interface (riak_kv_wm_object.erl); where it only dumps the reason, the reason itself. */
export const REQUEST_TIMED_OUT: Refusal = { kind: 'refused', class: 'fail', error: 'request timed out' };

/** Nobody listens: Riak does not run there. */
export const CONNECTION_REFUSED: Refusal = {
  kind: 'refused',
  class: 'fail',
  error: '{error,{conn_failed,{error,econnrefused}}}',
};

/** The process has ended. */
export const CONNECTION_CLOSED: Refusal = {
  kind: 'refused',
  class: 'info',
  error: '{error,connection_closed}',
};

/** HTTP 503: fewer vnodes, primaries or nodes than demanded have answered, or are there to be asked. */
export function unsatisfied(
  what: 'PR' | 'PW' | 'node_confirms',
  got: number,
  want: number,
  outcome: 'fail' | 'info',
): Refusal {
  return { kind: 'refused', class: outcome, error: `${what}-value unsatisfied: ${got}/${want}` };
}

/** HTTP 400. */
export function readValuesInvalid(n: number): Refusal {
  return certain(`Specified r/pr values invalid for bucket n value of ${n}`);
}

/** HTTP 400. */
export function writeValuesInvalid(n: number): Refusal {
  return certain(`Specified w/dw/pw/node_confirms values invalid for bucket n value of ${n}`);
}

/** HTTP 500. */
export function insufficientVnodes(have: number, need: number): Refusal {
  return certain(`{insufficient_vnodes,${have},need,${need}}`);
}

/** HTTP 500. */
export function tooManySiblings(count: number): Refusal {
  return certain(`{too_many_siblings,${count}}`);
}

/** HTTP 400. */
export function invalidOperation(type: string, operation: string): Refusal {
  return certain(`Invalid operation on datatype '${type}': "${operation}"`);
}

function certain(error: string): Refusal {
  return { kind: 'refused', class: 'fail', error };
}
