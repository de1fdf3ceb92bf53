import type { Headline, SideReport, Situation } from '../../../shared/classroom/situation.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { StandingFault } from './console-faults.ts';

/** What a person who does not see the picture is told about, as it stands at one moment. */
export type Moment = {
  readonly faults: readonly StandingFault[];
  readonly situation: Situation;
  readonly leader: NodeId | null;
  readonly held: boolean;
};

/** Something worth saying aloud, once. */
export type News =
  | { readonly kind: 'fault'; readonly fault: StandingFault }
  | { readonly kind: 'undone'; readonly fault: StandingFault }
  | { readonly kind: 'whole' }
  | { readonly kind: 'leader'; readonly node: NodeId | null }
  | { readonly kind: 'held'; readonly held: boolean }
  | { readonly kind: 'side'; readonly side: SideReport }
  /** The whole cluster came into a state that no single side shows. */
  | { readonly kind: 'headline'; readonly situation: Situation };

/** How long nobody must lead before that is news: every change of leader has such a gap, virtual ms. */
const LEADERLESS_MIN = 3000;

/**
 * Compares moment with moment and tells what is new. A side that elects is no news yet: what comes of it
 * is, and only when it differs from what its nodes could do before.
 */
export class Announcer {
  #before: Moment | null = null;
  /** What the side of each node could do when last settled. */
  #settled = new Map<NodeId, SideReport['state']>();
  #told: NodeId | null = null;
  #leaderlessSince: number | null = null;

  /** `now`: virtual time. The first moment is where listening begins, and no news. */
  read(moment: Moment, now: number): News[] {
    const before = this.#before;
    this.#before = moment;
    if (before === null) {
      this.#told = moment.leader;
      this.#settle(moment.situation);
      return [];
    }
    return [
      ...faultNews(before.faults, moment.faults),
      ...this.#settle(moment.situation).map((side): News => ({ kind: 'side', side })),
      ...headlineNews(before.situation, moment.situation),
      ...this.#leaderNews(moment.leader, now),
      ...(before.held === moment.held ? [] : [{ kind: 'held', held: moment.held } as const]),
    ];
  }

  #leaderNews(leader: NodeId | null, now: number): News[] {
    if (leader === this.#told) {
      this.#leaderlessSince = null;
      return [];
    }
    if (leader === null) {
      this.#leaderlessSince ??= now;
      if (now - this.#leaderlessSince < LEADERLESS_MIN) return [];
    }
    this.#leaderlessSince = null;
    this.#told = leader;
    return [{ kind: 'leader', node: leader }];
  }

  /** Sides whose settled state is another than that of their nodes before. */
  #settle(situation: Situation): SideReport[] {
    return situation.sides.filter((side) => {
      if (side.state === 'electing') return false;
      const changed = side.nodes.some((node) => (this.#settled.get(node) ?? side.state) !== side.state);
      for (const node of side.nodes) this.#settled.set(node, side.state);
      return changed;
    });
  }
}

/** What is true of the sides together only. */
const WHOLE: readonly Headline[] = ['split-brain', 'healing', 'conflicts'];

function headlineNews(before: Situation, situation: Situation): News[] {
  const isNew = before.headline !== situation.headline && WHOLE.includes(situation.headline);
  return isNew ? [{ kind: 'headline', situation }] : [];
}

function faultNews(before: readonly StandingFault[], now: readonly StandingFault[]): News[] {
  const were = new Set(before.map((fault) => fault.key));
  const are = new Set(now.map((fault) => fault.key));
  const gone = before.filter((fault) => !are.has(fault.key));
  const made = now.filter((fault) => !were.has(fault.key)).map((fault): News => ({ kind: 'fault', fault }));
  if (now.length === 0 && gone.length > 0) return [{ kind: 'whole' }];
  return [...gone.map((fault): News => ({ kind: 'undone', fault })), ...made];
}
