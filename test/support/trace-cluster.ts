import { canonical } from '../../shared/base/json.ts';
import { draw } from '../../shared/base/random.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../shared/sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../shared/sim/operation.ts';
import type { Input, Output, Protocol, Shape } from '../../shared/sim/protocol.ts';

/** What a folder of traces is about. */
export type TraceSubject = {
  readonly protocol: Protocol;
  readonly driver: Driver;
  /** The settings; a trace changes single ones with `knob`. */
  readonly knobs: object;
  /** Reads the rest of a `disk` command as what a replica finds on its disk at its first start. */
  readonly disk?: (text: string) => unknown;
  /** Commands that bring the cluster to where most of its traces begin: `opened`. */
  readonly opening?: readonly string[];
};

type TraceNode = {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly replica: object;
  readonly driver: object;
  readonly replicaTimers: Map<string, number>;
  readonly driverTimers: Map<string, number>;
  up: boolean;
};

/** What is under way on a link: between replicas, or between a driver and the replica of another node. */
type Flying = { readonly from: NodeId; readonly to: NodeId } & (
  | { readonly kind: 'message'; readonly message: object }
  | { readonly kind: 'request'; readonly id: number; readonly request: object }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: object }
);

/** The cluster of a trace: the same replicas and drivers as in a world, with the network and the clock in the hands of the script. */
export class TraceCluster {
  readonly #subject: TraceSubject;
  readonly #nodes = new Map<NodeId, TraceNode>();
  readonly #disks = new Map<NodeId, unknown>();
  readonly #operations = new Map<NodeId, number>();
  readonly #cut = new Set<string>();
  readonly #quiet = new Set<string>();
  #knobs: object;
  #spares: readonly NodeId[] = [];
  #flying: Flying[] = [];
  #now = 0;
  #random: number | null = null;
  #draws = 0;
  #brief = false;
  #outcomes: string[] = [];

  constructor(subject: TraceSubject) {
    this.#subject = subject;
    this.#knobs = subject.knobs;
  }

  get opening(): readonly string[] {
    return this.#subject.opening ?? [];
  }

  /** What has happened since it was last asked. */
  takeOutcomes(): string[] {
    return this.#outcomes.splice(0);
  }

  setKnob(name: string, value: unknown): void {
    this.#knobs = { ...this.#knobs, [name]: value };
  }

  /** Nodes that are no members at the beginning. */
  spare(ids: readonly NodeId[]): void {
    this.#spares = ids;
  }

  hush(timers: readonly string[]): void {
    for (const timer of timers) this.#quiet.add(timer);
  }

  fixRandom(value: number): void {
    this.#random = value;
  }

  writeDisk(id: NodeId, text: string): void {
    if (this.#subject.disk === undefined) throw new Error('these traces have no disks to write');
    this.#disks.set(id, this.#subject.disk(text));
  }

  start(ids: readonly NodeId[]): void {
    for (const id of ids) this.#boot(id, ids, 1);
    for (const id of ids) this.#begin(id);
  }

  restart(id: NodeId): void {
    this.#boot(id, [...this.#nodes.keys()], this.#node(id).incarnation + 1);
    this.#begin(id);
  }

  crash(id: NodeId): void {
    const node = this.#node(id);
    this.#disks.set(id, JSON.parse(JSON.stringify(this.#subject.protocol.durable(node.replica))));
    node.up = false;
    node.replicaTimers.clear();
    node.driverTimers.clear();
  }

  submit(id: NodeId, request: object): void {
    const count = (this.#operations.get(id) ?? 0) + 1;
    this.#operations.set(id, count);
    if (!this.#node(id).up) this.#say(`${id}/${count} fail: ${this.#subject.driver.refused}`);
    else
      this.#stepDriver(id, {
        kind: 'operation',
        operation: { id: `${id}/${count}`, ...request } as Operation,
      });
  }

  deliver(link: string, all: boolean): void {
    for (const item of this.#take(link, all)) this.#deliver(item);
  }

  drop(link: string, all: boolean): void {
    for (const item of this.#take(link, all)) this.#say(`lost: ${this.#describe(item)}`);
  }

  settle(): void {
    this.#brief = true;
    for (let steps = 0; this.#flying.length > 0; steps++) {
      if (steps > 10_000) throw new Error('does not settle');
      this.#deliver(this.#flying.shift() as Flying);
    }
    this.#brief = false;
  }

  fire(id: NodeId, timer: string, briefly: boolean): void {
    const { replicaTimers, driverTimers } = this.#node(id);
    const timers = replicaTimers.has(timer) ? replicaTimers : driverTimers;
    const due = timers.get(timer);
    if (due === undefined) {
      const names = [...replicaTimers.keys(), ...driverTimers.keys()].join(', ');
      throw new Error(`${id} has not set ${timer}; it has set ${names || 'nothing'}`);
    }
    timers.delete(timer);
    this.#now = Math.max(this.#now, due);
    this.#brief = briefly;
    if (timers === replicaTimers) this.#stepReplica(id, { kind: 'timer', timer });
    else this.#stepDriver(id, { kind: 'timer', timer });
    this.#brief = false;
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(`${from}->${to}`);
  }

  heal(): void {
    this.#cut.clear();
  }

  tellState(ids: readonly NodeId[]): void {
    for (const id of ids.length > 0 ? ids : this.#nodes.keys()) {
      const node = this.#node(id);
      this.#say(`${id}: ${node.up ? this.#subject.protocol.describeState(node.replica) : 'down'}`);
    }
  }

  tellUnderWay(): void {
    for (const item of this.#flying) this.#say(this.#describe(item));
  }

  #boot(id: NodeId, nodes: readonly NodeId[], incarnation: number): void {
    const { protocol, driver } = this.#subject;
    const members = nodes.filter((node) => !this.#spares.includes(node));
    const config = { self: id, nodes, members, knobs: this.#knobs, incarnation };
    this.#nodes.set(id, {
      id,
      incarnation,
      replica: protocol.init(config, this.#disks.get(id) ?? null),
      driver: driver.init(config),
      replicaTimers: new Map(),
      driverTimers: new Map(),
      up: true,
    });
  }

  #begin(id: NodeId): void {
    this.#stepReplica(id, { kind: 'start' });
    this.#stepDriver(id, { kind: 'start' });
  }

  #node(id: NodeId): TraceNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`there is no replica ${id}`);
    return node;
  }

  #ambient(): { now: number; random: number } {
    return { now: this.#now, random: this.#random ?? draw(1, this.#draws++) };
  }

  #stepReplica(id: NodeId, input: Input<Shape>): void {
    const outputs = this.#subject.protocol.step(this.#node(id).replica, input, this.#ambient());
    for (const output of outputs) this.#carryOut(id, output);
  }

  #stepDriver(id: NodeId, input: DriverInput<DriverShape>): void {
    const outputs = this.#subject.driver.step(this.#node(id).driver, input, this.#ambient());
    for (const output of outputs) this.#carryOutDriver(id, output);
  }

