import { keysOf, lookUp, type Table } from '../../shared/base/table.ts';
import { integerOf } from '../../shared/protocols/store.ts';
import {
  CRASH_POINTS,
  type Branch,
  type Durable,
  type TwoPhaseKnobs,
  type TwoPhaseState,
} from '../../shared/protocols/two-phase-commit/types.ts';
import type { NodeId, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { twoPhaseCommitSystem } from '../../shared/systems/two-phase-commit.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import { Violation, type FuzzSubject, type Invariants } from './fuzz.ts';

const ACCOUNTS = ['alice', 'bob', 'carol', 'dave'];
const OPENING_BALANCE = 100;

/** Transfers among four accounts, and reads of them. */
export function twoPhaseFuzz(
  knobs: Partial<TwoPhaseKnobs> = {},
  protocol: Protocol = twoPhaseCommitSystem.protocol,
): FuzzSubject {
  return {
    protocol,
    driver: twoPhaseCommitSystem.driver,
    knobs: resolveKnobs(twoPhaseCommitSystem, { lockTimeout: 1500, voteTimeout: 1000, ...knobs }, 3),
    sizes: [2, 3, 4, 5],
    faults: COMMON_FAULTS,
    faultsFor: 15_000,
    recoveryFor: 8000,
    answersWithin: 5000,
    operation,
    probe: (node) => ({ kind: 'write', key: `probe-${node}`, value: 'here' }),
    invariants: () => new TwoPhaseInvariants(),
  };
}

/**
 * The same with coordinators that crash at a point of the protocol. Nobody is paused: a coordinator that wakes up
 * after the faults have ended could crash then, and stay down.
 */
export function crashPointFuzz(...subject: Parameters<typeof twoPhaseFuzz>): FuzzSubject {
  return {
    ...twoPhaseFuzz(...subject),
    faults: COMMON_FAULTS.filter((kind) => kind !== 'pause'),
    operation: (random, count) => {
      const asked = operation(random);
      const crash = count < 40 ? CRASH_POINTS[(random >>> 8) % 40] : undefined;
      return asked.kind === 'transfer' && crash !== undefined ? { ...asked, options: { crash } } : asked;
    },
  };
}

function operation(random: number): OperationRequest {
  const key = ACCOUNTS[random % 4] ?? 'alice';
  if (random % 3 === 0) return { kind: 'read', key };
  const to = ACCOUNTS[(random + 1 + ((random >>> 4) % 3)) % 4] ?? 'bob';
  return { kind: 'transfer', key, to, value: 1 + ((random >>> 16) % 40) };
}

/** All or nothing in every state, and no money made or lost; in the end nobody waits for anything. */
class TwoPhaseInvariants implements Invariants {
  /** What each node had promised when it was last looked at, and how branches ended. */
  readonly #promised = new Map<NodeId, Table<Branch>>();
  readonly #ended = new Map<string, 'committed' | 'aborted'>();

  afterInput(world: World, id: NodeId): void {
    const { prepared, outcomes } = diskOf(world, id);
    for (const transaction of keysOf(this.#promised.get(id) ?? {})) {
      if (lookUp(prepared, transaction) !== undefined) continue;
      this.#end(transaction, lookUp(outcomes, transaction) === 'committed' ? 'committed' : 'aborted', id);
    }
    this.#promised.set(id, { ...prepared });
    for (const transaction of keysOf(outcomes)) {
      this.#end(transaction, lookUp(outcomes, transaction) ?? 'aborted', id);
    }
    const total = totalOf(world, (transaction) => this.#ended.get(transaction) === 'committed');
    const wanted = ACCOUNTS.length * OPENING_BALANCE;
    if (total !== wanted) throw new Violation('money is neither made nor lost', `${total} of ${wanted}`);
  }

  afterRecovery(world: World): void {
    for (const id of world.setup.nodes) {
      const { prepared, decided } = diskOf(world, id);
      const left = [...keysOf(prepared), ...keysOf(decided)];
      if (left.length > 0) throw new Violation('all comes to an end', `${id} still has ${left.join(', ')}`);
    }
  }

  /** 2P1: what is committed at one is aborted at none. */
  #end(transaction: string, outcome: 'committed' | 'aborted', id: NodeId): void {
    const other = this.#ended.get(transaction) ?? outcome;
    if (other !== outcome) {
      throw new Violation('all or nothing', `${transaction} is ${outcome} at ${id} and ${other} elsewhere`);
    }
    this.#ended.set(transaction, outcome);
  }
}

/** All money, read at once: of what is locked, what its transaction leaves if that is committed, else what is there. */
export function totalOf(world: World, isCommittedSomewhere: (transaction: string) => boolean): number {
  const disks = world.setup.nodes.map((id) => diskOf(world, id));
  const isCommitted = (transaction: string): boolean =>
    isCommittedSomewhere(transaction) ||
    disks.some(({ decided }) => lookUp(decided, transaction) !== undefined);
  const balances = new Map<string, number>();
  for (const { data, prepared } of disks) {
    for (const key of ACCOUNTS) {
      const entry = lookUp(data, key);
      if (entry?.type === 'string') balances.set(key, integerOf(entry.value) ?? 0);
    }
    for (const transaction of keysOf(prepared)) {
      const branch = lookUp(prepared, transaction);
      if (branch === undefined || branch.heuristic !== null || !isCommitted(transaction)) continue;
      for (const key of keysOf(branch.balances)) balances.set(key, lookUp(branch.balances, key) ?? 0);
    }
  }
  return ACCOUNTS.reduce((total, key) => total + (balances.get(key) ?? OPENING_BALANCE), 0);
}

function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as TwoPhaseState).durable : (node.durable as Durable);
}
