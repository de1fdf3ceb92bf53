import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Spot } from './ring.ts';

/** A pointer that moved less than this has clicked. */
const THRESHOLD = 6;

/** A node being dragged: where it is now, and over which group. */
export type Dragged = { readonly node: NodeId; readonly spot: Spot; readonly over: number | null };

/** What a drag needs of the picture it happens on. */
export interface DragHost {
  /** A place in the window as a place on the picture. */
  spotOf(event: PointerEvent): Spot;
  groupAt(spot: Spot): number | null;
  drop(node: NodeId, group: number): void;
}

/** Dragging a node from one group to another, with a mouse, a pen or a finger. Escape calls it off. */
export class Drag {
  now: Dragged | null = $state.raw(null);
  readonly #host: DragHost;
  #start: { readonly node: NodeId; readonly x: number; readonly y: number } | null = null;

  constructor(host: DragHost) {
    this.#host = host;
  }

  begin(event: PointerEvent, node: NodeId): void {
    if (event.button !== 0) return;
    this.#start = { node, x: event.clientX, y: event.clientY };
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  }

  move(event: PointerEvent): void {
    if (this.#start === null) return;
    const far = Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y);
    if (this.now === null && far < THRESHOLD) return;
    const spot = this.#host.spotOf(event);
    this.now = { node: this.#start.node, spot, over: this.#host.groupAt(spot) };
  }

  /** True when the node was dragged, and the click that follows means nothing. */
  end(): boolean {
    const dragged = this.now;
    this.cancel();
    if (dragged === null) return false;
    if (dragged.over !== null) this.#host.drop(dragged.node, dragged.over);
    return true;
  }

  cancel(): void {
    this.#start = null;
    this.now = null;
  }
}
