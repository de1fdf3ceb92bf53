import { call, type ClientTurn } from './client.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ended } from './pipeline.ts';
import type { Task } from './task.ts';

/**
 * A client asks one bootstrap server after the other for cluster.xml: when it is made, and when a server tells that what
 * it has is not right any more, not before (client/DefaultStoreClient.java; client/AbstractStoreClientFactory.java).
 */
export function bootstrap(turn: ClientTurn, task: Task, tried: readonly NodeId[] = []): Ended | null {
  const node = turn.state.nodes.find((one) => !tried.includes(one));
  if (node === undefined) {
    return { kind: 'failed', class: 'fail', error: 'No available bootstrap servers found!' };
  }
  call(turn, { node, purpose: 'bootstrap', task: task.operation.id, tried }, { kind: 'metadata' });
  return null;
}
