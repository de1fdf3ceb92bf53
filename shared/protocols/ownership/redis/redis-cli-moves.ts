import type { Table } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import { linesOf, type Seen } from './redis-cli-check.ts';
import type { Request } from './requests.ts';

/** One thing that the tool asks of one node, and how it goes on from the answer. */
export type Call = {
  readonly to: NodeId;
  readonly request: Request;
  /** The keys that are answered go to that node, and the call is repeated. */
  readonly then?: { readonly to: NodeId };
  /** An error that does not matter. */
  readonly accepts?: string;
  /** An error after which the same is asked again. */
  readonly repeatsOn?: string;
};

/** What the tool knows when it makes its plan. */
export type Known = {
  readonly operation: Operation;
  readonly entry: NodeId;
  readonly seen: Seen;
  readonly counts: Readonly<Table<readonly number[]>>;
};

const KEYS_AT_A_TIME = 10;

/** clusterManagerMoveSlot: the target is told first, so that nobody is sent to a node that would send it back. */
export function moveRange(range: number, source: NodeId, target: NodeId, seen: Seen): Call[] {
  const set = (at: NodeId, to: 'importing' | 'migrating' | 'node', node: NodeId): Call => ({
    to: at,
    request: { kind: 'setslot', range, to, node },
  });
  const others = linesOf(seen).filter(({ node, master }) => {
    return master === null && node !== source && node !== target && node in seen;
  });
  return [
    set(target, 'importing', source),
    set(source, 'migrating', target),
    moveKeys(range, source, target),
    set(target, 'node', target),
    // A source that has given its last slot away is a replica already.
    { ...set(source, 'node', target), accepts: 'ERR Please use SETSLOT only with masters.' },
    ...others.map(({ node }) => set(node, 'node', target)),
  ];
}

/** Ten keys at a time until there are none. */
export function moveKeys(range: number, source: NodeId, target: NodeId): Call {
  return { to: source, request: { kind: 'keys', range, count: KEYS_AT_A_TIME }, then: { to: target } };
}
