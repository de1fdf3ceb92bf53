import { unreachable } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { persist, setTimer } from '../../turn.ts';
import { describeMessage, describeState } from './describe.ts';
import { onGoAhead, onMayI, onPrepare, onPromise, tickFollower } from './election.ts';
import { adopt, createGroup, drawPatience, groupAt } from './group.ts';
import { heartbeat, onAccepted, onHeartbeatOk, onLeader, tickLeader } from './leader.ts';
import { groupsOf } from './placement.ts';
import { onReplicate, onReplicated, shipAgain } from './regions.ts';
import { onAnswer, onNodeDied, onNotLeader, onRouteTimer, route } from './router.ts';
import { onAsk, onCommitted } from './serve.ts';
import type {
  Durable,
  DynamoDbKnobs,
  DynamoDbShape,
  DynamoDbState,
  Group,
  Message,
  Timer,
  Turn,
} from './types.ts';
import { view } from './view.ts';

/**
 * Amazon DynamoDB, the service (Elhemali et al. 2022), which shares little more than a name with the paper of 2007:
 * partitions of three replicas, each with a leader that has a lease and orders all writes (Multi-Paxos, here item by
 * item), and request routers before them. No siblings, no vector clocks.
 *
 * The lesson is in its three modes. One Region: writes need a majority, reads say whether they do. Global tables:
 * every Region goes on alone and the later clock wins; or one order for all Regions, and their distance in every write.
 */
export const dynamoDb: Protocol<DynamoDbShape> = {
  name: 'dynamodb',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

function init(config: Config<DynamoDbKnobs>, durable: Durable | null): DynamoDbState {
  const { self, nodes, knobs, incarnation } = config;
  const state: DynamoDbState = {
    ...{ self, nodes, knobs, durable: durable ?? { groups: {} } },
    ...{ groups: {}, routed: {}, leaders: {}, numbers: incarnation * 1_000_000 },
  };
  const groups = groupsOf({ nodes, knobs });
  for (const id of keysOf(groups)) {
    const members = groups[id] ?? [];
    if (!members.includes(self)) continue;
    const group = createGroup(id, members);
    state.groups[id] = group;
    // A class begins with a table that has been there for a while: everybody has promised ballot 0 to the first.
    if (incarnation === 1 && members[0] === self) group.role = 'leader';
  }
  return state;
}

function step(state: DynamoDbState, input: Input<DynamoDbShape>, ambient: Ambient): Output<DynamoDbShape>[] {
  const turn: Turn = { ...ambient, state, outputs: [], inbox: [], committed: [] };
  switch (input.kind) {
    case 'start':
      onStart(turn);
      break;
    case 'message':
      onMessage(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      route(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      onNodeDied(turn, input.from);
      break;
    default:
      unreachable(input);
  }
  settle(turn);
  return savedFirst(turn.outputs);
}

/** What the step itself has brought about: commits, and messages of this node to itself. */
function settle(turn: Turn): void {
  while (turn.committed.length > 0 || turn.inbox.length > 0) {
    const committed = turn.committed.shift();
    if (committed !== undefined) onCommitted(turn, committed);
    const message = turn.inbox.shift();
    if (message !== undefined) onMessage(turn, turn.state.self, message);
  }
}

/** A step is one write to the disk: what it changed is there before anybody is told anything. */
function savedFirst(outputs: Output<DynamoDbShape>[]): Output<DynamoDbShape>[] {
  const others = outputs.filter(({ kind }) => kind !== 'persist');
  return others.length === outputs.length ? outputs : [{ kind: 'persist' }, ...others];
}

function onStart(turn: Turn): void {
  const { state } = turn;
  persist(turn);
  const groups = keysOf(state.groups);
  for (const id of groups) {
    const group = lookUp(state.groups, id);
    if (group === undefined) continue;
    drawPatience(turn, group);
    state.durable.groups[id] ??= { ballot: 0, items: {} };
    if (group.role === 'leader') heartbeat(turn, group);
  }
  if (groups.length > 0) setTimer(turn, 'tick', 1 + below(turn.random, state.knobs.heartbeatMs));
}

function onTimer(turn: Turn, timer: Timer): void {
  if (timer === 'tick') onTick(turn);
  else if (timer.startsWith('route-')) onRouteTimer(turn, Number(timer.slice('route-'.length)));
}

function onTick(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'tick', state.knobs.heartbeatMs);
  for (const id of keysOf(state.groups)) {
    const group = lookUp(state.groups, id);
    if (group?.role === 'leader') {
      tickLeader(turn, group);
      shipAgain(turn, group);
    } else if (group !== undefined) tickFollower(turn, group);
  }
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  switch (message.kind) {
    case 'ask':
      onAsk(turn, from, message);
      return;
    case 'answer':
      onAnswer(turn, from, message.id, message.group, message.reply);
      return;
    case 'not-leader':
      onNotLeader(turn, from, message);
      return;
    default: {
      const group = groupAt(turn.state, message.group);
      if (group !== undefined) onGroupMessage(turn, from, group, message);
    }
  }
}

type GroupMessage = Exclude<Message, { readonly kind: 'ask' | 'answer' | 'not-leader' }>;

function onGroupMessage(turn: Turn, from: NodeId, group: Group, message: GroupMessage): void {
  switch (message.kind) {
    case 'may-i':
      onMayI(turn, from, group);
      return;
    case 'go-ahead':
      onGoAhead(turn, from, group);
      return;
    case 'prepare':
      onPrepare(turn, from, group, message.ballot);
      return;
    case 'promise':
      onPromise(turn, from, group, message.ballot, message.items);
      return;
    case 'outdated':
      adopt(turn, group, message.ballot);
      return;
    case 'heartbeat':
    case 'accept':
      onLeader(turn, from, group, message);
      return;
    case 'heartbeat-ok':
      onHeartbeatOk(turn, from, group, message.ballot, message.tick);
      return;
    case 'accepted':
      onAccepted(turn, from, group, message.ballot, message.sequences);
      return;
    case 'replicate':
      onReplicate(turn, from, group, message.key, message.item);
      return;
    case 'replicated':
      onReplicated(turn, from, group, message);
      return;
    default:
      unreachable(message);
  }
}
