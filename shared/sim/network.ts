import { unreachable } from '../base/assert.ts';
import { equal } from '../base/json.ts';
import { draw, mix, streamSeed } from '../base/random.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import { LEADER, type ClusterCommand, type Side } from './command.ts';
import type { NodeId } from './operation.ts';

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
  { kind: 'cut' | 'isolate' | 'link' | 'heal' | 'undo' | 'group' | 'move' }
>;

/** Something done to the network that stands until it is undone or healed. Ids count from 1. */
export type Fault =
  | { readonly id: number; readonly kind: 'cut'; readonly links: Links; readonly healed: readonly Links[] }
  | {
      readonly id: number;
      readonly kind: 'isolate';
      readonly node: NodeId;
      readonly healed: readonly Links[];
    }
  | { readonly id: number; readonly kind: 'link'; readonly links: Links; readonly quality: Partial<Quality> };

/** The network as plain data. `busy`: for links with messages under way, when the last of them arrives. */
export type NetworkState = {
  readonly groups: Table<NodeId[]>;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  readonly busy: readonly (readonly [link: number, until: number])[];
};

/** What becomes of a message: lost, or one arrival time for each copy. */
export type Fate = 'cut' | 'loss' | readonly number[];

/**
 * All directed links of a cluster. Faults are kept as people made them, because a cut between groups
 * follows whoever is in the groups; the state of each link is derived whenever faults or groups change.
 */
export class Network {
  readonly #nodes: readonly NodeId[];
  readonly #index: ReadonlyMap<NodeId, number>;
  readonly #base: Quality;
  readonly #seed: number;
  readonly #ordered: boolean;
  #groups: Table<NodeId[]>;
  #faults: Fault[] = [];
  #faultCount = 0;
  readonly #cuts: Uint16Array;
  #partitioned = false;
  #quality: Map<number, Quality> = new Map();
  readonly #busyUntil: Float64Array;

  constructor(
    nodes: readonly NodeId[],
    groups: Table<NodeId[]>,
    base: { readonly delay: number; readonly jitter: number },
    channel: 'stream' | 'datagram',
    seed: number,
  ) {
    this.#nodes = nodes;
    this.#index = new Map(nodes.map((node, index) => [node, index]));
    this.#base = { ...base, loss: 0, duplication: 0 };
    this.#seed = streamSeed(seed, 'network');
    this.#ordered = channel === 'stream';
    this.#groups = groups;
    this.#cuts = new Uint16Array(nodes.length * nodes.length);
    this.#busyUntil = new Float64Array(nodes.length * nodes.length);
  }

