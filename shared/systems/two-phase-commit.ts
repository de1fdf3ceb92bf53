import { twoPhaseDriver } from '../protocols/two-phase-commit/driver.ts';
import { ERRORS } from '../protocols/two-phase-commit/errors.ts';
import { ownerOf } from '../protocols/two-phase-commit/shards.ts';
import { twoPhaseCommit } from '../protocols/two-phase-commit/two-phase-commit.ts';
import { CRASH_POINTS } from '../protocols/two-phase-commit/types.ts';
import type { NodeId } from '../sim/operation.ts';
import type { SideMember, SideStatus, System } from './system.ts';

const OURS = 'a setting of ours: the source text names none';

/** Transfers over shards that have no copies: all or nothing, and blocked by one crash. */
export const twoPhaseCommitSystem: System = {
  id: 'two-phase-commit',
  title: 'Textbook: two-phase commit',
  summary:
    'Every account is at one node, and a transfer changes two of them together or not at all; a coordinator that crashes at the wrong moment leaves them locked until it is back.',
  label: 'CP, and less available than a majority: one node that fails blocks',
  pacelc: 'PC/EC: a transfer waits for every node that takes part, and a lock for its transfer.',
  protocol: twoPhaseCommit,
  driver: twoPhaseDriver,
  hasLeader: false,
  knobs: [
    {
      kind: 'choice',
      name: 'coordinator',
      text: 'Who coordinates a transfer: the node where it is asked for, or the first node for all.',
      source: OURS,
      default: 'asked',
      choices: ['asked', 'first'],
    },
    {
      kind: 'choice',
      name: 'whenLocked',
      text: 'Whether reads and writes of a locked account wait for it, or fail at once.',
      source: 'MySQL: locking reads wait unless they say NOWAIT',
      default: 'wait',
      choices: ['wait', 'fail'],
    },
    {
      kind: 'integer',
      name: 'lockTimeout',
      text: 'How long one waits for a locked account.',
      source: 'ours, to be watched in a class; MySQL has innodb_lock_wait_timeout = 50 s',
      default: 5000,
      min: 10,
      max: 300_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'voteTimeout',
      text: 'How long the coordinator waits for votes: what has not come by then is a no.',
      source: OURS,
      default: 3000,
      min: 10,
      max: 300_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'retryAfter',
      text: 'How often a decision is told again that was not confirmed, and asked for by those in doubt.',
      source: OURS,
      default: 1000,
      min: 50,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'answerTimeout',
      text: 'How long a client waits for an answer.',
      source: OURS,
      default: 10_000,
      min: 100,
      max: 600_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'cooperative',
      text: 'Whether a node in doubt also asks the other participants, one of which may know.',
      source: 'Bernstein, Hadzilacos and Goodman 1987, section 7.4: cooperative termination',
      default: true,
    },
    {
      kind: 'choice',
      name: 'heuristic',
      text: 'What a node decides for itself that has been in doubt too long; it may be the contrary of what was decided.',
      source: 'X/Open XA: a heuristic decision is a person’s, never taken by default',
      default: 'never',
      choices: ['never', 'commit', 'abort'],
    },
    {
      kind: 'integer',
      name: 'heuristicAfter',
      text: 'How long that is.',
      source: OURS,
      default: 30_000,
      min: 100,
      max: 600_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'openingBalance',
      text: 'What a transfer finds in an account that nobody has written; an increment counts from 0.',
      source: 'the bank of the workloads',
      default: 100,
      min: 0,
      max: 1_000_000,
      unit: 'units of money',
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append', 'transfer'],
  options: [
    {
      kind: 'choice',
      name: 'crash',
      kinds: ['transfer'],
      choices: CRASH_POINTS,
      default: null,
      text: 'Where in this transfer the coordinator crashes.',
    },
  ],
  errors: [
    {
      error: ERRORS.lockTimeout,
      when: 'The account was locked for longer than a client may wait.',
      class: 'fail',
    },
    { error: ERRORS.locked, when: 'The account is locked, and nobody is to wait.', class: 'fail' },
    {
      error: ERRORS.voteTimeout,
      when: 'A participant has not voted in time: cut off, slow, or waiting for a lock.',
      class: 'fail',
    },
    {
      error: ERRORS.rolledBack,
      when: 'A participant crashed before it voted, or has promised another not to vote.',
      class: 'fail',
    },
    { error: 'insufficient funds: alice has 20', when: 'The account does not hold so much.', class: 'fail' },
    { error: ERRORS.sameAccount, when: 'A transfer from an account to itself.', class: 'fail' },
    { error: '0 is not an amount of money', when: 'A transfer of nothing, or of less.', class: 'fail' },
    { error: ERRORS['wrong type'], when: 'A transfer to a set, say.', class: 'fail' },
    { error: ERRORS['not an integer'], when: 'The value is no whole number.', class: 'fail' },
    {
      error: ERRORS.lost,
      when: 'The node has not answered in time, or crashed. A read has then certainly failed.',
      class: 'info',
    },
    { error: twoPhaseDriver.refused, when: 'The node is down.', class: 'fail' },
  ],
  refuseKnobs: () => null,
  judge,
  placement: (key, nodes) => [ownerOf(key, nodes)],
  judgeKey(key, members, nodes) {
    const owner = ownerOf(key, nodes);
    const view = members.find(({ node }) => node === owner)?.view;
    if (view === undefined) return 'none';
    return view.data[key]?.version.startsWith('locked') === true ? 'none' : 'read-write';
  },
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[]): SideStatus {
  if (members.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  if (members.length === nodes.length) {
    return { state: 'serving', leader: null, text: 'All accounts are here: transfers between any two.' };
  }
  const names = members.map(({ node }) => node).join(', ');
  const text = `Only the accounts of ${names} are here: transfers among them, and nothing with the others.`;
  return { state: 'partly', leader: null, text };
}
