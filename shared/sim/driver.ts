import type { Ambient, Config } from './protocol.ts';
import type { NodeId, Operation, Outcome } from './operation.ts';

/** The types of one driver; request and reply are its protocol's. */
export interface DriverShape {
  readonly knobs: object;
  readonly state: object;
  readonly timer: string;
  readonly request: object;
  readonly reply: object;
}

export type DriverInput<D extends DriverShape> =
  | { readonly kind: 'start' }
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'reply'; readonly from: NodeId; readonly id: number; readonly reply: D['reply'] }
  | { readonly kind: 'timer'; readonly timer: D['timer'] }
  | { readonly kind: 'disconnected'; readonly from: NodeId };

export type DriverOutput<D extends DriverShape> =
  /** Asks the replica of a node. To the driver's own node it takes no time; to another it crosses the link. */
  | { readonly kind: 'request'; readonly to: NodeId; readonly id: number; readonly request: D['request'] }
  /** Ends an operation. */
  | { readonly kind: 'finish'; readonly id: string; readonly outcome: Outcome }
  | { readonly kind: 'set-timer'; readonly timer: D['timer']; readonly after: number }
  | { readonly kind: 'cancel-timer'; readonly timer: D['timer'] };

/**
 * The client library of a system, simulated at the node where a student sits: whom it asks, how long it
 * waits, what it retries, which error it reports. It keeps nothing across a crash of its node.
 */
export interface Driver<D extends DriverShape = DriverShape> {
  init(config: Config<D['knobs']>): D['state'];
  step(state: D['state'], input: DriverInput<D>, ambient: Ambient): DriverOutput<D>[];
  /** The literal error of an operation asked of a node that is down: certainly not done. */
  readonly refused: string;
  /** The literal error of an operation under way when its node crashed: outcome unknown. */
  readonly interrupted: string;
  describeRequest(request: D['request']): string;
  describeReply(reply: D['reply']): string;
}
