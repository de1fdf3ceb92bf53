import type { NodeId } from '../../sim/operation.ts';
import { OUTCOME_WAIT, PEER_WAIT, ROUNDS_MAX } from './constants.ts';
import { suspect } from './detector.ts';
import { placesOf } from './places.ts';
import { startPut } from './put.ts';
import { endWork, nextId, NO_ANSWER, send, setTimer, tell, type Turn } from './turn.ts';
import type { Asker, ForwardWork, PutRequest, Reply } from './types.ts';

/**
 * Finds the coordinator of a write: one of the first N healthy nodes of its key, this one if it is among them
 * (DeCandia et al. 2007 §4.5, §6.4). A coordinator that does not take the write is thought down, and the next
 * one is asked. The silent one may have carried it out all the same, its answer lost on the way: then the value
 * exists in two versions, and until somebody merges them one can outlive the other's successor.
 */
export function routePut(turn: Turn, asker: Asker & { kind: 'driver' }, put: PutRequest): void {
  const places = placesOf(turn.state, put.key);
  const coordinator = places[0]?.node;
  if (coordinator === undefined || places.some(({ node }) => node === turn.state.self)) {
    startPut(turn, asker, put);
    return;
  }
  const id = nextId(turn.state);
  const work: ForwardWork = { kind: 'forward', id, asker, put, asked: [], taken: false };
  turn.state.work[id] = work;
  forward(turn, work, coordinator);
}

/** Another node asks this one to coordinate. It does, whatever it thinks itself of who is first. */
export function onForward(turn: Turn, from: NodeId, id: string, put: PutRequest): void {
  send(turn, from, { kind: 'taken', id });
  startPut(turn, { kind: 'node', node: from, id }, put);
}

export function onTaken(turn: Turn, from: NodeId, work: ForwardWork): void {
  if (work.taken || from !== work.asked.at(-1)) return;
  work.taken = true;
  setTimer(turn, `wait-${work.id}`, OUTCOME_WAIT);
}

export function onOutcome(turn: Turn, from: NodeId, work: ForwardWork, reply: Reply): void {
  // A coordinator given up on tells of success only: that counts, whoever it comes from.
  if (from !== work.asked.at(-1) && reply.kind === 'refused') return;
  tell(turn, { ...work.asker, doubtful: work.asked.length > 1 }, reply);
  endWork(turn, work);
}

export function onForwardWait(turn: Turn, work: ForwardWork): void {
  const silent = work.asked.at(-1);
  if (silent !== undefined && !work.taken) suspect(turn, silent);
  const places = placesOf(turn.state, work.put.key);
  if (!work.taken && places.some(({ node }) => node === turn.state.self)) {
    endWork(turn, work);
    startPut(turn, { ...work.asker, doubtful: true }, work.put);
    return;
  }
  const next = places.find(({ node }) => !work.asked.includes(node))?.node;
  if (work.taken || next === undefined || work.asked.length >= ROUNDS_MAX) {
    tell(turn, work.asker, { kind: 'refused', class: 'info', error: NO_ANSWER });
    endWork(turn, work);
    return;
  }
  forward(turn, work, next);
}

function forward(turn: Turn, work: ForwardWork, to: NodeId): void {
  work.asked.push(to);
  send(turn, to, { kind: 'forward', id: work.id, put: work.put });
  setTimer(turn, `wait-${work.id}`, PEER_WAIT);
}