  get groups(): Readonly<Table<NodeId[]>> {
    return this.#groups;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Whether any link at all is cut. */
  get isPartitioned(): boolean {
    return this.#partitioned;
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * this.#nodes.length + to] !== 0;
  }

  quality(from: number, to: number): Quality {
    return this.#quality.get(from * this.#nodes.length + to) ?? this.#base;
  }

  /**
   * Decides what becomes of message `number` of node `from`, sent now. The draws depend on sender, receiver
   * and number alone: what else goes on in the cluster cannot show in when a message arrives.
   */
  send(from: number, to: number, number: number, now: number): Fate {
    const link = from * this.#nodes.length + to;
    if (this.#cuts[link] !== 0) return 'cut';
    const quality = this.#quality.size === 0 ? this.#base : (this.#quality.get(link) ?? this.#base);
    const seed = mix(this.#seed ^ Math.imul(link + 1, 0x9e3779b1));
    if (quality.loss > 0 && draw(seed, 4 * number) % 1_000_000 < quality.loss) return 'loss';
    const first = this.#arrival(link, quality, draw(seed, 4 * number + 1), now);
    if (quality.duplication === 0 || draw(seed, 4 * number + 2) % 1_000_000 >= quality.duplication)
      return [first];
    return [first, this.#arrival(link, quality, draw(seed, 4 * number + 3), now)];
  }

  /** Carries out a command that concerns links or groups. `leader` is who leads now, if anybody does. */
  apply(command: NetworkCommand, leader: () => NodeId | null): void {
    switch (command.kind) {
      case 'cut': {
        const links = { from: command.from, to: command.to, oneWay: command.oneWay };
        this.#faults.push({ id: ++this.#faultCount, kind: 'cut', links, healed: [] });
        break;
      }
      case 'isolate': {
        const node = command.node === LEADER ? leader() : command.node;
        // Nobody may lead at the moment a script names; then there is nobody to isolate.
        if (node !== null) this.#faults.push({ id: ++this.#faultCount, kind: 'isolate', node, healed: [] });
        break;
      }
      case 'link':
        this.#faults.push({
          id: ++this.#faultCount,
          kind: 'link',
          links: { from: command.from, to: command.to, oneWay: command.oneWay },
          quality: qualityOf(command),
        });
        break;
      case 'heal':
        this.#heal(command.between);
        break;
      case 'undo':
        this.#faults = this.#faults.filter(({ id }) => id !== command.fault);
        break;
      case 'group':
        this.#groups = { ...this.#groups, [command.name]: [...command.nodes] };
        break;
      case 'move':
        this.#move(command.node, command.group);
        break;
      default:
        unreachable(command);
    }
    this.#derive();
  }

  /** Brings links up: all, or those given, whichever faults had cut them. */
  #heal(links: Links | null): void {
    this.#faults = this.#faults.flatMap((fault): Fault[] => {
      if (fault.kind === 'link') return [fault];
      if (links === null || (fault.kind === 'cut' && equal(fault.links, links))) return [];
      const healed = { ...fault, healed: [...fault.healed, links] };
      return this.#linksCutBy(healed).length === 0 ? [] : [healed];
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

  save(now: number): NetworkState {
    const busy: [number, number][] = [];
    this.#busyUntil.forEach((until, link) => {
      if (until > now) busy.push([link, until]);
    });
    return { groups: this.#groups, faults: this.#faults, faultCount: this.#faultCount, busy };
  }

  load(state: NetworkState): void {
    this.#groups = { ...state.groups };
    this.#faults = [...state.faults];
    this.#faultCount = state.faultCount;
    this.#busyUntil.fill(0);
    for (const [link, until] of state.busy) this.#busyUntil[link] = until;
    this.#derive();
  }

  #arrival(link: number, quality: Quality, random: number, now: number): number {
    const at = now + quality.delay + (quality.jitter === 0 ? 0 : random % (quality.jitter + 1));
    if (!this.#ordered) return at;
    // A stream delivers in order: what was sent later waits for what was sent before.
    const arrival = Math.max(at, this.#busyUntil[link] ?? 0);
    this.#busyUntil[link] = arrival;
    return arrival;
  }

  #derive(): void {
    this.#cuts.fill(0);
    this.#partitioned = false;
    this.#quality = new Map();
    for (const fault of this.#faults) {
      if (fault.kind === 'link') {
        for (const link of this.#resolve(fault.links)) {
          this.#quality.set(link, { ...(this.#quality.get(link) ?? this.#base), ...fault.quality });
        }
        continue;
      }
      for (const link of this.#linksCutBy(fault)) {
        this.#cuts[link] = (this.#cuts[link] ?? 0) + 1;
        this.#partitioned = true;
      }
    }
  }

  #linksCutBy(fault: Fault & { kind: 'cut' | 'isolate' }): number[] {
    const healed = new Set(fault.healed.flatMap((links) => this.#resolve(links)));
    return this.#resolve(linksOf(fault, this.#nodes)).filter((link) => !healed.has(link));
  }

  /** The directed links meant, each once. */
  #resolve(links: Links): number[] {
    const from = this.#members(links.from);
    const to = this.#members(links.to);
    const found = new Set<number>();
    const size = this.#nodes.length;
    for (const a of from) {
      for (const b of to) {
        if (a === b) continue;
        found.add(a * size + b);
        if (!links.oneWay) found.add(b * size + a);
      }
    }
    return [...found];
  }

  #members(side: Side): number[] {
    const names = 'group' in side ? (lookUp(this.#groups, side.group) ?? []) : side.nodes;
    return names.map((name) => this.#index.get(name) ?? -1).filter((index) => index >= 0);
  }
}

function linksOf(fault: Fault & { kind: 'cut' | 'isolate' }, nodes: readonly NodeId[]): Links {
  switch (fault.kind) {
    case 'cut':
      return fault.links;
    case 'isolate':
      return { from: { nodes: [fault.node] }, to: { nodes: [...nodes] }, oneWay: false };
    default:
      return unreachable(fault);
  }
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
