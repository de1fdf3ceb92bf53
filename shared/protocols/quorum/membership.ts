import { below } from '../../base/random.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { GOSSIP } from './constants.ts';
import { placement } from './ring.ts';
import { keep } from './storage.ts';
import { mark, persist, send, setTimer, type Turn } from './turn.ts';
import type { Change, Changes, Copies, QuorumState, Reply } from './types.ts';

/** The paper has no error texts; these are ours. */
export const MEMBERSHIP_ERRORS = {
  member: (node: string) => `${node} is a member already`,
  stranger: (node: string) => `${node} is no member`,
  tooFew: (n: number) => `N=${n} copies need as many nodes`,
} as const;

/** The nodes on the ring, as far as this one has heard. */
export function ringOf({ ring, members, nodes }: QuorumState): readonly NodeId[] {
  return ring ?? members ?? nodes;
}

export function isMember(state: QuorumState): boolean {
  return ringOf(state).includes(state.self);
}

/**
 * An administrator tells this node that another joins the ring or leaves it (DeCandia et al. 2007 §4.8.1): an
 * outage is no departure, so nobody is made a member or removed by itself. The node writes the change and its time
 * down, and that is all: gossip tells the others, and rows move when their holders hear of it.
 */
export function changeMembers(turn: Turn, node: NodeId, joins: boolean): Reply {
  const { state } = turn;
  const ring = ringOf(state);
  const { n } = state.knobs;
  const refused = (error: string): Reply => ({ kind: 'refused', class: 'fail', error });
  if (ring.includes(node) === joins) {
    return refused(joins ? MEMBERSHIP_ERRORS.member(node) : MEMBERSHIP_ERRORS.stranger(node));
  }
  if (!joins && ring.length <= n) return refused(MEMBERSHIP_ERRORS.tooFew(n));
  const at = Math.max(turn.now, (lookUp(state.durable.changes ?? {}, node)?.at ?? -1) + 1);
  learnChanges(turn, { [node]: { joined: joins, at } });
  return { kind: 'changed' };
}

/** Once a second two nodes chosen by chance reconcile the changes that they know of. */
export function onGossip(turn: Turn): void {
  const { state } = turn;
  const { changes } = state.durable;
  state.gossiping = false;
  if (changes === undefined) return;
  giveAway(turn);
  const peers = state.nodes.filter(
    (node) => node !== state.self && (ringOf(state).includes(node) || node in changes),
  );
  const peer = peers[below(turn.random, Math.max(1, peers.length))];
  if (peer !== undefined) send(turn, peer, { kind: 'changes', changes: { ...changes }, answer: false });
  keepGossiping(turn);
}

export function onChanges(turn: Turn, from: NodeId, changes: Changes, isAnswer: boolean): void {
  learnChanges(turn, changes);
  const known = turn.state.durable.changes;
  if (!isAnswer && known !== undefined) {
    send(turn, from, { kind: 'changes', changes: { ...known }, answer: true });
  }
}

export function keepGossiping(turn: Turn): void {
  const { state } = turn;
  if (state.gossiping === true || state.durable.changes === undefined) return;
  state.gossiping = true;
  setTimer(turn, 'gossip', GOSSIP);
}

/** Works out the ring from what has changed since the beginning: of each node the latest change counts. */
export function drawRing(state: QuorumState): void {
  const { nodes, members, durable } = state;
  const isOn = (node: NodeId): boolean =>
    lookUp(durable.changes ?? {}, node)?.joined ?? (members ?? nodes).includes(node);
  state.ring = nodes.filter(isOn);
}

function learnChanges(turn: Turn, changes: Changes): void {
  const { state } = turn;
  const news = keysOf(changes).filter((node) => {
    return isNews(lookUp(changes, node), lookUp(state.durable.changes ?? {}, node));
  });
  if (news.length === 0) return;
  const before = ringOf(state);
  for (const node of news) {
    const change = lookUp(changes, node);
    if (change === undefined) continue;
    (state.durable.changes ??= {})[node] = change;
    mark(turn, 'role', `${state.self} hears that ${node} ${change.joined ? 'joins' : 'leaves'}`);
    if (!change.joined) delete state.down[node];
  }
  state.before = before;
  drawRing(state);
  persist(turn);
  giveAway(turn);
  keepGossiping(turn);
}

/** The later change counts; of two that were made at the same time the departure, so that all decide alike. */
function isNews(told: Change | undefined, known: Change | undefined): boolean {
  if (told === undefined || known === undefined || told.at !== known.at)
    return (told?.at ?? -1) > (known?.at ?? -1);
  return known.joined && !told.joined;
}

/**
 * What this node has and does not own any more goes to whoever owns it now (§4.9): it is kept like a hint until that
 * node has confirmed it, so nothing is transferred twice and nothing is forgotten too early.
 */
function giveAway(turn: Turn): void {
  const { state } = turn;
  const { data, hints } = state.durable;
  const ring = ringOf(state);
  for (const key of keysOf(data)) {
    if (ownersIn(state, ring, key).includes(state.self)) continue;
    const versions = lookUp(data, key) ?? [];
    delete data[key];
    give(turn, key, versions);
  }
  for (const owner of keysOf(hints).filter((node) => !ring.includes(node))) {
    const shelf = lookUp(hints, owner) ?? {};
    delete hints[owner];
    for (const key of keysOf(shelf)) give(turn, key, lookUp(shelf, key) ?? []);
  }
}

function give(turn: Turn, key: string, versions: Copies): void {
  const { state } = turn;
  const owners = ownersIn(state, ringOf(state), key);
  const former = state.before === undefined ? [] : ownersIn(state, state.before, key);
  const fresh = owners.filter((node) => !former.includes(node));
  for (const node of fresh.length > 0 ? fresh : owners) {
    keep(turn, key, versions, node === state.self ? null : node);
  }
  persist(turn);
}

function ownersIn({ knobs }: QuorumState, ring: readonly NodeId[], key: string): NodeId[] {
  return placement(key, ring, knobs.n);
}
