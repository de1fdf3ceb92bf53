import { assert } from '../base/assert.ts';
import { clone } from '../base/json.ts';
import type { NodeDefinition, NodeHost, NodeState } from './node.ts';

/** Ends a node's process, whether a person stopped it or it gave up. Its disk is kept, or lost with it. */
export function crash(
  definition: NodeDefinition,
  node: NodeState,
  disk: 'kept' | 'lost',
  host: NodeHost,
): void {
  assert(node.up, `${node.id} crashes while it is down`);
  node.up = false;
  node.paused = false;
  node.durable = disk === 'kept' ? clone(definition.protocol.durable(node.replica)) : null;
  host.cancelAllTimers(node);
  const interrupted = node.pending;
  node.pending = [];
  for (const id of interrupted) {
    host.finished(node, id, { class: 'info', error: definition.driver.interrupted });
  }
}
