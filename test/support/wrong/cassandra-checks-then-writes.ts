import { keysOf } from '../../../shared/base/table.ts';
import { cassandra } from '../../../shared/protocols/quorum/cassandra/replica.ts';
import type { CassandraShape } from '../../../shared/protocols/quorum/cassandra/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a condition is checked against the coordinator's own copy, and then a plain write goes out. */
export const checksThenWrites: Protocol<CassandraShape> = {
  ...cassandra,
  step(state, input, ambient) {
    if (input.kind !== 'request' || input.request.kind !== 'write' || input.request.condition === null) {
      return cassandra.step(state, input, ambient);
    }
    const { request, from, id } = input;
    if (keysOf(state.durable.rows[request.key] ?? {}).length > 0)
      return cassandra.step(state, input, ambient);
    const outputs = cassandra.step(state, { ...input, request: { ...request, condition: null } }, ambient);
    return [
      ...outputs.filter(({ kind }) => kind !== 'reply'),
      { kind: 'reply', to: from, id, reply: { kind: 'conditional', applied: true, value: null } },
    ];
  },
};
