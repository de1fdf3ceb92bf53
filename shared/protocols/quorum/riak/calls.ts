import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { send } from '../../turn.ts';
import { ADMIN_ERRORS, nameOf } from './admin-errors.ts';
import { REQUEST_TIMEOUT, SETUP_TIME } from './constants.ts';
import { begin, endWork, nextId, tell, type Turn } from './turn.ts';
import type { Asker, Call, CallWork, Reply } from './types.ts';

/** Asks another node for what an administrator's command needs of it; Erlang connects the two if it must. */
export function callNode(turn: Turn, asker: Asker, to: NodeId, call: Call): void {
  const work: CallWork = { kind: 'call', id: nextId(turn.state), asker, to, call };
  begin(turn, work, call.kind === 'ring' ? SETUP_TIME : REQUEST_TIMEOUT);
  send(turn, to, { kind: 'call', id: work.id, call });
}

/** `net_adm:ping` gives up soon, `nodetool rpc` after a minute. What was asked of the claimant may have been done. */
export function onCallTimeout(turn: Turn, work: CallWork): void {
  const { self } = turn.state;
  if (work.call.kind === 'ring') endCall(turn, work, unreachable(work.to));
  else endCall(turn, work, doubtful(ADMIN_ERRORS.timeout(nameOf(self))));
}

/** The connection to a node is lost: so are the calls that wait for it. */
export function endCallsTo(turn: Turn, peer: NodeId): void {
  const { work } = turn.state;
  for (const id of keysOf(work)) {
    const call = lookUp(work, id);
    if (call?.kind === 'call' && call.to === peer) endCall(turn, call, lost(turn, call.to, call.call));
  }
}

/** What a call ends with whose node is not connected. */
export function lost(turn: Turn, to: NodeId, call: Call): Reply {
  switch (call.kind) {
    case 'ring':
      return unreachable(to);
    case 'leave':
      return doubtful(ADMIN_ERRORS.leaveFailed);
    case 'plan':
    case 'commit':
      return doubtful(ADMIN_ERRORS.claimantLost(nameOf(turn.state.self), nameOf(to), call.kind));
  }
}

export function endCall(turn: Turn, work: CallWork, reply: Reply): void {
  endWork(turn, work);
  tell(turn, work.asker, reply);
}

export function unreachable(to: NodeId): Reply {
  return { kind: 'refused', class: 'fail', error: ADMIN_ERRORS.notReachable(nameOf(to)) };
}

function doubtful(error: string): Reply {
  return { kind: 'refused', class: 'info', error };
}
