import { isMemberChange } from '../../shared/protocols/consensus/member-change.ts';
import { applyCommand, createStore, type Stored } from '../../shared/protocols/consensus/store.ts';
import type { Entry, RaftDurable, RaftKnobs, RaftState } from '../../shared/protocols/consensus/types.ts';
import { votersOf } from '../../shared/protocols/consensus/voters.ts';
import { configOf } from '../../shared/sim/node.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * Raft's safety properties (Ongaro 2014, Figure 3.2) and what etcd promises on top, checked after every input
 * of every node. Each check looks only at what has changed in that node, so that a fuzz can afford them.
 */
export class RaftInvariants implements Invariants {
  readonly #leaders = new Map<number, NodeId>();
  /** What some node has taken for committed; every other node must agree. */
  readonly #committed: Entry[] = [];
  /** In which term each of them was committed. */
  readonly #committedIn: number[] = [];
  readonly #proposals = new Set<string>();
  /** What is in any log at (index, term): the term before it and its proposal. */
  readonly #entries = new Map<string, string>();
  readonly #seen = new Map<NodeId, { log: Entry[]; commit: number; voters: readonly NodeId[] }>();

  afterInput(world: World, node: NodeId): void {
    const machine = world.node(node);
    if (!machine.up) return;
    const state = machine.replica as RaftState;
    this.#checkElectionSafety(state);
    const seen = this.#seenOf(world, state);
    this.#checkLog(state, seen.log);
    this.#checkCommits(world, state, seen);
    seen.voters = votersOf(state);
  }

