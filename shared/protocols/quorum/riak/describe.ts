import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import { type Change, valueOf } from './data-types.ts';
import type { Entry, Update } from './entry.ts';
import { ownersOf } from './membership.ts';
import { isReady, membersWith, type Ring, statusOf } from './ring-state.ts';
import type { Call, Message, PutRequest, Reply, Request, RiakState } from './types.ts';

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'put':
      return `store ${describeEntry(message.key, message.entry)} in partition ${message.partition}`;
    case 'put-ok':
      return `stored in partition ${message.partition}`;
    case 'get':
      return `what is ${message.key} in partition ${message.partition}?`;
    case 'got': {
      const found = message.entry === null ? 'nothing' : describeContent(message.entry);
      return `partition ${message.partition} has ${found}`;
    }
    case 'repair':
      return `you were behind: ${describeEntry(message.key, message.entry)}`;
    case 'forward':
      return `please coordinate: ${describePut(message.put)}`;
    case 'taken':
      return 'I coordinate it';
    case 'outcome':
      return `outcome: ${describeReply(message.reply)}`;
    case 'handoff':
      return `for partition ${message.partition}: ${describeEntries(message.entries)}`;
    case 'handoff-ok':
      return `has ${message.labels.map(([key]) => key).join(', ')} back`;
    case 'tick':
      return 'I am here';
    case 'hello':
      return 'connect';
    case 'hello-ok':
      return 'I hear you';
    case 'connected':
      return 'connected';
    case 'passed':
      return `for ${message.asker}: ${describeMessage(message.message)}`;
    case 'ring':
      return `ring ${describeRing(message.ring)}`;
    case 'call':
      return `calls: ${describeCall(message.call)}`;
    case 'called':
      return message.reply.kind === 'ring'
        ? `ring ${describeRing(message.reply.ring)}`
        : describeReply(message.reply);
    case 'tree':
      return `compare partitions ${message.mine} and ${message.yours}: level ${message.level}`;
    case 'leaves':
      return `${message.answer ? 'and mine' : 'mine'}: ${describeEntries(message.entries)}`;
    default:
      return unreachable(message);
  }
}

export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'get':
      return `get ${request.key}`;
    case 'join':
      return `cluster join ${request.to}`;
    case 'claim':
      return `cluster ${describeCall(request.call)}`;
    case 'put':
      return describePut(request);
  }
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'found':
      return describeContent(reply.entry);
    case 'stored':
      return `stored: ${describeContent(reply.entry)}`;
    case 'done':
      return 'done';
    case 'planned':
      return `staged: ${reply.changes.join(', ') || 'nothing'}`;
    case 'refused':
      return reply.error;
    default:
      return unreachable(reply);
  }
}

/** `order=tea (n1:1) for n2`: what each vnode has, then who is thought down. */
export function describeState(state: RiakState): string {
  const { vnodes } = state.durable;
  const owners = ownersOf(state);
  const parts = keysOf(vnodes).flatMap((partition) => {
    const shelf = lookUp(vnodes, partition) ?? {};
    const owner = owners[Number(partition)] ?? 'nobody';
    const whose = owner === state.self ? '' : ` for ${owner}`;
    return keysOf(shelf).map((key) => {
      const held = lookUp(shelf, key);
      return `${partition}: ${held === undefined ? key : describeEntry(key, held.entry)}${whose}`;
    });
  });
  if (state.durable.ring) parts.push(`ring ${describeRing(state.durable.ring)}`);
  const down = keysOf(state.down);
  if (down.length > 0) parts.push(`thinks down: ${down.join(' ')}`);
  return parts.join('; ') || 'empty';
}

/** `n1:2 n4:1, n4 joining, 3 of 5 partitions to move, not ready`: nothing of what goes without saying. */
function describeRing(ring: Ring): string {
  const [left, all] = [ring.pending.filter(({ done }) => !done).length, ring.pending.length];
  const changing = membersWith(ring, 'joining', 'leaving', 'exiting', 'invalid');
  return [
    describeClock(ring.clock) || 'as founded',
    ...changing.map((node) => `${node} ${statusOf(ring, node) ?? ''}`),
    ...(all === 0 ? [] : [`${left} of ${all} partitions to move`]),
    isReady(ring) ? 'ready' : 'not ready',
  ].join(', ');
}

function describeCall(call: Call): string {
  return call.kind === 'leave' ? `leave ${call.node}` : call.kind;
}

function describePut({ key, update, context }: PutRequest): string {
  const seen = describeClock(context);
  return `${describeUpdate(key, update)}${seen === '' ? '' : ` after ${seen}`}`;
}

function describeUpdate(key: string, update: Update): string {
  switch (update.kind) {
    case 'store':
      return `put ${key}=${describeValue(update.value)}`;
    case 'clear':
      return `delete ${key}`;
    case 'change':
      return `${describeChange(update.change)} ${key}`;
    default:
      return unreachable(update);
  }
}

function describeChange(change: Change): string {
  switch (change.type) {
    case 'register':
      return `set the register to ${describeValue(change.value)}:`;
    case 'counter':
      return `count ${change.by}:`;
    case 'set':
      return `${change.action} ${describeValue(change.item)}:`;
    case 'map':
      return change.action === 'remove'
        ? `remove the field ${change.field}:`
        : `set the field ${change.field} to ${describeValue(change.value)}:`;
    case 'flag':
      return change.on ? 'enable' : 'disable';
    default:
      return unreachable(change);
  }
}

function describeEntries(entries: readonly (readonly [key: string, entry: Entry])[]): string {
  return entries.map(([key, entry]) => describeEntry(key, entry)).join('; ') || 'nothing';
}

function describeEntry(key: string, entry: Entry): string {
  return `${key}=${describeContent(entry)}`;
}

function describeContent({ object, types }: Entry): string {
  const parts = keysOf(types).map((name) => {
    const held = lookUp(types, name);
    return held === undefined ? name : `${name} ${describeValue(valueOf(held))}`;
  });
  if (object.values.length > 0) {
    const values = object.values.map(({ value }) => (value.deleted ? 'deleted' : describeValue(value.value)));
    parts.unshift(`${values.join(' | ')} (${describeClock(object.seen)})`);
  }
  return parts.join(', ') || 'nothing';
}

function describeValue(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}
