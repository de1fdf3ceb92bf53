import { draw, mix, streamSeed } from '../base/random.ts';
import type { Table } from '../base/table.ts';
import type { Traffic } from './command.ts';
import {
  Faults,
  type Cut,
  type Fault,
  type FaultsState,
  type NetworkCommand,
  type Quality,
} from './faults.ts';
import type { NodeId } from './operation.ts';

/** The network as plain data. `busy`: for links with messages under way, when the last of them arrives. */
export type NetworkState = FaultsState & {
  readonly busy: readonly (readonly [link: number, until: number])[];
};

/** What becomes of a message: lost, or one arrival time for each copy. */
export type Fate = 'cut' | 'loss' | readonly number[];

/** A cut that comes and goes, or that stops one kind of message only. */
type PartialCut = { readonly cut: Cut; readonly links: ReadonlySet<number> };

/** All directed links of a cluster: the state of each is derived whenever faults or groups change. */
export class Network {
  readonly #size: number;
  readonly #base: Quality;
  readonly #seed: number;
  readonly #ordered: boolean;
  readonly #faults: Faults;
  /** Of each link, how many lasting cuts of all traffic concern it. */
  readonly #cuts: Uint16Array;
  #partialCuts: PartialCut[] = [];
  #quality: Map<number, Quality> = new Map();
  readonly #busyUntil: Float64Array;

  constructor(
    nodes: readonly NodeId[],
    groups: Table<NodeId[]>,
    base: { readonly delay: number; readonly jitter: number },
    channel: 'stream' | 'datagram',
    seed: number,
  ) {
    this.#size = nodes.length;
    this.#base = { ...base, loss: 0, duplication: 0 };
    this.#seed = streamSeed(seed, 'network');
    this.#ordered = channel === 'stream';
    this.#faults = new Faults(nodes, groups);
    this.#cuts = new Uint16Array(nodes.length * nodes.length);
    this.#busyUntil = new Float64Array(nodes.length * nodes.length);
  }

  get groups(): Readonly<Table<NodeId[]>> {
    return this.#faults.groups;
  }

  get faults(): readonly Fault[] {
    return this.#faults.standing;
  }

  /** Whether any link at all is cut, be it now and then. */
  get isPartitioned(): boolean {
    return this.#faults.standing.some(
      (fault) => fault.kind !== 'link' && this.#faults.linksCutBy(fault).length > 0,
    );
  }

  /** Whether a link lets this kind of message through at this time. */
  isCut(from: number, to: number, traffic: Traffic, now: number): boolean {
    const link = from * this.#size + to;
    if (this.#cuts[link] !== 0) return true;
    if (this.#partialCuts.length === 0) return false;
    return this.#partialCuts.some(({ cut, links }) => links.has(link) && stops(cut, traffic, now));
  }

  quality(from: number, to: number): Quality {
    return this.#quality.get(from * this.#size + to) ?? this.#base;
  }

  /**
   * Decides what becomes of message `number` of node `from`, sent now. The draws depend on sender, receiver
   * and number alone: what else goes on in the cluster cannot show in when a message arrives.
   */
  send(from: number, to: number, number: number, traffic: Traffic, now: number): Fate {
    if (this.isCut(from, to, traffic, now)) return 'cut';
    const link = from * this.#size + to;
    const quality = this.#quality.size === 0 ? this.#base : (this.#quality.get(link) ?? this.#base);
    const seed = mix(this.#seed ^ Math.imul(link + 1, 0x9e3779b1));
    if (quality.loss > 0 && draw(seed, 4 * number) % 1_000_000 < quality.loss) return 'loss';
    const first = this.#arrival(link, quality, draw(seed, 4 * number + 1), now);
    if (quality.duplication === 0 || draw(seed, 4 * number + 2) % 1_000_000 >= quality.duplication)
      return [first];
    return [first, this.#arrival(link, quality, draw(seed, 4 * number + 3), now)];
  }

  /** Carries out a command that concerns links or groups. `leader` is who leads now, if anybody does. */
  apply(command: NetworkCommand, now: number, leader: () => NodeId | null): void {
    this.#faults.apply(command, now, leader);
    this.#derive();
  }

  save(now: number): NetworkState {
    const busy: [number, number][] = [];
    this.#busyUntil.forEach((until, link) => {
      if (until > now) busy.push([link, until]);
    });
    return { ...this.#faults.save(), busy };
  }

  load(state: NetworkState): void {
    this.#faults.load(state);
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
    this.#partialCuts = [];
    this.#quality = new Map();
    for (const fault of this.#faults.standing) {
      if (fault.kind === 'link') {
        for (const link of this.#faults.resolve(fault.links)) {
          this.#quality.set(link, { ...(this.#quality.get(link) ?? this.#base), ...fault.quality });
        }
        continue;
      }
      const links = this.#faults.linksCutBy(fault);
      if (fault.flap !== undefined || fault.traffic !== undefined) {
        this.#partialCuts.push({ cut: fault, links: new Set(links) });
      } else {
        for (const link of links) this.#cuts[link] = (this.#cuts[link] ?? 0) + 1;
      }
    }
  }
}

function stops({ traffic: stopped, flap }: Cut, traffic: Traffic, now: number): boolean {
  if (stopped !== undefined && stopped !== traffic) return false;
  return flap === undefined || (now - flap.since) % (flap.down + flap.up) < flap.down;
}
