import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { compareClocks, joinClocks } from '../../../data/vector-clock.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { activeMembers, type Member, type MemberStatus, type Ring, seenWith } from './ring-state.ts';

/**
 * What a node makes of its ring and one that has arrived (riak_core_ring.erl, `internal_reconcile`): the later one,
 * or where neither has seen the other a merge of both. A merge is the same wherever it is made, so it is no change of
 * its own; real Riak counts it, and ignores the clocks of rings that are equal otherwise. Its own ring itself where
 * nothing is new.
 */
export function reconciled(mine: Ring, arrived: Ring, self: NodeId): Ring {
  const order = compareClocks(mine.clock, arrived.clock);
  const base = order === 'before' ? arrived : order === 'concurrent' ? merged(mine, arrived) : mine;
  return seenWith(base, base.seen === mine.seen ? arrived.seen : mine.seen, self);
}

/** The status of a member as both rings together have it; undefined where neither knows it. */
export function agreedStatus(a: Ring, b: Ring, node: NodeId): MemberStatus | undefined {
  return laterOf(lookUp(a.members, node), lookUp(b.members, node))?.status;
}

/** Of concurrent changes of a status the first of these stays (`merge_status`). */
const PRECEDENCE: readonly MemberStatus[] = ['invalid', 'joining', 'valid', 'exiting', 'leaving'];

function merged(a: Ring, b: Ring): Ring {
  const clock = joinClocks(a.clock, b.clock);
  const members = mergedMembers(a, b);
  const [base, other] = isLed(a, b, members) ? [a, b] : [b, a];
  const pending = base.pending.map((move) => ({
    ...move,
    done:
      move.done ||
      other.pending.some(
        ({ partition, from, to, done }) =>
          done && partition === move.partition && from === move.from && to === move.to,
      ),
  }));
  return { ...base, clock, members, pending };
}

/**
 * Whether owners and transfers are as the first ring has them: claimants count their changes. Two claimants at once
 * there are only when one of them is leaving; then the other counts.
 */
function isLed(a: Ring, b: Ring, members: Ring['members']): boolean {
  const order = compareClocks(a.version, b.version);
  if (order === 'after') return true;
  if (order === 'before') return false;
  const active = activeMembers({ ...a, members });
  const [isMineIn, isYoursIn] = [active.includes(a.claimant), active.includes(b.claimant)];
  return isMineIn === isYoursIn ? a.claimant <= b.claimant : isMineIn;
}

function mergedMembers(a: Ring, b: Ring): Table<Member> {
  const members: Table<Member> = {};
  for (const node of keysOf({ ...a.members, ...b.members })) {
    const member = laterOf(lookUp(a.members, node), lookUp(b.members, node));
    if (member !== undefined) members[node] = member;
  }
  return members;
}

function laterOf(a: Member | undefined, b: Member | undefined): Member | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.version !== b.version) return a.version > b.version ? a : b;
  return PRECEDENCE.indexOf(a.status) <= PRECEDENCE.indexOf(b.status) ? a : b;
}
