import { assert, unreachable } from '../base/assert.ts';
import { equal } from '../base/json.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import { LEADER, type ClusterCommand, type Flap, type Side, type Traffic } from './command.ts';
import type { NodeId } from './operation.ts';
import { pairsOfShape, type ShapeName } from './shapes.ts';

/** How well links carry messages. Times in milliseconds, shares per million. */
export type Quality = {
  readonly delay: number;
  readonly jitter: number;
  readonly loss: number;
  readonly duplication: number;
};

/** Links from one set of nodes to another, in both directions unless `oneWay`. */
export type Links = { readonly from: Side; readonly to: Side; readonly oneWay: boolean };

/** Commands about links and groups, as against those about one node. */
export type NetworkCommand = Extract<
  ClusterCommand,
  { kind: 'cut' | 'isolate' | 'shape' | 'sever' | 'link' | 'heal' | 'undo' | 'group' | 'move' }
>;

/**
 * What takes links down. `healed`: links of it that were brought up since. With `flap` it comes and goes,
 * counted from `since`; with `traffic` it stops one kind of message only.
 */
export type Cut = {
  readonly id: number;
  readonly healed: readonly Links[];
  readonly traffic?: Traffic;
  readonly flap?: Flap & { readonly since: number };
} & (
  | { readonly kind: 'cut'; readonly links: Links }
  | { readonly kind: 'isolate'; readonly node: NodeId }
  | {
      readonly kind: 'shape';
      readonly shape: ShapeName;
      readonly sides: number;
      readonly nodes: readonly NodeId[];
    }
  | { readonly kind: 'sever'; readonly pairs: readonly (readonly [from: NodeId, to: NodeId])[] }
);

/** Something done to the network that stands until it is undone or healed. Ids count from 1. */
export type Fault =
  | Cut
  | { readonly id: number; readonly kind: 'link'; readonly links: Links; readonly quality: Partial<Quality> };

/** Groups and faults as plain data. */
export type FaultsState = {
  readonly groups: Table<NodeId[]>;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
};

/**
 * The groups, and the faults that stand. Faults are kept as people made them, because a cut between groups
 * follows whoever is in the groups; which links each of them concerns is worked out when it is asked.
 */
export class Faults {
  readonly #nodes: readonly NodeId[];
  readonly #index: ReadonlyMap<NodeId, number>;
  #groups: Table<NodeId[]>;
  #standing: Fault[] = [];
  #count = 0;

  constructor(nodes: readonly NodeId[], groups: Table<NodeId[]>) {
    this.#nodes = nodes;
    this.#index = new Map(nodes.map((node, index) => [node, index]));
    this.#groups = groups;
  }

  get groups(): Readonly<Table<NodeId[]>> {
    return this.#groups;
  }

  get standing(): readonly Fault[] {
    return this.#standing;
  }

  /** Carries out a command that concerns links or groups. `leader` is who leads now, if anybody does. */
  apply(command: NetworkCommand, now: number, leader: () => NodeId | null): void {
    switch (command.kind) {
      case 'cut':
      case 'isolate':
      case 'shape':
      case 'sever':
        this.#cut(command, now, leader);
        return;
      case 'link':
        this.#change(linksOf(command), qualityOf(command));
        return;
      case 'heal':
        this.#heal(command.between);
        return;
      case 'undo':
        this.#standing = this.#standing.filter(({ id }) => id !== command.fault);
        return;
      case 'group':
        this.#groups = { ...this.#groups, [command.name]: [...command.nodes] };
        return;
      case 'move':
        this.#move(command.node, command.group);
        return;
      default:
        unreachable(command);
    }
  }

  /** The directed links that a cut takes down, each as from × nodes + to. */
  linksCutBy(cut: Cut): number[] {
    const healed = new Set(cut.healed.flatMap((links) => this.resolve(links)));
    return this.#linksMeant(cut).filter((link) => !healed.has(link));
  }

