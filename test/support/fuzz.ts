import { InvariantError } from '../../shared/base/assert.ts';
import { draw, streamSeed } from '../../shared/base/random.ts';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { Driver } from '../../shared/sim/driver.ts';
import {
  isAdministration,
  isMembershipChange,
  type NodeId,
  type OperationRecord,
  type OperationRequest,
} from '../../shared/sim/operation.ts';
import type { Mark, Protocol } from '../../shared/sim/protocol.ts';
import { LOSS_CAUSES } from '../../shared/sim/timeline.ts';
import { World } from '../../shared/sim/world.ts';
import { nextFault, repairs, type FaultKind } from './fuzz-faults.ts';

/** A claim about every run did not hold in one. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

/** The claims about one run. Each method throws a Violation when a claim does not hold. */
export interface Invariants {
  /** After every input of every node: what can have changed is that node. */
  afterInput?(world: World, node: NodeId): void;
  /** After the faults have ended and the cluster had time to recover. */
  afterRecovery?(world: World): void;
}

/** What is fuzzed: a system, what people ask of it, what is done to it, and what must hold all the same. */
export type FuzzSubject = {
  readonly protocol: Protocol;
  readonly driver: Driver;
  readonly knobs: object;
  /** One of these numbers of nodes is drawn. */
  readonly sizes: readonly number[];
  /** How many of them, the last ones, are spare machines at first. */
  readonly spares?: number;
  readonly faults: readonly FaultKind[];
  /** How long faults come, and how long the cluster then has to recover. Virtual milliseconds. */
  readonly faultsFor: number;
  readonly recoveryFor: number;
  /** How long an operation asked after the recovery may take. */
  readonly answersWithin: number;
  /** The `count`-th operation of a run. */
  operation(random: number, count: number): OperationRequest;
  /** Operations of which one is asked at every node after the recovery; each must end as `ok` in time. */
  probe(node: NodeId): OperationRequest;
  /** What an administrator asks for when all has come to rest, where that is needed, and how long it may take. */
  readonly mend?: { readonly operation: OperationRequest; readonly within: number };
  /** Whether the real system answers a probe so, too, though nothing is broken any more. */
  excuses?(world: World, probe: OperationRecord): boolean;
  invariants(world: World): Invariants;
};

/** One run: what was done, what was seen, and what was wrong, if anything was. */
export type FuzzRun = {
  readonly seed: number;
  readonly commands: readonly { readonly at: number; readonly command: ClusterCommand }[];
  readonly violation: Violation | InvariantError | null;
  readonly world: World;
  /** How often which kinds of things happened: for claims that the faults were real. */
  readonly seen: ReadonlyMap<string, number>;
};

/** Everything in a run follows from the seed. */
export function fuzz(subject: FuzzSubject, seed: number): FuzzRun {
  const seen = new Map<string, number>();
  const count = (what: string, times = 1) => void seen.set(what, (seen.get(what) ?? 0) + times);
  const chance = createChance(seed);
  const size = subject.sizes[chance(subject.sizes.length)] ?? 3;
  const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const world = new World({
    protocol: countingMarks(subject.protocol, (mark) => count(`mark ${mark.name}`)),
    driver: subject.driver,
    knobs: subject.knobs,
    nodes,
    ...(subject.spares === undefined ? {} : { spares: nodes.slice(-subject.spares) }),
    groups: {},
    network: { delay: 1 + chance(20), jitter: chance(40) },
    seed: streamSeed(seed, 'world'),
  });
  const commands: { at: number; command: ClusterCommand }[] = [];
  const apply = (command: ClusterCommand) => {
    if (world.refuse(command) !== null) return;
    commands.push({ at: world.now, command });
    count(`command ${command.kind}`);
    world.apply(command);
  };
  let violation: Violation | InvariantError | null = null;
  try {
    run(subject, world, chance, apply);
  } catch (error) {
    if (!(error instanceof Violation || error instanceof InvariantError)) throw error;
    violation = error;
  }
  for (const cause of LOSS_CAUSES) count(`lost ${cause}`, world.counts.lost[cause]);
  for (const operation of world.operations) {
    count(`${isMembershipChange(operation.kind) ? operation.kind : 'operation'} ${operation.class}`);
  }
  return { seed, commands, violation, world, seen };
}

/** Runs consecutive seeds and throws at the first violation, telling the seed and all that was done. */
export function fuzzSeeds(subject: FuzzSubject, first: number, count: number): Map<string, number> {
  const total = new Map<string, number>();
  for (let seed = first; seed < first + count; seed++) {
    const result = fuzz(subject, seed);
    if (result.violation !== null) throw new Error(describeRun(result), { cause: result.violation });
    for (const [what, times] of result.seen) total.set(what, (total.get(what) ?? 0) + times);
  }
  return total;
}

