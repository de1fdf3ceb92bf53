import type { NodeId } from '../../../shared/sim/operation.ts';
import type { GroupPicture } from './groups.ts';
import type { Layout } from './layout.ts';
import { reversed, routeThrough, routeWithin, tubeOf, type Route, type Tube } from './route.ts';

/** All ways on one laid-out picture, each worked out when it is first asked for. */
export class Routes {
  readonly #layout: Layout;
  readonly #groupOf = new Map<NodeId, number>();
  readonly #tubes = new Map<string, Tube>();
  readonly #routes = new Map<string, Route | null>();

  constructor(layout: Layout, groups: readonly GroupPicture[]) {
    this.#layout = layout;
    groups.forEach((group, index) => group.nodes.forEach((node) => this.#groupOf.set(node, index)));
  }

  /** The tube from one group to another. */
  tube(from: number, to: number): Tube {
    if (from > to) return reversed(this.tube(to, from));
    const key = `${from} ${to}`;
    let tube = this.#tubes.get(key);
    if (tube === undefined) this.#tubes.set(key, (tube = tubeOf(this.#layout, from, to)));
    return tube;
  }

  /** A message's way; null while one of the nodes is not in the picture. */
  between(from: NodeId, to: NodeId): Route | null {
    const key = `${from} ${to}`;
    let route = this.#routes.get(key);
    if (route === undefined) this.#routes.set(key, (route = this.#find(from, to)));
    return route;
  }

  #find(from: NodeId, to: NodeId): Route | null {
    const [start, end] = [this.#layout.spots.get(from), this.#layout.spots.get(to)];
    const [own, other] = [this.#groupOf.get(from), this.#groupOf.get(to)];
    if (start === undefined || end === undefined || own === undefined || other === undefined) return null;
    return own === other ? routeWithin(start, end) : routeThrough(start, this.tube(own, other), end);
  }
}
