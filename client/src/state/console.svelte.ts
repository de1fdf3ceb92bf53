import { systemOf } from '../../../shared/recording/setup.ts';
import type { Side } from '../../../shared/sim/command.ts';
import type { System } from '../../../shared/systems/system.ts';
import { findWorkload } from '../../../shared/workloads/index.ts';
import type { Workload } from '../../../shared/workloads/workload.ts';
import type { NodeId, OperationRecord, Options } from '../../../shared/sim/operation.ts';
import type { Picture } from '../cluster/picture.ts';
import { LiveJudge } from '../judge/live-judge.svelte.ts';
import type { Connection } from '../net/connection.ts';
import { LivePast } from '../spacetime/live-past.ts';
import { Commands } from './commands.svelte.ts';
import { ConnectionState } from './connection.svelte.ts';
import { Checklist } from './console-checklist.svelte.ts';
import { FaultList, type StandingFault } from './console-faults.ts';
import { groupOf, groupsOf, type Group } from './console-groups.ts';
import { History, latest, SideTallies, type SideTally } from './console-history.ts';
import { inspect, type Inspection } from './console-inspect.ts';
import { countHere, Roster, type RosterRow, type Told } from './console-roster.ts';
import { steady } from './console-steady.ts';
import type { Draft } from './request-draft.ts';
import { LiveMoments } from './live-moments.svelte.ts';
import { recall, remember } from './storage.ts';
import { Watch } from './watch.svelte.ts';

/** What lies over the console, if anything. */
export type Overlay = 'join' | 'links' | 'keys' | 'end';
/** The panels beside the picture. On a phone one of all is shown at a time. */
export type Panel = 'faults' | 'node' | 'judge' | 'moments' | 'groups' | 'people' | 'feed';

/** An operation as it is filled in; empty texts stand for the workload's first key, value and other key. */
export type OperateForm = Omit<Draft, 'kind'> & {
  readonly kind: OperationRecord['kind'] | null;
  readonly options: Options;
};

/** How many operations the feed shows. */
const FEED_MAX = 60;

/**
 * Everything an instructor's console knows: the class as it is watched, what can be asked of it, and what
 * of it is open on this screen. What follows from the fold is derived, and changes only when it differs.
 */
export class ConsoleState {
  readonly code: string;
  readonly connection: ConnectionState;
  readonly watch: Watch;
  readonly commands: Commands;
  readonly checklist: Checklist;
  readonly history = new History();
  readonly judge = new LiveJudge();
  /** What has happened lately, for the diagram. */
  readonly past = new LivePast();
  readonly moments = new LiveMoments();

  /** The node whose inspector is open. */
  selected: NodeId | null = $state(null);
  /** The groups chosen for the next cut, in the order of choice. */
  chosen: readonly string[] = $state.raw([]);
  /** What the form for operations holds; it stays while one goes from node to node. */
  operateForm: OperateForm = $state.raw({
    kind: null,
    key: '',
    value: '',
    expected: '',
    to: '',
    options: {},
  });
  overlay: Overlay | null = $state(null);
  #panel: Panel = $state('faults');
  /** Where there is room for three columns, what the outer two show. */
  left: 'people' | 'groups' = $state('people');
  right: 'faults' | 'node' | 'judge' | 'moments' = $state('faults');
  /** What the middle shows of the cluster: how it stands, or what happened lately. */
  stage: 'cluster' | 'diagram' = $state('cluster');
  /** The address that links and QR codes carry, where the instructor chose another than the server's first. */
  chosenJoinUrl: string | null = $state(null);