  #carryOut(id: NodeId, output: Output<Shape>): void {
    const { replicaTimers } = this.#node(id);
    if (output.kind === 'send')
      this.#send({ kind: 'message', from: id, to: output.to, message: output.message });
    else if (output.kind === 'reply') {
      this.#send({ kind: 'reply', from: id, to: output.to, id: output.id, reply: output.reply });
    } else if (output.kind === 'persist') this.#detail(`${id} persists`);
    else if (output.kind === 'mark') this.#say(`${id} * ${output.mark.text}`);
    else if (output.kind === 'halt') this.#say(`${id} gives up: ${output.reason}`);
    else if (output.kind === 'set-timer') this.#setTimer(id, replicaTimers, output.timer, output.after);
    else replicaTimers.delete(output.timer);
  }

  #carryOutDriver(id: NodeId, output: DriverOutput<DriverShape>): void {
    const { driverTimers } = this.#node(id);
    if (output.kind === 'request') {
      this.#send({ kind: 'request', from: id, to: output.to, id: output.id, request: output.request });
    } else if (output.kind === 'finish') this.#say(`${output.id} ${describeOutcome(output.outcome)}`);
    else if (output.kind === 'set-timer') this.#setTimer(id, driverTimers, output.timer, output.after);
    else driverTimers.delete(output.timer);
  }

  #setTimer(id: NodeId, timers: Map<string, number>, timer: string, after: number): void {
    timers.set(timer, this.#now + after);
    if (!this.#quiet.has(timer)) this.#detail(`${id} sets timer ${timer} ${after} ms`);
  }

  /** A driver and the replica of its own node are one machine: nothing is under way between them. */
  #send(item: Flying): void {
    const { from, to } = item;
    if (from === to && item.kind !== 'message') {
      this.#detail(`${from} ${this.#text(item)}`);
      this.#arrive(item);
      return;
    }
    this.#detail(`${from} sends ${to} ${this.#text(item)}`);
    if (this.#cut.has(`${from}->${to}`)) this.#detail(`  lost: ${from}->${to} is cut`);
    else this.#flying.push(item);
  }

  #deliver(item: Flying): void {
    const { from, to } = item;
    if (!this.#node(to).up) this.#detail(`lost: ${this.#describe(item)}: ${to} is down`);
    else if (this.#cut.has(`${from}->${to}`)) this.#detail(`lost: ${this.#describe(item)}: the link is cut`);
    else {
      this.#detail(this.#describe(item));
      this.#arrive(item);
    }
  }

  #arrive(item: Flying): void {
    const { from, to } = item;
    if (item.kind === 'message') this.#stepReplica(to, { kind: 'message', from, message: item.message });
    else if (item.kind === 'request')
      this.#stepReplica(to, { kind: 'request', from, id: item.id, request: item.request });
    else this.#stepDriver(to, { kind: 'reply', from, id: item.id, reply: item.reply });
  }

  /** Takes what is under way: `n1->n2` the oldest or all of it, `n1->*`, `*->n2`, `all`. */
  #take(link: string, all: boolean): Flying[] {
    const [from = '', to = ''] = link === 'all' ? ['*', '*'] : link.split('->');
    const matches = (item: Flying) => [item.from, '*'].includes(from) && [item.to, '*'].includes(to);
    const matching = this.#flying.filter(matches);
    const taken = all || from === '*' || to === '*' ? matching : matching.slice(0, 1);
    this.#flying = this.#flying.filter((item) => !taken.includes(item));
    return taken;
  }

  #describe(item: Flying): string {
    return `${item.from}->${item.to} ${this.#text(item)}`;
  }

  #text(item: Flying): string {
    if (item.kind === 'message') return this.#subject.protocol.describeMessage(item.message);
    if (item.kind === 'request') return `asks ${this.#subject.driver.describeRequest(item.request)}`;
    return `answers ${this.#subject.driver.describeReply(item.reply)}`;
  }

  #say(outcome: string): void {
    this.#outcomes.push(outcome);
  }

  #detail(outcome: string): void {
    if (!this.#brief) this.#say(outcome);
  }
}

function describeOutcome(outcome: Outcome): string {
  return outcome.class === 'ok' ? `ok ${canonical(outcome.result)}` : `${outcome.class}: ${outcome.error}`;
}
