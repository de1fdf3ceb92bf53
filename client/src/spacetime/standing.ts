import type { World } from '../../../shared/sim/world.ts';
import { faultText } from '../messages/console-faults.ts';
import { describeNetworkFault } from '../state/console-faults.ts';
import type { Span, SpanWhat } from './chunk.ts';

/** Follows what stands in a world: faults, nodes that are down or paused, and who can reach whom. */
export class Standing {
  #open = new Map<string, { readonly from: number; readonly what: SpanWhat }>();
  #spans: Span[] = [];

  /** Begins anew with what stands now. */
  reset(world: World, at: number): void {
    this.#open.clear();
    this.#spans = [];
    this.look(world, at);
  }

  /** Looks again at a world in which something has changed at this time. */
  look(world: World, at: number): void {
    const now = new Map(standingIn(world));
    for (const key of this.#open.keys()) if (!now.has(key)) this.#close(key, at);
    for (const [key, what] of now) if (!this.#open.has(key)) this.#open.set(key, { from: at, what });
  }

  /** All that stood up to this time. What still stands goes on from here. */
  take(at: number): Span[] {
    for (const [key, { what }] of [...this.#open]) {
      this.#close(key, at);
      this.#open.set(key, { from: at, what });
    }
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }

  #close(key: string, until: number): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (open !== undefined && open.from < until) this.#spans.push({ ...open.what, from: open.from, until });
  }
}

/** What stands, each under a key that is the same as long as it stands unchanged. */
function standingIn(world: World): [key: string, what: SpanWhat][] {
  const found: [string, SpanWhat][] = world.faults.map((fault) => {
    const text = faultText(describeNetworkFault(fault));
    return [`fault ${fault.id} ${text}`, { kind: 'fault', id: fault.id, cuts: fault.kind !== 'link', text }];
  });
  world.setup.nodes.forEach((id, node) => {
    const { up, paused } = world.node(id);
    const kind = !up ? 'down' : paused ? 'paused' : null;
    if (kind !== null) found.push([`${kind} ${node}`, { kind, node }]);
  });
  if (world.wholeSince === null) {
    const sides = sidesOf(world);
    if (sides.some((side) => side > 0)) found.push([`sides ${sides.join()}`, { kind: 'sides', sides }]);
  }
  return found;
}

/** Which nodes reach each other both ways, directly or through others, be they running or not. */
function sidesOf(world: World): number[] {
  const { nodes } = world.setup;
  const sides = new Array<number>(nodes.length).fill(-1);
  let count = 0;
  for (let first = 0; first < nodes.length; first++) {
    if (sides[first] !== -1) continue;
    const reached = [first];
    sides[first] = count;
    for (const node of reached) {
      for (let other = first + 1; other < nodes.length; other++) {
        const [a = '', b = ''] = [nodes[node], nodes[other]];
        if (sides[other] !== -1 || world.isCut(a, b) || world.isCut(b, a)) continue;
        sides[other] = count;
        reached.push(other);
      }
    }
    count++;
  }
  return sides;
}