  readonly #faultList = new FaultList();
  readonly #roster = new Roster();
  readonly #sideTallies = new SideTallies();
  /** Groups without members that were put away. */
  #hidden: readonly string[] = $state.raw([]);
  readonly #told: Told = $derived.by(() => ({ people: this.watch.people, at: Date.now() }));
  readonly #readFaults = steady(() => {
    const { fold, entries } = this.watch;
    return fold === null ? [] : this.#faultList.read(fold, entries);
  });
  readonly #readGroups = steady(() => (this.watch.fold === null ? [] : groupsOf(this.watch.fold.world)));
  readonly #readFeed = steady(() => (this.watch.fold === null ? [] : latest(this.watch.fold, FEED_MAX)));
  readonly #inspect = steady(() => {
    const { fold } = this.watch;
    return fold === null || this.selected === null ? null : inspect(fold, this.selected);
  });
  readonly #readTallies = steady(() => {
    const { fold, situation } = this.watch;
    return fold === null || situation === null ? [] : this.#sideTallies.read(fold, situation.sides);
  });
  readonly #readClass = steady(() => this.watch.fold?.class ?? null);

  #lastPicture: Picture | null = null;
  /** While the recording comes anew the last picture stays: a blank one would say that the cluster is gone. */
  readonly picture: Picture | null = $derived.by(
    () => (this.#lastPicture = this.watch.picture ?? this.#lastPicture),
  );
  readonly faults: readonly StandingFault[] = $derived.by(() => this.#follow(this.#readFaults));
  readonly groups: readonly Group[] = $derived.by(() => this.#follow(this.#readGroups));
  readonly feed: readonly OperationRecord[] = $derived.by(() => this.#follow(this.#readFeed));
  readonly class = $derived.by(() => this.#follow(this.#readClass));
  readonly roster: readonly RosterRow[] = $derived.by(() =>
    this.#follow(() => {
      if (this.watch.fold === null) return [];
      this.history.read(this.watch.fold);
      return this.#roster.read(this.watch.fold, this.#told, this.history);
    }),
  );
  readonly attendance = $derived(countHere(this.roster));
  readonly leader: NodeId | null = $derived.by(() =>
    this.#follow(() => this.watch.fold?.world.leader ?? null),
  );
  readonly system: System | null = $derived.by(() =>
    this.watch.fold === null ? null : systemOf(this.watch.fold.header),
  );
  readonly workload: Workload | null = $derived.by(() =>
    this.watch.fold === null ? null : (findWorkload(this.watch.fold.header.workload) ?? null),
  );
  readonly nodes: readonly NodeId[] = $derived.by(() => this.watch.fold?.header.nodes ?? []);
  readonly joinUrl: string | null = $derived.by(() => this.chosenJoinUrl ?? this.watch.joinUrls[0] ?? null);

  readonly inspection: Inspection | null = $derived.by(() => this.#follow(this.#inspect));
  readonly tallies: readonly SideTally[] = $derived.by(() => this.#follow(this.#readTallies));
  /** People's names by node, for labels; bots have none. */
  readonly names: Readonly<Record<NodeId, string>> = $derived(namesOf(this.roster));
  /** Groups to choose from: all but empty ones that were put away. */
  readonly shownGroups: readonly Group[] = $derived(
    this.groups.filter((group) => group.nodes.length > 0 || !this.#hidden.includes(group.name)),
  );

  constructor(code: string, connection: Connection) {
    this.code = code;
    this.connection = new ConnectionState(connection);
    this.watch = new Watch({ askAnew: () => connection.reconnect(), onlooker: this.past });
    this.commands = new Commands(connection);
    const kept = `checklist:${code}`;
    this.checklist = new Checklist(recall(kept), (text) => remember(kept, text));
  }

  /** Opens the inspector of a node, or closes it. */
  select(node: NodeId | null): void {
    this.selected = node;
    if (node !== null) this.show('node');
    else if (this.right === 'node') this.show('faults');
  }

  get panel(): Panel {
    return this.#panel;
  }

  show(panel: Panel): void {
    this.#panel = panel;
    if (panel === 'people' || panel === 'groups') this.left = panel;
    if (panel === 'faults' || panel === 'node' || panel === 'judge' || panel === 'moments')
      this.right = panel;
  }

  /** Has it worked out what this page did not see of the class, where that is anything. */
  recollect(): void {
    const { since, recollection } = this.judge;
    const { fold } = this.watch;
    if (since !== null && recollection.recalled === null && fold !== null)
      void recollection.recall(fold.header.id);
  }

  /** Virtual time from which operations are counted by side. */
  get talliedSince(): number {
    void this.tallies;
    return this.#sideTallies.since;
  }

  /** Where other devices reach this server: an address that says `localhost` is of no use to them. */
  get origin(): string {
    return this.joinUrl === null ? location.origin : new URL(this.joinUrl).origin;
  }

  /** A group of the picture as a command names it; the nameless one is whoever is in none. */
  sideOf(group: string): Side {
    if (group !== '') return { group };
    return { nodes: this.nodes.filter((node) => groupOf(this.groups, node) === null) };
  }

  hideGroup(name: string): void {
    this.#hidden = [...this.#hidden, name];
  }

  showGroup(name: string): void {
    this.#hidden = this.#hidden.filter((other) => other !== name);
  }

  /** Reads from the fold whenever it has moved on. */
  #follow<T>(read: () => T): T {
    // A command takes effect without time passing, and time passes without a command.
    void this.watch.now;
    void this.watch.entries;
    return read();
  }
}

function namesOf(roster: readonly RosterRow[]): Record<NodeId, string> {
  const names: Record<NodeId, string> = {};
  for (const { node, name } of roster) if (name !== null) names[node] = name;
  return names;
}
