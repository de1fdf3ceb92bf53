import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { isMember, mapOf, membersOf } from '../../shared/protocols/exchange/membership.ts';
import { shardOf } from '../../shared/protocols/exchange/shards.ts';
import type { CouchKnobs, CouchState } from '../../shared/protocols/exchange/types.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { couchdb } from '../../shared/systems/couchdb.ts';
import { couchFuzz, CouchInvariants, noSurprises, type Surprises } from './couchdb-fuzz.ts';
import type { FaultKind } from './fuzz-faults.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';

const heals = Array.from({ length: 3 }, (): FaultKind => 'heal');

/** How long an administrator takes to end what faults have interrupted, and the shards then to be in place. */
const MENDED = 60_000;

/** CouchDB with nodes that come and go, as its documentation says they are to, several at once and on all sides. */
export function couchMembersFuzz(
  knobs: Partial<CouchKnobs> = {},
  surprises: Surprises = noSurprises(),
  protocol: Protocol = couchdb.protocol,
): FuzzSubject {
  const subject = couchFuzz(knobs, surprises, protocol);
  return {
    ...subject,
    sizes: [5, 6],
    spares: 2,
    // Healed more often: a copy is filled only once it can be reached.
    faults: [...subject.faults, ...heals, 'join', 'join', 'join', 'leave', 'leave'],
    // The longest that an administrator goes on trying, and then as without them.
    recoveryFor: 700_000,
    invariants: (world) => new MembersInvariants(world, surprises),
  };
}

class MembersInvariants implements Invariants {
  readonly #documents: CouchInvariants;

  constructor(world: World, surprises: Surprises) {
    this.#documents = new CouchInvariants(world, (key) => holdersOf(world, key), surprises);
  }

  afterInput(world: World, node: NodeId): void {
    this.#documents.afterInput(world, node);
  }

  afterRecovery(world: World): void {
    if (isCluster(world)) {
      checkOneMap(world);
      this.#documents.afterRecovery(world);
    }
    mend(world);
    if (isCluster(world)) checkPlaces(world);
    this.#documents.afterRecovery(world);
  }
}

/** Whoever is a member and keeps the key; among peers everybody who runs. */
function holdersOf(world: World, key: string): NodeId[] {
  const running = runningIn(world);
  const [first = ''] = running;
  if (!isCluster(world)) return running;
  const state = stateAt(world, first);
  const copies = mapOf(state)?.[shardOf(key, state.knobs.q)] ?? [];
  return running.filter((node) => copies.includes(node));
}

/** All agree on who is a member and where the shards are, and keep nothing that others are to keep. */
function checkOneMap(world: World): void {
  const running = runningIn(world);
  const known = running.map((node) => {
    const state = stateAt(world, node);
    return canonical([membersOf(state), mapOf(state)]);
  });
  if (new Set(known).size > 1) throw new Violation('one map', known.join(' '));
  for (const node of running) {
    const { documents } = stateAt(world, node).durable;
    const foreign = keysOf(documents).filter((key) => !holdersOf(world, key).includes(node));
    if (foreign.length > 0 && isWhole(world))
      throw new Violation('only copies', `${node} has ${foreign.join(' ')}`);
  }
}

/** Nothing that was begun is left half-way: every shard has its copies, and all of them answer. */
function checkPlaces(world: World): void {
  checkOneMap(world);
  const running = runningIn(world);
  const { durable, knobs, ...state } = stateAt(world, running[0] ?? '');
  const members = membersOf({ ...state, durable, knobs });
  if (canonical(members) !== canonical(running))
    throw new Violation('members run', canonical([members, running]));
  for (const copies of mapOf({ ...state, durable, knobs }) ?? []) {
    if (copies.length !== Math.min(knobs.n, members.length) || copies.some((copy) => !members.includes(copy)))
      throw new Violation('every shard has its copies', canonical([copies, members]));
  }
  const silent = running.filter((node) => stateAt(world, node).durable.cluster?.maintenance === true);
  if (silent.length > 0) throw new Violation('all answer', silent.join(' '));
}

/** Whether every copy is at a node that runs: what nobody has taken over stays where it is. */
function isWhole(world: World): boolean {
  const running = runningIn(world);
  return (mapOf(stateAt(world, running[0] ?? '')) ?? []).flat().every((node) => running.includes(node));
}

/** An administrator goes on with whatever was begun: lets those in that run, and ends what has stopped. */
function mend(world: World): void {
  const [via = ''] = runningIn(world);
  const ask = (kind: 'join' | 'leave', key: NodeId) => {
    world.apply({ kind: 'operate', node: via, operation: { kind, key } });
    world.advance(world.now + MENDED);
  };
  for (const node of runningIn(world)) if (node !== via || isCluster(world)) ask('join', node);
  if (!isCluster(world)) return;
  for (const node of membersOf(stateAt(world, via))) if (!runningIn(world).includes(node)) ask('leave', node);
}

function runningIn(world: World): NodeId[] {
  return world.setup.nodes.filter((node) => isMember(stateAt(world, node)));
}

function isCluster(world: World): boolean {
  return (world.setup.knobs as CouchKnobs).mode === 'cluster';
}

function stateAt(world: World, node: NodeId): CouchState {
  return world.node(node).replica as CouchState;
}
