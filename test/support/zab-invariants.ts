import type { Transaction, ZabDurable, ZabState } from '../../shared/protocols/consensus/zab/types.ts';
import { epochOf } from '../../shared/protocols/consensus/zab/zxid.ts';
import { configOf } from '../../shared/sim/node.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * Zab's properties (Junqueira, Reed, Serafini 2011, section III) and what ZooKeeper promises its clients, checked
 * after every input of every node: integrity and total order, one established leader an epoch, and that what is
 * committed is on a quorum's disks and in every later leader's history.
 */
export class ZabInvariants implements Invariants {
  readonly #leaders = new Map<number, NodeId>();
  /** What some server has delivered; every other must deliver the same, in the same order. */
  readonly #delivered: Transaction[] = [];
  readonly #seen = new Map<NodeId, number>();

  /** `stateOf`: the ensemble's part of a node's replica, or of its disk; undefined where there is none. */
  readonly #stateOf: (replica: object) => ZabState | undefined;
  readonly #logOf: (world: World, node: NodeId) => readonly Transaction[];
  /** Those who vote, as of what was delivered. */
  #voters: readonly NodeId[];

  constructor(
    world: World,
    members: readonly NodeId[] = configOf(world.setup, '', 1).members,
    stateOf: (replica: object) => ZabState | undefined = (replica) => replica as ZabState,
    logOf: (world: World, node: NodeId) => readonly Transaction[] = zabLog,
  ) {
    this.#voters = members;
    this.#stateOf = stateOf;
    this.#logOf = logOf;
  }

  afterInput(world: World, node: NodeId): void {
    const machine = world.node(node);
    const state = machine.up ? this.#stateOf(machine.replica) : undefined;
    if (state === undefined || state.role.kind === 'looking' || state.role.phase !== 'serve') return;
    if (state.role.kind === 'leading') this.#checkLeader(state);
    this.#checkDelivered(world, state);
  }

  /**
   * Everything has come to rest: nothing acknowledged is missing, and all servers are alike. Some stay out, in ZooKeeper
   * too: who has accepted a later epoch than the leader's, from one whom no quorum followed (Learner.registerWithLeader),
   * and who has logged a configuration that came to nothing, of which too few follow (FastLeaderElection.getVoteTracker).
   */
  afterRecovery(world: World): void {
    checkChanges(dataOperations(world.operations));
    const values = new Set(this.#delivered.map(({ change }) => valueOf(change)));
    for (const { class: outcome, kind, value, id } of world.operations) {
      if (outcome !== 'ok' || kind !== 'write' || values.has(JSON.stringify(value))) continue;
      throw new Violation('no acknowledged write is lost', `${id} wrote ${String(value)}`);
    }
    const trees = this.#followable(world).map(({ tree }) => JSON.stringify(tree));
    if (new Set(trees).size > 1) throw new Violation('convergence', 'servers hold different trees');
  }

  /** Those who vote, without those who cannot follow the leader before the next election. */
  #followable(world: World): ZabState[] {
    const states = this.#voters.flatMap((node) => this.#stateOf(world.node(node).replica) ?? []);
    const serving = states.filter(({ role }) => role.kind !== 'looking' && role.phase === 'serve');
    const led = serving.find(({ role }) => role.kind === 'leading');
    if (led === undefined) return states;
    const nodes = serving.map(({ self }) => self);
    return states.filter((state) => state.acceptedEpoch <= led.currentEpoch && canFind(state, nodes));
  }

