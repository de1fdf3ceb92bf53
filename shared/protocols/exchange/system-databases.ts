import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { edit, merge, revisionOf, winnerOf, type Revisions } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { mark, persist, send, setTimer } from '../turn.ts';
import { rearrangeJobs } from './jobs.ts';
import { forgetStrangers, isConnected } from './liveness.ts';
import { foundedCluster, mapOf, mapRevisionOf, membersOf } from './membership.ts';
import type { ShardMap } from './shard-map.ts';
import type { Cluster, CouchState, Message, Turn } from './types.ts';

/** mem3_sync.erl: a push that has failed is made again after this. */
const RETRY = 5000;

/** Puts a node's document in `_nodes` or deletes it. False: it is there already, or not there. */
export function editNode(turn: Turn, node: NodeId, joins: boolean): boolean {
  const { nodes } = clusterOf(turn);
  const before = lookUp(nodes, node) ?? [];
  const winner = winnerOf(before);
  if ((winner?.deleted === false) === joins) return false;
  const edited = edit(before, joins || winner === null ? null : revisionOf(winner), true, !joins);
  if (edited === null) return false;
  changeCluster(turn, { ...nodes, [node]: edited.document }, clusterOf(turn).map);
  return true;
}

/** Puts the shard map over the revision that somebody has read. False: it is another one by now. */
export function editMap(turn: Turn, over: string, map: ShardMap): boolean {
  const { nodes, map: before } = clusterOf(turn);
  const winner = winnerOf(before);
  const edited = winner !== null && revisionOf(winner) === over ? edit(before, over, map, false) : null;
  if (edited === null) return false;
  changeCluster(turn, nodes, edited.document);
  return true;
}

/** Another node's `_nodes` and `_dbs`: they become one with those here, like any database that is replicated. */
export function onSystem(turn: Turn, from: NodeId, message: Message & { readonly kind: 'system' }): void {
  const { nodes, map } = clusterOf(turn);
  const united: Table<Revisions<true>> = { ...nodes };
  for (const node of keysOf(message.nodes)) {
    united[node] = merge(lookUp(united, node) ?? [], lookUp(message.nodes, node) ?? []);
  }
  changeCluster(turn, united, merge(map, message.map));
  send(turn, from, { kind: 'system-taken', id: message.id });
}

export function onSystemTaken({ state }: Turn, from: NodeId, id: number): void {
  if (state.telling?.[from] === id) delete state.telling[from];
}

/** Tells again whoever has not answered. */
export function onSystemTimer(turn: Turn): void {
  const silent = keysOf(turn.state.telling ?? {});
  turn.state.telling = {};
  for (const node of silent) tell(turn, node);
}

/** The next in the row of the nodes that are there is told, and tells the next. */
export function tellNext(turn: Turn): void {
  const next = nextOf(turn.state);
  if (next !== null) tell(turn, next);
}

/** The same in a while: a node is there again, and the connection to it is to stand first. */
export function tellNextSoon(turn: Turn): void {
  const { state } = turn;
  const next = nextOf(state);
  if (next !== null && lookUp(state.telling ?? {}, next) === undefined) awaitAnswer(turn, next, 0);
}

function nextOf(state: CouchState): NodeId | null {
  if (state.durable.cluster === undefined) return null;
  const row = membersOf(state).filter((node) => isConnected(state, node));
  const next = row[(row.indexOf(state.self) + 1) % Math.max(1, row.length)];
  return next === undefined || next === state.self ? null : next;
}

/** Who is gone is not told any more, and whoever comes after it is. */
export function onListenerLost(turn: Turn, node: NodeId): void {
  const { telling } = turn.state;
  if (telling === undefined || lookUp(telling, node) === undefined) return;
  delete telling[node];
  tellNext(turn);
}

/** What this node knows of its cluster, written down where that was not necessary until now. */
export function clusterOf({ state }: Turn): Cluster {
  return (state.durable.cluster ??= foundedCluster(state));
}

/** All members are told who is one, and only the next where the shards are (mem3_sync_event_listener.erl). */
function changeCluster(turn: Turn, nodes: Cluster['nodes'], map: Cluster['map']): void {
  const { state } = turn;
  const cluster = clusterOf(turn);
  const before = { members: membersOf(state), map: mapOf(state), revision: mapRevisionOf(state) };
  const isOther = keysOf(nodes).some((node) => lookUp(cluster.nodes, node) !== lookUp(nodes, node));
  const isMoved = map !== cluster.map;
  if (!isOther && !isMoved) return;
  state.durable.cluster = { ...cluster, nodes, map };
  persist(turn);
  markMembers(turn, before.members);
  forgetStrangers(turn);
  if (mapRevisionOf(state) !== before.revision) {
    const ranges = mapOf(state)
      ?.map((copies) => copies.join(' '))
      .join(' | ');
    mark(turn, 'members', `${state.self}: shards are at ${ranges ?? 'nobody'}`);
    rearrangeJobs(turn, before.map);
  }
  if (isOther) for (const node of membersOf(state)) tell(turn, node);
  else tellNext(turn);
}

function markMembers(turn: Turn, before: readonly NodeId[]): void {
  const { state } = turn;
  const after = membersOf(state);
  for (const node of after.filter((member) => !before.includes(member))) {
    mark(turn, 'members', `${state.self}: ${node} is a node of the cluster`);
    if (!isConnected(state, node)) send(turn, node, { kind: 'hello' });
  }
  for (const node of before.filter((member) => !after.includes(member))) {
    mark(turn, 'members', `${state.self}: ${node} is no node of the cluster any more`);
  }
}

function tell(turn: Turn, node: NodeId): void {
  const { state } = turn;
  const { nodes, map } = clusterOf(turn);
  if (node === state.self || !membersOf(state).includes(node) || !isConnected(state, node)) return;
  const id = ++state.numbers;
  awaitAnswer(turn, node, id);
  send(turn, node, { kind: 'system', id, nodes, map });
}

function awaitAnswer(turn: Turn, node: NodeId, id: number): void {
  const telling = (turn.state.telling ??= {});
  if (keysOf(telling).length === 0) setTimer(turn, 'system', RETRY);
  telling[node] = id;
}