  /** The directed links meant, each once. */
  resolve(links: Links): number[] {
    const from = this.#members(links.from);
    const to = this.#members(links.to);
    const found = new Set<number>();
    for (const a of from) {
      for (const b of to) {
        if (a === b) continue;
        found.add(this.#link(a, b));
        if (!links.oneWay) found.add(this.#link(b, a));
      }
    }
    return [...found];
  }

  save(): FaultsState {
    return { groups: this.#groups, faults: this.#standing, faultCount: this.#count };
  }

  load(state: FaultsState): void {
    this.#groups = { ...state.groups };
    this.#standing = [...state.faults];
    this.#count = state.faultCount;
  }

  #cut(command: NetworkCommand & { kind: Cut['kind'] }, now: number, leader: () => NodeId | null): void {
    const how = {
      ...('traffic' in command && command.traffic !== undefined ? { traffic: command.traffic } : {}),
      ...('flap' in command && command.flap !== undefined ? { flap: { ...command.flap, since: now } } : {}),
    };
    switch (command.kind) {
      case 'cut':
        this.#add((id) => ({ id, kind: 'cut', links: linksOf(command), healed: [], ...how }));
        return;
      case 'isolate': {
        const node = command.node === LEADER ? leader() : command.node;
        // Nobody may lead at the moment a script names; then there is nobody to isolate.
        if (node !== null) this.#add((id) => ({ id, kind: 'isolate', node, healed: [], ...how }));
        return;
      }
      case 'shape': {
        const { shape, sides = 3, nodes = this.#nodes } = command;
        this.#add((id) => ({ id, kind: 'shape', shape, sides, nodes, healed: [], ...how }));
        return;
      }
      case 'sever':
        this.#add((id) => ({ id, kind: 'sever', pairs: command.pairs, healed: [], ...how }));
        return;
      default:
        unreachable(command);
    }
  }

  #add(make: (id: number) => Fault): void {
    this.#standing.push(make(++this.#count));
  }

  /** Sets the quality of links. What was set on the very same links before is taken over, not piled up. */
  #change(links: Links, quality: Partial<Quality>): void {
    const isEarlier = (fault: Fault): fault is Fault & { kind: 'link' } =>
      fault.kind === 'link' && equal(fault.links, links);
    const earlier = this.#standing.find(isEarlier)?.quality ?? {};
    this.#standing = this.#standing.filter((fault) => !isEarlier(fault));
    this.#add((id) => ({ id, kind: 'link', links, quality: { ...earlier, ...quality } }));
  }

  /** Brings links up: all, or those given, whichever faults had cut them. */
  #heal(links: Links | null): void {
    this.#standing = this.#standing.flatMap((fault): Fault[] => {
      if (fault.kind === 'link') return [fault];
      if (links === null || (fault.kind === 'cut' && equal(fault.links, links))) return [];
      const healed = { ...fault, healed: [...fault.healed, links] };
      return this.linksCutBy(healed).length === 0 ? [] : [healed];
    });
  }

  #move(node: NodeId, group: string): void {
    const groups: Table<NodeId[]> = {};
    for (const name of keysOf(this.#groups)) {
      groups[name] = (this.#groups[name] ?? []).filter((member) => member !== node);
    }
    groups[group] = [...(lookUp(groups, group) ?? []), node];
    this.#groups = groups;
  }

  #linksMeant(cut: Cut): number[] {
    switch (cut.kind) {
      case 'cut':
        return this.resolve(cut.links);
      case 'isolate':
        return this.resolve({ from: { nodes: [cut.node] }, to: { nodes: [...this.#nodes] }, oneWay: false });
      case 'shape': {
        const order = cut.nodes.map((node) => this.#indexOf(node));
        return pairsOfShape(cut.shape, order.length, cut.sides).map(([from, to]) =>
          this.#link(order[from] ?? 0, order[to] ?? 0),
        );
      }
      case 'sever':
        return cut.pairs.map(([from, to]) => this.#link(this.#indexOf(from), this.#indexOf(to)));
      default:
        return unreachable(cut);
    }
  }

  #members(side: Side): number[] {
    const names = 'group' in side ? (lookUp(this.#groups, side.group) ?? []) : side.nodes;
    return names.map((name) => this.#indexOf(name));
  }

  #indexOf(node: NodeId): number {
    const index = this.#index.get(node);
    assert(index !== undefined, `a fault names ${node}, which is no node`);
    return index;
  }

  #link(from: number, to: number): number {
    return from * this.#nodes.length + to;
  }
}

function linksOf({ from, to, oneWay }: Links): Links {
  return { from, to, oneWay };
}

/** The qualities a command names; the others stay as they are. */
function qualityOf(command: NetworkCommand & { kind: 'link' }): Partial<Quality> {
  const { delay, jitter, loss, duplication } = command;
  return {
    ...(delay === undefined ? {} : { delay }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss }),
    ...(duplication === undefined ? {} : { duplication }),
  };
}
