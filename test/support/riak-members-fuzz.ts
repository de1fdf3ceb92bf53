import { canonical } from '../../shared/base/json.ts';
import { keysOf, lookUp } from '../../shared/base/table.ts';
import { isSpare, ringOf } from '../../shared/protocols/quorum/riak/membership.ts';
import { activeMembers, membersWith, statusOf } from '../../shared/protocols/quorum/riak/ring-state.ts';
import type { RiakState } from '../../shared/protocols/quorum/riak/types.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { riak } from '../../shared/systems/riak.ts';
import type { FaultKind } from './fuzz-faults.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';
import { type Losses, riakFuzz } from './riak-fuzz.ts';

/** How long partitions may take to move once nothing is broken and nobody waits for a commit. */
const MOVED = 400_000;

const heals = Array.from({ length: 4 }, (): FaultKind => 'heal');

/** Riak with members that come and go: the same claims, and at the end every partition has one owner. */
export function riakMembersFuzz(
  losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 },
  protocol: Protocol = riak.protocol,
): FuzzSubject {
  const subject = riakFuzz({}, losses, protocol);
  return {
    ...subject,
    sizes: [5, 6],
    spares: 2,
    // Healed more often: nothing moves while a member is cut off.
    faults: [...subject.faults, ...heals, 'join', 'join', 'join', 'join', 'leave', 'leave', 'leave'],
    faultsFor: 240_000,
    invariants: (world) => new MembersInvariants(subject.invariants(world)),
  };
}

class MembersInvariants implements Invariants {
  readonly #data: Invariants;

  constructor(data: Invariants) {
    this.#data = data;
  }

  afterInput(world: World, node: NodeId): void {
    this.#data.afterInput?.(world, node);
  }

  afterRecovery(world: World): void {
    commitWhatIsStaged(world);
    checkRing(world);
    this.#data.afterRecovery?.(world);
  }
}

/** Nothing moves while somebody is joining and not let in, so an administrator ends what the faults have interrupted. */
function commitWhatIsStaged(world: World): void {
  const [first = ''] = members(world);
  const ring = ringAt(world, first);
  const [via = ''] = membersWith(ring, 'valid', 'leaving');
  for (const key of membersWith(ring, 'joining')) {
    world.apply({ kind: 'operate', node: via, operation: { kind: 'join', key } });
    world.advance(world.now + 1000);
  }
  world.advance(world.now + MOVED);
}

/** All members have one ring, in which nothing is on the way any more, and data lies with the owners alone. */
function checkRing(world: World): void {
  const all = members(world);
  const rings = all.map((node) => ringAt(world, node));
  const [ring] = rings;
  if (ring === undefined) throw new Violation('somebody is a member', canonical(world.setup.nodes));
  for (const [index, other] of rings.entries()) {
    if (canonical([other.clock, other.owners]) !== canonical([ring.clock, ring.owners]))
      throw new Violation('one ring', `${all[index] ?? ''} and ${all[0] ?? ''} differ`);
  }
  // Where everybody is leaving nobody claims anything, and they stay, as real nodes do.
  const stays = membersWith(ring, 'valid').length > 0 ? 'valid' : 'leaving';
  const changing = activeMembers(ring).filter((node) => statusOf(ring, node) !== stays);
  if (changing.length > 0 || ring.pending.length > 0)
    throw new Violation('all has moved', canonical([changing, ring.pending]));
  if (canonical(membersWith(ring, stays)) !== canonical([...all].sort()))
    throw new Violation('members know that they are', canonical([ring.members, all]));
  for (const node of all) {
    const { vnodes } = stateAt(world, node).durable;
    for (const partition of keysOf(vnodes)) {
      const owner = ring.owners[Number(partition)] ?? '';
      if (owner !== node && keysOf(lookUp(vnodes, partition) ?? {}).length > 0)
        throw new Violation('one owner', `${node} holds partition ${partition} of ${owner}`);
    }
  }
}

function members(world: World): NodeId[] {
  return world.setup.nodes.filter((node) => !isSpare(stateAt(world, node)));
}

function ringAt(world: World, node: NodeId) {
  const ring = ringOf(stateAt(world, node));
  if (ring === null) throw new Error(`${node} is no member`);
  return ring;
}

function stateAt(world: World, node: NodeId): RiakState {
  return world.node(node).replica as RiakState;
}
