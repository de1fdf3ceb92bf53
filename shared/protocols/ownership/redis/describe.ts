import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Reply, Request } from './requests.ts';
import { valueOf, type Command, type Entry } from '../../store.ts';
import { describeRanges } from './owners.ts';
import { isMaster, masterOf, memberOf, rangesOwnedBy } from './turn.ts';
import type { BusBody, Claim, Gossip, Message, RedisState } from './types.ts';

/** One line about a message between nodes. */
export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'bus':
      return `${describeBody(message.body)} (epoch ${message.head.currentEpoch})`;
    case 'stream':
      return `change ${message.offset}: ${describeEntry(message.key, message.entry)}`;
    case 'sync':
      return `all data up to ${message.offset}: ${describeData(message.data)}`;
    case 'alive':
      return 'your master is here';
    case 'get-ack':
      return 'how far are you?';
    case 'ack':
      return message.id === '' ? 'send me all data' : `has ${message.offset} changes`;
    case 'restore':
      return `restore ${message.entries.map(([key, entry]) => describeEntry(key, entry)).join(', ')}`;
    case 'restored':
      return message.error ?? `has ${message.keys.join(', ')}`;
    default:
      return unreachable(message);
  }
}

/** One line about a node. */
export function describeState(state: RedisState): string {
  const { self, durable, replication, isClusterOk } = state;
  if (!durable.isMember) return `in no cluster: ${describeData(durable.data)}`;
  const master = masterOf(state, self);
  const role = isMaster(state, self)
    ? `master of ranges ${describeRanges(rangesOwnedBy(state, self))}, config epoch ${memberOf(state, self).configEpoch}`
    : `replica of ${master}`;
  const health = isClusterOk ? 'ok' : 'down';
  const moves = [
    ...describeMoves('migrating', durable.migrating),
    ...describeMoves('importing', durable.importing),
  ];
  return `${role}, epoch ${durable.currentEpoch}, cluster ${health}, ${moves.join('')}offset ${replication.offset}: ${describeData(durable.data)}`;
}

/** One line about what a client asks. */
export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'slots':
      return 'cluster slots';
    case 'command': {
      const modes = `${request.readonly ? 'readonly ' : ''}${request.asking === true ? 'asking ' : ''}`;
      return `${modes}${describeCommand(request.command)}`;
    }
    case 'wait':
      return `wait ${request.replicas} ${request.timeout}`;
    case 'nodes':
      return 'cluster nodes';
    case 'setslot':
      return `cluster setslot ${describeRanges([request.range])} ${request.to}${request.to === 'stable' ? '' : ` ${request.node}`}`;
    case 'take': {
      const slots = describeRanges([request.range]);
      return `multi: cluster delslots ${slots}, cluster addslots ${slots}, cluster bumpepoch`;
    }
    case 'delslots':
      return `cluster delslots ${describeRanges([request.range])}`;
    case 'count':
      return `cluster countkeysinslot ${describeRanges(request.ranges)}`;
    case 'keys':
      return `cluster getkeysinslot ${describeRanges([request.range])}`;
    case 'migrate':
      return `migrate ${request.keys.join(' ')} to ${request.to}${request.replace ? ' replace' : ''}`;
    case 'values':
      return `debug digest-value ${request.keys.join(' ')}`;
    case 'meet':
    case 'forget':
    case 'replicate':
      return `cluster ${request.kind} ${request.node}`;
    case 'reset':
      return 'cluster reset soft';
    default:
      return unreachable(request);
  }
}

/** One line about what it is told. */
export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'slots':
      return `slots of ${reply.services.map(({ master }) => master ?? 'nobody').join(', ')}`;
    case 'done':
      return reply.applied ? canonical(reply.value) : `not applied, found ${canonical(reply.value)}`;
    case 'waited':
      return `${reply.replicas} replicas have it`;
    case 'moved':
    case 'ask':
      return `${reply.kind.toUpperCase()} ${reply.slot} ${reply.to}`;
    case 'nodes':
      return `nodes ${reply.lines.map(({ node, slots }) => (slots === '' ? node : `${node} ${slots}`)).join(', ')}`;
    case 'keys':
      return `keys ${reply.keys.join(' ') || 'none'}`;
    case 'counts':
      return `counts ${reply.counts.join(' ')}`;
    case 'values':
      return `values ${reply.values.join(' ')}`;
    case 'ok':
      return 'OK';
    case 'error':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

function describeBody(body: BusBody): string {
  switch (body.kind) {
    case 'ping':
    case 'pong':
    case 'meet':
      return `${body.kind}${describeGossip(body.gossip)}`;
    case 'fail':
      return `${body.node} has failed`;
    case 'update':
      return `${body.node} has ${describeClaim(body.claim)}`;
    case 'vote-request':
      return 'vote for me';
    case 'vote':
      return 'my vote';
    default:
      return unreachable(body);
  }
}

function describeGossip(gossip: readonly Gossip[]): string {
  const failing = gossip.filter(({ isFailing }) => isFailing).map(({ node }) => node);
  return failing.length === 0 ? '' : `, cannot reach ${failing.sort().join(' ')}`;
}

function describeClaim({ configEpoch, ranges }: Claim): string {
  return `ranges ${describeRanges(ranges)} with config epoch ${configEpoch}`;
}

function describeMoves(what: string, moves: Readonly<Table<NodeId>> = {}): string[] {
  return keysOf(moves).map((range) => {
    const preposition = what === 'migrating' ? 'to' : 'from';
    return `${what} ${describeRanges([Number(range)])} ${preposition} ${lookUp(moves, range) ?? ''}, `;
  });
}

function describeCommand(command: Command): string {
  switch (command.kind) {
    case 'get':
    case 'del':
      return `${command.kind} ${command.key}`;
    case 'incrby':
      return `incrby ${command.key} ${command.by}`;
    case 'cas':
      return `set ${command.key} ${canonical(command.value)} if it is ${canonical(command.expected)}`;
    case 'set':
    case 'sadd':
    case 'srem':
    case 'rpush':
      return `${command.kind} ${command.key} ${canonical(command.value)}`;
    default:
      return unreachable(command);
  }
}

function describeEntry(key: string, entry: Entry | null): string {
  return entry === null ? `${key} deleted` : `${key}=${canonical(valueOf(entry))}`;
}

function describeData(data: Readonly<Record<string, Entry>>): string {
  const entries = keysOf(data).map((key) => describeEntry(key, lookUp(data, key) ?? null));
  return entries.length === 0 ? 'no data' : entries.join(', ');
}
