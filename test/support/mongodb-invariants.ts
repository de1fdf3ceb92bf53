import type { ReplicaSet } from '../../shared/protocols/consensus/mongodb/config.ts';
import { holds } from '../../shared/protocols/consensus/mongodb/oplog.ts';
import type {
  MemberState,
  MongoDurable,
  OplogEntry,
} from '../../shared/protocols/consensus/mongodb/types.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { checkCausalSessions, checkLinearizableReads } from './mongodb-reads.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * What a replica set promises, whatever the write concern, checked after every input of every node; and, of
 * writes that a majority acknowledged, that they stay.
 */
export class MongoInvariants implements Invariants {
  readonly #primaries = new Map<number, NodeId>();
  /** What some member has taken for committed; every other must agree. */
  readonly #committed: OplogEntry[] = [];
  /** In which term each of them was committed. */
  readonly #committedIn: number[] = [];
  /** The configuration of each member after its last input. */
  readonly #sets = new Map<NodeId, ReplicaSet>();
  readonly #statements = new Set<string>();
  /** What is in any oplog at (index, term): the term before it. */
  readonly #entries = new Map<string, string>();
  readonly #seen = new Map<NodeId, { log: OplogEntry[]; commit: number }>();
  /** Called with each anomaly that a run shows; they are no violations. */
  readonly #onAnomaly: (what: string) => void;

  constructor(onAnomaly: (what: string) => void = () => undefined) {
    this.#onAnomaly = onAnomaly;
  }

  afterInput(world: World, node: NodeId): void {
    const machine = world.node(node);
    if (!machine.up) return;
    const state = machine.replica as MemberState;
    this.#checkElection(state);
    this.#checkLog(state);
    this.#checkCommits(world, state);
    this.#sets.set(state.self, state.set);
  }

