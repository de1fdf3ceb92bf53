import { difference, patch, type Delta } from '../base/delta.ts';
import type { MirrorState } from '../sim/mirror.ts';
import { createNode, type NodeDefinition, type NodeState } from '../sim/node.ts';
import type { NodeId } from '../sim/operation.ts';

/**
 * A student's own node on the wire. What a node keeps grows with the class, and nearly all of it is as it was
 * before anything happened, which a browser can make by itself: sent is the difference from a node of the
 * same definition that was never started.
 */
export type SeatMirror = Omit<MirrorState, 'node'> & { readonly id: NodeId; readonly node: Delta };

export function packMirror(definition: NodeDefinition, { node, ...rest }: MirrorState): SeatMirror {
  return { ...rest, id: node.id, node: difference(createNode(definition, node.id), node) };
}

/** The mirror that was packed. Throws RangeError when it was made from another definition. */
export function unpackMirror(definition: NodeDefinition, { id, node, ...rest }: SeatMirror): MirrorState {
  return { ...rest, node: patch(createNode(definition, id), node) as NodeState };
}
