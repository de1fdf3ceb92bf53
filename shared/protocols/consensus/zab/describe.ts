import { unreachable } from '../../../base/assert.ts';
import { keysOf, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import type { LeaderBody, LearnerBody, ServerState, Transaction, ZabMessage, ZabState } from './types.ts';
import { currentVoters, isFixed, isVoter } from './configuration.ts';
import { appliedZxid, lastZxid } from './log.ts';
import { describeChange, describeFrame } from './words.ts';
import { showZxid } from './zxid.ts';

export function view(state: ZabState): ReplicaView {
  const { tree } = state;
  const current = currentVoters(state);
  const data: Table<DataView> = {};
  for (const path of keysOf(tree.znodes)) {
    const znode = tree.znodes[path];
    if (znode === undefined) continue;
    const owner = znode.owner === null ? '' : `, ephemeral of ${znode.owner}`;
    data[path] = { values: [znode.value], version: `version ${znode.version}${owner}` };
  }
  return {
    role: roleOf(state),
    term: state.currentEpoch,
    leader: leaderOf(state),
    data,
    facts: [
      ['serves', serves(state)],
      ['logged', showZxid(lastZxid(state))],
      ['applied', showZxid(appliedZxid(state))],
      ['sessions', keysOf(tree.sessions).join(' ') || 'none'],
    ],
    members: { version: current.zxid, voters: current.voters },
  };
}

function roleOf(state: ZabState): string {
  const { kind } = state.role;
  if (kind === 'following' && !isVoter(state, state.self)) return 'observer';
  return { looking: 'looking', following: 'follower', leading: 'leader' }[kind];
}

/** One plain line, for traces, timelines and screens. */
export function describeMessage(message: ZabMessage): string {
  switch (message.kind) {
    case 'notification': {
      const { vote, round, state } = message;
      const what = `${vote.leader}, which has ${showZxid(vote.zxid)} of epoch ${vote.epoch}`;
      return `round ${round}: ${VOTES[state]} ${what}`;
    }
    case 'frame':
      return message.toward === 'leader'
        ? describeFrame(message.frame, describeLearnerBody)
        : describeFrame(message.frame, describeLeaderBody);
    case 'touched':
      return message.sessions.length === 0 ? 'ping back' : `ping back, heard ${message.sessions.join(', ')}`;
    default:
      return unreachable(message);
  }
}

export function describeState(state: ZabState): string {
  const { role, currentEpoch, acceptedEpoch } = state;
  const epochs = `epoch ${currentEpoch}${acceptedEpoch === currentEpoch ? '' : `, accepted ${acceptedEpoch}`}`;
  const whom = role.kind === 'following' ? ` ${role.leader}` : '';
  return `${role.kind}${whom}, ${serves(state)}, ${epochs}; logged ${showZxid(lastZxid(state))}, applied ${showZxid(appliedZxid(state))}${describeVoters(state)}`;
}

function describeVoters(state: ZabState): string {
  return isFixed(state) ? '' : `; ${currentVoters(state).voters.join(' ')} vote`;
}

const VOTES: Readonly<Record<ServerState, string>> = {
  looking: 'I vote for',
  following: 'I follow',
  leading: 'I lead, elected as',
};

function leaderOf({ self, role }: ZabState): string | null {
  if (role.kind === 'following') return role.leader;
  return role.kind === 'leading' ? self : null;
}

function serves({ role }: ZabState): string {
  if (role.kind === 'looking') return role.readOnly ? 'reads only' : 'nobody';
  return role.phase === 'serve' ? 'clients' : 'nobody yet';
}

function describeLearnerBody(body: LearnerBody): string {
  switch (body.kind) {
    case 'follower-info':
      return `FOLLOWERINFO accepted epoch ${body.acceptedEpoch}`;
    case 'ack-epoch': {
      const of = body.currentEpoch === null ? 'accepted before' : `my epoch ${body.currentEpoch}`;
      return `ACKEPOCH ${of}, I have ${showZxid(body.zxid)}`;
    }
    case 'ack':
      return `ACK ${showZxid(body.zxid)}`;
    case 'request':
      return `REQUEST ${describeChange(body.transaction.change)}`;
    case 'sync':
      return 'SYNC';
    case 'revalidate':
      return `REVALIDATE session ${body.session}`;
    default:
      return unreachable(body);
  }
}

function describeLeaderBody(body: LeaderBody): string {
  switch (body.kind) {
    case 'leader-info':
      return `LEADERINFO epoch ${body.epoch}`;
    case 'new-leader': {
      const place =
        body.mode === 'snap' ? '' : ` ${body.mode === 'trunc' ? 'to' : 'after'} ${showZxid(body.after)}`;
      return `${body.mode.toUpperCase()}${place}: ${describeTransactions(body.transactions)}; NEWLEADER epoch ${body.epoch}`;
    }
    case 'up-to-date':
      return 'UPTODATE';
    case 'proposal':
      return `PROPOSAL ${describeTransaction(body.transaction)}`;
    case 'commit':
      return `COMMIT ${showZxid(body.zxid)}`;
    case 'synced':
      return 'SYNC done';
    case 'revalidated':
      return `session ${body.session} is ${body.valid ? 'open' : 'not open'}`;
    default:
      return unreachable(body);
  }
}

function describeTransactions(transactions: readonly Transaction[]): string {
  if (transactions.length === 0) return 'nothing new';
  if (transactions.length > 3) return `${transactions.length} transactions`;
  return transactions.map(describeTransaction).join(', ');
}

function describeTransaction({ zxid, change }: Transaction): string {
  return `${showZxid(zxid)} ${describeChange(change)}`;
}
