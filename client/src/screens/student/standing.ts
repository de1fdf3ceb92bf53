import type { NodePicture } from '../../state/seat.svelte.ts';
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
  if (!system.hasLeader) return t.standing.alike;
  switch (view.role) {
    case 'leader': {
      const answered = peers.filter(({ heardAt }) => heardAt !== null && now - heardAt < RECENT_MS).length;
      if (answered === 0 && peers.length > 0) return t.standing.leadsAlone(peers.length);
      return t.standing.leads(answered, peers.length);
    }
    case 'pre-candidate':
      return t.standing.asking;
    case 'candidate':
      return t.standing.standing;
    default: {
      const leader = view.leader === id ? null : view.leader;
      if (leader === null) return t.standing.leaderless;
      const heardAt = peers.find((peer) => peer.id === leader)?.heardAt ?? null;
      const age = heardAt === null ? now : Math.max(0, now - heardAt);
      return age > SILENT_MS
        ? t.standing.followsSilent(leader, ago(age))
        : t.standing.follows(leader, ago(age));
    }
  }
}