  afterRecovery(world: World): void {
    const operations = dataOperations(world.operations);
    const states = world.setup.nodes
      .map((node) => world.node(node).replica as MemberState)
      .filter(({ role }) => role !== 'arbiter' && role !== 'removed');
    const [first] = states;
    if (first === undefined) return;
    for (const state of states) {
      if (JSON.stringify(state.data) !== JSON.stringify(first.data)) {
        throw new Violation(
          'convergence',
          `${state.self} and ${first.self} hold different data after recovery`,
        );
      }
    }
    this.#checkWrites(operations, first.set.defaultW);
    this.#checkReads(operations);
    checkLinearizableReads(operations, this.#committed);
    checkCausalSessions(operations, this.#committed);
    this.#checkCounter(operations);
  }

  #checkElection(state: MemberState): void {
    if (state.role !== 'primary') return;
    const primary = this.#primaries.get(state.term);
    if (primary !== undefined && primary !== state.self) {
      throw new Violation(
        'election safety',
        `${primary} and ${state.self} are both primary of term ${state.term}`,
      );
    }
    if (primary === state.self) return;
    this.#primaries.set(state.term, state.self);
    const missing = this.#committed.find(
      (entry, i) => (this.#committedIn[i] ?? 0) < state.term && !holds(state, entry),
    );
    if (missing === undefined) return;
    const what = `${state.self} is primary of term ${state.term} without committed entry ${missing.index}`;
    throw new Violation('leader completeness', what);
  }

  #checkLog(state: MemberState): void {
    let seen = this.#seen.get(state.self);
    if (seen === undefined) this.#seen.set(state.self, (seen = { log: [], commit: 0 }));
    const { log } = seen;
    log.length = Math.min(log.length, state.log.length);
    while (log.length > 0 && log.at(-1) !== state.log[log.length - 1]) log.pop();
    for (let i = log.length; i < state.log.length; i++) {
      const entry = state.log[i] as OplogEntry;
      log.push(entry);
      const key = `${entry.index}/${entry.term}`;
      const content = `${state.log[i - 1]?.term ?? 0} ${JSON.stringify(entry.change)}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, content);
      else if (known !== content)
        throw new Violation('log matching', `${key} is "${known}" and "${content}"`);
    }
  }

  #checkCommits(world: World, state: MemberState): void {
    const seen = this.#seen.get(state.self);
    if (seen === undefined) return;
    seen.commit = Math.min(seen.commit, state.commit);
    while (seen.commit < state.commit) {
      const entry = state.log[seen.commit++] as OplogEntry;
      const known = this.#committed[entry.index - 1];
      if (known === undefined) this.#admit(world, state, entry);
      else if (known.term !== entry.term) {
        throw new Violation('state machine safety', `${state.self} commits another entry ${entry.index}`);
      }
    }
  }

  #admit(world: World, state: MemberState, entry: OplogEntry): void {
    const holdersIn = ({ voters }: ReplicaSet) =>
      voters.filter((node) => logOf(world, node)[entry.index - 1]?.term === entry.term);
    const needed = ({ voters, arbiters }: ReplicaSet) =>
      Math.min(Math.floor(voters.length / 2) + 1, voters.length - arbiters.length);
    const isMajority = (set: ReplicaSet) => holdersIn(set).length >= needed(set);
    // The step that committed it may have made the configuration another at its end.
    if (!isMajority(state.set) && !isMajority(this.#sets.get(state.self) ?? state.set)) {
      const { voters } = state.set;
      const holders = holdersIn(state.set);
      const where = `${holders.join(', ')} of ${voters.length} voters`;
      throw new Violation(
        'commit needs a majority',
        `${state.self} commits entry ${entry.index}, held by ${where}`,
      );
    }
    if (entry.statement !== null) {
      const id = `${entry.statement.session} ${entry.statement.number}`;
      if (this.#statements.has(id)) throw new Violation('a write is done once', `${id} comes again`);
      this.#statements.add(id);
    }
    this.#committed.push(entry);
    this.#committedIn.push(state.term);
  }

  /** What a majority acknowledged is there to stay. What one member acknowledged may be gone. */
  #checkWrites(operations: readonly OperationRecord[], defaultW: 1 | 'majority'): void {
    const values = this.#committedValues();
    for (const { id, kind, value, class: outcome, options } of operations) {
      if (kind !== 'write' || outcome !== 'ok' || values.has(JSON.stringify(value))) continue;
      if ((options?.['w'] ?? defaultW) === 'majority') {
        throw new Violation('no write that a majority acknowledged is lost', `${id} wrote ${String(value)}`);
      }
      this.#onAnomaly('acknowledged write lost');
    }
  }

  /** `majority` and `linearizable` reads return only what stays; others may return what never was. */
  #checkReads(operations: readonly OperationRecord[]): void {
    const values = this.#committedValues().add('null');
    for (const { id, kind, key, class: outcome, options, result } of operations) {
      const read = JSON.stringify(result?.value ?? null);
      if (kind !== 'read' || outcome !== 'ok' || values.has(read)) continue;
      const level = options?.['readConcern'] ?? 'local';
      if (level === 'majority' || level === 'linearizable') {
        throw new Violation('majority reads stay', `${id} (${level}) returned ${read} of ${key}`);
      }
      this.#onAnomaly('read of what was rolled back');
    }
  }

  #committedValues(): Set<string> {
    return new Set(this.#committed.map(({ change }) => JSON.stringify(change?.after?.value ?? null)));
  }

  /** Each increment that was acknowledged by a majority has counted, and none twice. */
  #checkCounter(operations: readonly OperationRecord[]): void {
    const counter = this.#committed.findLast(({ change }) => change?.key === 'counter');
    const count = Number(counter?.change?.after?.value ?? 0);
    const asked = operations.filter(({ kind }) => kind === 'increment');
    const certain = asked.filter(({ class: outcome }) => outcome === 'ok').length;
    const possible = asked.filter(({ class: outcome }) => outcome !== 'fail').length;
    if (count >= certain && count <= possible) return;
    throw new Violation('increments count once', `${count} is not from ${certain} to ${possible}`);
  }
}

function logOf(world: World, node: NodeId): readonly OplogEntry[] {
  const machine = world.node(node);
  if (machine.up) return (machine.replica as MemberState).log;
  return (machine.durable as MongoDurable | null)?.log ?? [];
}
