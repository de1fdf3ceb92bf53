import type { NodePicture } from '../../state/node-picture.ts';
import { age as ago } from '../../messages/index.ts';
import { student as t } from '../../messages/student.ts';
import { heldBy } from './held.ts';

/** Silence that a person should notice, virtual milliseconds. */
const SILENT_MS = 2000;
const RECENT_MS = 1000;

/** One sentence on where the node stands, from what the node itself can know. */
export function standing(picture: NodePicture, now: number): string {
  const { view, peers, system, id } = picture;
  if (!picture.up) return t.standing.down;
  if (picture.paused) return t.standing.paused;
  const conflicts = heldBy(picture).filter(({ values }) => values.length > 1).length;
  if (conflicts > 0) return t.standing.conflicts(conflicts);
  switch (view.role) {
    case 'leader':
    case 'primary': {
      const answered = peers.filter(({ heardAt }) => heardAt !== null && now - heardAt < RECENT_MS).length;
      if (answered === 0 && peers.length > 0) return t.standing.leadsAlone(peers.length);
      return t.standing.leads(answered, peers.length);
    }
    case 'master':
      return t.standing.owns;
    case 'pre-candidate':
    case 'looking':
      return t.standing.asking;
    case 'candidate':
      return t.standing.standing;
    case 'arbiter':
      return t.standing.arbitrates;
    case 'rollback':
      return t.standing.rollsBack;
    case 'startup':
      return t.standing.startsUp;
    case 'spare':
      return t.standing.isSpare;
    case 'client':
      return t.standing.asksOthers;
    default: {
      const leader = view.leader === id ? null : view.leader;
      if (leader === null) return system.hasLeader ? t.standing.leaderless : t.standing.alike;
      const heardAt = peers.find((peer) => peer.id === leader)?.heardAt ?? null;
      const age = heardAt === null ? now : Math.max(0, now - heardAt);
      return age > SILENT_MS
        ? t.standing.followsSilent(leader, ago(age))
        : t.standing.follows(leader, ago(age));
    }
  }
}
