import type { Fold } from '../../../shared/recording/fold.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { ReplicaView } from '../../../shared/sim/protocol.ts';
import type { Hearing } from './hearing.ts';
import type { NodePicture, Picture } from './picture.ts';

/** How long ago a node heard from a peer last; null: not for `silentFor`, and before that nobody looked. */
export type Heard = { readonly node: NodeId; readonly ago: number | null; readonly silentFor: number };

/** All that one node knows at a moment: its own replica, and who has spoken to it. Never who is cut off. */
export type Knowledge = {
  readonly node: NodeId;
  readonly up: boolean;
  readonly view: ReplicaView;
  /** Those heard from lately first. */
  readonly heard: readonly Heard[];
  /** The cluster as this node could draw it. */
  readonly picture: Picture;
};

/** News younger than this is fresh. Virtual milliseconds. */
const FRESH_MS = 1500;

/** What a node knows of the cluster that `truth` shows, by what it heard. */
export function knowledgeOf(
  { world, header }: Pick<Fold, 'world' | 'header'>,
  truth: Picture,
  node: NodeId,
  hearing: Hearing,
): Knowledge {
  const view = world.view(node);
  const heard = header.nodes
    .filter((other) => other !== node)
    .map((other): Heard => {
      const at = hearing.last(node, other);
      const silentFor = world.now - hearing.since;
      return { node: other, ago: at === null ? null : world.now - at, silentFor };
    });
  const own = truth.nodes.find(({ id }) => id === node);
  const nodes = truth.nodes.map((drawn) =>
    drawn === own ? { ...drawn, isolated: false } : guess(drawn, view, heard),
  );
  return {
    node,
    up: world.node(node).up,
    view,
    heard: [...heard].sort((a, b) => (a.ago ?? Infinity) - (b.ago ?? Infinity)),
    // Links are what a node cannot see: it only notices silence.
    picture: { ...truth, nodes, bundles: [] },
  };
}

/** Another node as this one imagines it: there, perhaps leading, and heard from or not. */
function guess(node: NodePicture, view: ReplicaView, heard: readonly Heard[]): NodePicture {
  const ago = heard.find((other) => other.node === node.id)?.ago ?? null;
  const leads = view.leader === node.id;
  return {
    ...node,
    state: 'up',
    role: leads ? 'leader' : '',
    term: null,
    siblings: 0,
    isolated: false,
    seat: 'here',
    known: ago === null ? 'never' : ago < FRESH_MS ? 'recent' : 'old',
  };
}