  /** Everything has come to rest: nothing acknowledged is missing, and all are alike. */
  afterRecovery(world: World): void {
    const operations = dataOperations(world.operations);
    checkRealTime(operations);
    checkReads(operations, this.#committed);
    const all = world.setup.nodes.map((node) => world.node(node).replica as RaftState);
    const latest = all.reduce((a, b) => (b.applied > a.applied ? b : a));
    const states = all.filter(({ self }) => latest.nodes.includes(self));
    const [first] = states;
    if (first === undefined) return;
    const values = new Set(this.#committed.map(valueOf));
    for (const operation of operations) {
      if (
        operation.class === 'ok' &&
        operation.kind === 'write' &&
        !values.has(JSON.stringify(operation.value))
      ) {
        throw new Violation(
          'no acknowledged write is lost',
          `${operation.id} wrote ${String(operation.value)}`,
        );
      }
    }
    for (const state of states) {
      if (JSON.stringify(state.store) !== JSON.stringify(first.store)) {
        throw new Violation(
          'convergence',
          `${state.self} and ${first.self} hold different data after recovery`,
        );
      }
    }
  }

  #checkElectionSafety(state: RaftState): void {
    if (state.role !== 'leader') return;
    const leader = this.#leaders.get(state.term);
    if (leader === state.self) return;
    if (leader !== undefined) {
      throw new Violation('election safety', `${leader} and ${state.self} both lead term ${state.term}`);
    }
    this.#leaders.set(state.term, state.self);
    // A node that was paused may learn late that it won an old term: that one need not know of newer ones.
    const missing = this.#committed.find(
      (entry, i) => (this.#committedIn[i] ?? 0) < state.term && state.log[i]?.term !== entry.term,
    );
    if (missing !== undefined) {
      const what = `entry ${missing.index} of term ${missing.term}`;
      throw new Violation(
        'leader completeness',
        `${state.self} leads term ${state.term} without committed ${what}`,
      );
    }
  }

  /** Two entries with the same index and term are the same, and so is everything before them. */
  #checkLog(state: RaftState, log: Entry[]): void {
    log.length = Math.min(log.length, state.log.length);
    while (log.length > 0 && log.at(-1) !== state.log[log.length - 1]) log.pop();
    for (let i = log.length; i < state.log.length; i++) {
      const entry = state.log[i] as Entry;
      log.push(entry);
      const key = `${entry.index}/${entry.term}`;
      const content = `${state.log[i - 1]?.term ?? 0} ${entry.proposal?.id ?? ''}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, content);
      else if (known !== content)
        throw new Violation('log matching', `${key} is "${known}" and "${content}"`);
    }
  }

  #seenOf({ setup }: World, state: RaftState): { log: Entry[]; commit: number; voters: readonly NodeId[] } {
    let seen = this.#seen.get(state.self);
    if (seen === undefined) {
      const { members } = configOf(setup, state.self, 1);
      const { learners } = setup.knobs as RaftKnobs;
      seen = { log: [], commit: 0, voters: members.slice(0, members.length - learners) };
      this.#seen.set(state.self, seen);
    }
    return seen;
  }

  /** All nodes commit the same entries in the same order, and only what a majority's disks hold. */
  #checkCommits(
    world: World,
    state: RaftState,
    seen: { commit: number; readonly voters: readonly NodeId[] },
  ): void {
    // After a restart a node may have forgotten how far it had committed.
    seen.commit = Math.min(seen.commit, state.commit);
    while (seen.commit < state.commit) {
      const entry = state.log[seen.commit++] as Entry;
      const known = this.#committed[entry.index - 1];
      if (known === undefined) this.#admit(world, state, entry, seen.voters);
      else if (known.term !== entry.term || known.proposal?.id !== entry.proposal?.id) {
        const what = `${state.self} commits another entry ${entry.index} than was committed before`;
        throw new Violation('state machine safety', what);
      }
    }
  }

  /** `before`: those who voted when the step began that committed the entry. It may have made them others. */
  #admit(world: World, state: RaftState, entry: Entry, before: readonly NodeId[]): void {
    const holds = (node: NodeId) => logOf(world, node)[entry.index - 1]?.term === entry.term;
    const isMajority = (voters: readonly NodeId[]) => voters.filter(holds).length > voters.length / 2;
    if (!isMajority(before) && !isMajority(votersOf(state))) {
      const where = `${world.setup.nodes.filter(holds).join(', ')} of ${before.join(', ')}`;
      throw new Violation(
        'commit needs a majority',
        `${state.self} commits entry ${entry.index}, held by ${where}`,
      );
    }
    const id = entry.proposal?.id;
    if (id !== undefined && this.#proposals.has(id)) {
      throw new Violation('a proposal is committed once', `${id} comes again as entry ${entry.index}`);
    }
    if (id !== undefined) this.#proposals.add(id);
    this.#committed.push(entry);
    this.#committedIn.push(state.term);
  }
}

/**
 * What comes later in real time is not before it in the order of revisions. With revisions as witnesses this is
 * linearizability: a read must know of everything that had been acknowledged when it was asked.
 */
export function checkRealTime(operations: readonly OperationRecord[]): void {
  const done = operations.filter(isOrdered).map(({ id, kind, invoked, returned, result }) => ({
    id,
    kind,
    invoked,
    returned,
    revision: result?.revision ?? 0,
  }));
  const byReturn = [...done].sort((a, b) => (a.returned ?? 0) - (b.returned ?? 0));
  const byInvocation = [...done].sort((a, b) => a.invoked - b.invoked);
  let known = { id: '', revision: 0 };
  let next = 0;
  for (const operation of byInvocation) {
    for (; (byReturn[next]?.returned ?? operation.invoked) < operation.invoked; next++) {
      const earlier = byReturn[next];
      if (earlier !== undefined && earlier.revision > known.revision) known = earlier;
    }
    if (operation.revision < known.revision) {
      const what = `${operation.id} at revision ${operation.revision}, after ${known.id} had revision ${known.revision}`;
      throw new Violation('real-time order', what);
    }
  }
}

/** Every read, stale or not, returns what its key held at the revision it speaks of. */
function checkReads(operations: readonly OperationRecord[], committed: readonly Entry[]): void {
  const store = createStore();
  const history = new Map<string, { revision: number; value: Stored }[]>();
  for (const { proposal } of committed) {
    if (proposal === null) continue;
    if (isMemberChange(proposal.command)) continue;
    applyCommand(store, proposal.command);
    if (!('key' in proposal.command)) continue;
    const { key } = proposal.command;
    const value = store.keys[key]?.value ?? null;
    history.set(key, [...(history.get(key) ?? []), { revision: store.revision, value }]);
  }
  for (const { id, kind, key, class: outcome, result } of operations) {
    if (kind !== 'read' || outcome !== 'ok') continue;
    const revision = result?.revision ?? 0;
    const held = history.get(key)?.findLast((change) => change.revision <= revision)?.value ?? null;
    if (JSON.stringify(held) !== JSON.stringify(result?.value ?? null)) {
      const what = `${id} returned ${JSON.stringify(result?.value)}, at revision ${revision} it was ${JSON.stringify(held)}`;
      throw new Violation('reads return what was written', what);
    }
  }
}

function isOrdered(operation: OperationRecord): boolean {
  return operation.class === 'ok' && operation.options?.['consistency'] !== 'serializable';
}

function logOf(world: World, node: NodeId): readonly Entry[] {
  const machine = world.node(node);
  if (machine.up) return (machine.replica as RaftState).log;
  return (machine.durable as RaftDurable | null)?.log ?? [];
}

function valueOf(entry: Entry): string {
  const command = entry.proposal?.command;
  return JSON.stringify(command !== undefined && 'value' in command ? command.value : null);
}