/** The seed, the faults with their times, and what was wrong. */
export function describeRun({ seed, commands, violation, world }: FuzzRun): string {
  const lines = commands
    .filter(({ command }) => command.kind !== 'operate')
    .map(({ at, command }) => `  ${at} ${JSON.stringify(command)}`);
  const claim = violation === null ? 'nothing was wrong' : violation.message;
  return [`seed ${seed}, at ${world.now}: ${claim}`, ...lines].join('\n');
}

type Chance = (bound: number) => number;

function createChance(seed: number): Chance {
  const stream = streamSeed(seed, 'fuzz');
  let draws = 0;
  return (bound) => draw(stream, draws++) % bound;
}

type Apply = (command: ClusterCommand) => void;

function run(subject: FuzzSubject, world: World, chance: Chance, apply: Apply): void {
  const invariants = subject.invariants(world);
  const check = watch(world, invariants);
  const advance = (until: number) => {
    world.advance(until);
    check();
  };
  let operations = 0;
  let nextOperation = 0;
  for (let next = 500; next < subject.faultsFor; next += 200 + chance(1800)) {
    for (; nextOperation < next; nextOperation += 20 + chance(300)) {
      advance(Math.max(world.now, nextOperation));
      const operation = subject.operation(chance(0x7fffffff), operations++);
      const node = pick(world.setup.nodes, chance);
      apply({
        kind: 'operate',
        node: isAdministration(operation.kind) ? memberAt(world, node) : node,
        operation,
      });
    }
    advance(next);
    apply(nextFault(world, subject.faults, chance));
  }
  for (const command of repairs(world)) apply(command);
  advance(world.now + subject.recoveryFor);
  mend(subject, world, apply, advance);
  const before = world.operations.length;
  for (const node of world.setup.nodes.filter((one) => canBeOfUse(world, one)))
    apply({ kind: 'operate', node, operation: subject.probe(node) });
  advance(world.now + subject.answersWithin);
  const probes = world.operations.slice(before);
  checkLiveness(probes.filter((probe) => subject.excuses?.(world, probe) !== true));
  invariants.afterRecovery?.(world);
}

/** Administrators point their tools at the cluster: the node, or the first member if it is none. */
function memberAt(world: World, node: NodeId): NodeId {
  const isMember = (one: NodeId): boolean => world.view(one).role !== 'spare';
  return isMember(node) ? node : (world.setup.nodes.find(isMember) ?? node);
}

/** At one node after the other: what one could not see or was too late for, another may mend. */
function mend({ mend }: FuzzSubject, world: World, apply: Apply, advance: (until: number) => void): void {
  if (mend === undefined) return;
  for (const node of world.setup.nodes.filter((one) => canBeOfUse(world, one))) {
    apply({ kind: 'operate', node, operation: mend.operation });
    advance(world.now + mend.within);
  }
}

/**
 * Whether a node may be expected to answer. A spare machine never is; and a member that counts on others who have left
 * waits for them for ever, as real ones do when the leader of two removes itself and its last words are lost.
 */
function canBeOfUse(world: World, node: NodeId): boolean {
  const { role, members } = world.view(node);
  if (role === 'spare') return false;
  if (members === undefined) return true;
  const running = members.voters.filter((voter) => world.view(voter).role !== 'spare');
  return 2 * running.length > members.voters.length;
}

/** Nothing is broken any more: every node must be of use again, within the bound. */
function checkLiveness(probes: readonly OperationRecord[]): void {
  const failed = probes.find((operation) => operation.class !== 'ok');
  if (failed === undefined) return;
  const answer = failed.error ?? 'no answer';
  throw new Violation('liveness', `${failed.kind} at ${failed.node} after the recovery: ${answer}`);
}

/**
 * Checks after every input: when the next one comes, the node that took the last has settled. Call what it
 * returns when time stops.
 */
export function watch(world: World, invariants: Invariants): () => void {
  let touched: NodeId | null = null;
  const check = () => {
    const node = touched;
    touched = null;
    if (node !== null) invariants.afterInput?.(world, node);
  };
  world.onInput = (node) => {
    check();
    touched = node;
  };
  return check;
}

function countingMarks(protocol: Protocol, count: (mark: Mark) => void): Protocol {
  return {
    ...protocol,
    step(state, input, ambient) {
      const outputs = protocol.step(state, input, ambient);
      for (const output of outputs) if (output.kind === 'mark') count(output.mark);
      return outputs;
    },
  };
}

function pick<T>(items: readonly T[], chance: Chance): T {
  return items[chance(items.length)] as T;
}