  #checkLeader(state: ZabState): void {
    const leader = this.#leaders.get(state.currentEpoch);
    if (leader === state.self) return;
    if (leader !== undefined) {
      const what = `${leader} and ${state.self} both lead epoch ${state.currentEpoch}`;
      throw new Violation('one leader an epoch', what);
    }
    this.#leaders.set(state.currentEpoch, state.self);
    // Of earlier epochs: who hears late that it was followed may lead an epoch that is over, and commits nothing there.
    const missing = this.#delivered.find(
      ({ zxid }, i) => epochOf(zxid) < state.currentEpoch && state.log[i]?.zxid !== zxid,
    );
    if (missing === undefined) return;
    const what = `${state.self} leads epoch ${state.currentEpoch} without ${missing.zxid.toString(16)}`;
    throw new Violation('a leader has what was committed', what);
  }

  #checkDelivered(world: World, state: ZabState): void {
    let seen = Math.min(this.#seen.get(state.self) ?? 0, state.applied);
    for (; seen < state.applied; seen++) {
      const transaction = state.log[seen] as Transaction;
      const known = this.#delivered[seen];
      if (known === undefined) this.#admit(world, state, seen, transaction);
      else if (known.zxid !== transaction.zxid || !isSame(known, transaction)) {
        const what = `${state.self} delivers ${transaction.zxid.toString(16)} in the place of ${known.zxid.toString(16)}`;
        throw new Violation('total order', what);
      }
    }
    this.#seen.set(state.self, seen);
  }

  #admit(world: World, state: ZabState, place: number, transaction: Transaction): void {
    const { change, zxid } = transaction;
    const holds = (node: NodeId) => this.#logOf(world, node)[place]?.zxid === zxid;
    const isQuorum = (voters: readonly NodeId[]) => voters.filter(holds).length > voters.length / 2;
    const next = change.kind === 'reconfig' ? change.voters : this.#voters;
    // A new configuration takes a quorum of the old one and of itself.
    if (!isQuorum(this.#voters) || !isQuorum(next)) {
      const holders = world.setup.nodes.filter(holds);
      const what = `${state.self} delivers ${zxid.toString(16)}, held by ${holders.join(', ')}`;
      throw new Violation('commit needs a quorum', what);
    }
    this.#voters = next;
    this.#delivered.push(transaction);
  }
}

/** Whether those who serve are a quorum of what a server that looks for a leader has logged last. */
function canFind({ role, configurations }: ZabState, serving: readonly NodeId[]): boolean {
  const voters = configurations?.at(-1)?.voters;
  if (role.kind !== 'looking' || voters === undefined) return true;
  return 2 * voters.filter((voter) => serving.includes(voter)).length > voters.length;
}

/** Reads that came after an acknowledged change of their key and returned something older: ZooKeeper allows them. */
export function countStaleReads(operations: readonly OperationRecord[]): number {
  const writes = operations.filter(({ kind, class: outcome }) => kind === 'write' && outcome === 'ok');
  return operations.filter(({ kind, class: outcome, key, invoked, result }) => {
    if (kind !== 'read' || outcome !== 'ok') return false;
    const revision = result?.revision ?? 0;
    return writes.some(
      (write) =>
        write.key === key &&
        (write.returned ?? invoked) < invoked &&
        (write.result?.revision ?? 0) > revision &&
        result?.value !== null,
    );
  }).length;
}

/** Changes are linearizable: with zxids as witnesses, what came later in real time is later in the order. */
function checkChanges(operations: readonly OperationRecord[]): void {
  const changes = operations.filter(
    ({ kind, class: outcome, result }) =>
      ['write', 'add', 'remove', 'create'].includes(kind) &&
      outcome === 'ok' &&
      result?.revision !== undefined,
  );
  for (const later of changes) {
    const earlier = changes.find(
      ({ returned, result }) =>
        (returned ?? later.invoked) < later.invoked &&
        (result?.revision ?? 0) >= (later.result?.revision ?? 0),
    );
    if (earlier !== undefined) {
      throw new Violation('changes are in real-time order', `${later.id} is not after ${earlier.id}`);
    }
  }
}

function zabLog(world: World, node: NodeId): readonly Transaction[] {
  const machine = world.node(node);
  if (machine.up) return (machine.replica as ZabState).log;
  return (machine.durable as ZabDurable | null)?.log ?? [];
}

function isSame(a: Transaction, b: Transaction): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function valueOf(change: Transaction['change']): string {
  return JSON.stringify('value' in change ? change.value : null);
}
