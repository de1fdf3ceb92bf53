import type { Table } from '../../../base/table.ts';
import type { DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import { type Errand, ERRAND_PAUSE, errandAt, errandOf, isHopeless, silenceOf } from '../errand.ts';
import { ADMIN_ERRORS, nameOf } from './admin-errors.ts';
import type { Reply, Request } from './types.ts';

export type AdministratorState = {
  readonly self: NodeId;
  requests: number;
  errands?: Table<Change>;
};

interface AdministratorShape extends DriverShape {
  readonly timer: `errand-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

/** A change of the members on its way: staged at a node, then planned and committed from here. */
type Change = Errand & {
  readonly stage: 'stage' | 'plan' | 'commit';
  /** How long the administrator tries, by the clock of this node. */
  readonly until: number;
  /** What a plan or a commit was refused with last. */
  readonly refusal: string | null;
};

type Output = DriverOutput<AdministratorShape>;

/** For how long an administrator asks again for a plan while the ring has not converged. Milliseconds. */
const PATIENCE = 60_000;

/**
 * An administrator at this node, who does in one go what Riak's documentation says is to be done step by step:
 * `riak admin cluster join` at the new machine or `leave` from here, then `plan` and `commit`. Partitions move after
 * that, and the administrator does not wait for them. While the ring has not converged there is no plan; it is asked
 * for again for a minute.
 */
export function startChange(state: AdministratorState, operation: Operation, now: number): Output[] {
  const { self } = state;
  const isJoin = operation.kind === 'join';
  const to = isJoin ? operation.key : self;
  return ask(state, {
    operation,
    to,
    request: ++state.requests,
    heardAt: now,
    isHeard: false,
    stage: 'stage',
    until: now + PATIENCE,
    refusal: null,
  });
}

/** Undefined where this answers no change. */
export function onChangeReply(
  state: AdministratorState,
  request: number,
  reply: Reply,
  now: number,
): Output[] | undefined {
  const change = errandOf(state.errands, request);
  if (change === undefined) return undefined;
  const next = { ...change, to: state.self, heardAt: now, isHeard: true, refusal: null };
  switch (change.stage) {
    case 'stage':
      if (reply.kind === 'refused') return end(state, change, refusalOf(change, reply, now));
      return ask(state, { ...next, stage: 'plan', until: now + PATIENCE, request: ++state.requests });
    case 'plan':
      if (reply.kind !== 'planned') return retry(state, change, reply);
      return isIn(change.operation, reply.changes)
        ? ask(state, { ...next, stage: 'commit', request: ++state.requests })
        : retry(state, change, NOTHING_STAGED);
    case 'commit':
      return reply.kind === 'refused'
        ? retry(state, change, reply)
        : end(state, change, { class: 'ok', result: {} });
  }
}

export function onChangeTimer(state: AdministratorState, timer: string, now: number): Output[] {
  const change = errandAt(state.errands, timer);
  if (change === undefined) return [];
  if (change.refusal !== null) {
    if (now >= change.until) return end(state, change, { class: 'info', error: change.refusal });
    return ask(state, { ...change, refusal: null, stage: 'plan', request: ++state.requests });
  }
  if (change.stage !== 'stage' || change.to === state.self) return [];
  return isHopeless(change, now) ? end(state, change, silenceOf(change)) : ask(state, change);
}

/** Where the machine was asked more than once it may refuse what it has done before. */
function refusalOf(
  change: Change,
  { class: kind, error }: Reply & { kind: 'refused' },
  now: number,
): Outcome {
  const mayHaveJoined = change.operation.kind === 'join' && now - change.heardAt > ERRAND_PAUSE;
  return { class: mayHaveJoined ? 'info' : kind, error };
}

const NOTHING_STAGED: Reply = { kind: 'refused', class: 'info', error: ADMIN_ERRORS.nothingStaged };

/** Looked at once more a moment later; only what the claimant says of the ring can change by itself. */
function retry(state: AdministratorState, change: Change, reply: Reply): Output[] {
  if (reply.kind !== 'refused') return [];
  const isPassing = [
    // The claimant may not have heard of the new node.
    ADMIN_ERRORS.nothingStaged,
    ADMIN_ERRORS.cannotPlan,
    ADMIN_ERRORS.cannotCommit,
    ADMIN_ERRORS.planChanged,
    ADMIN_ERRORS.unableToCommit,
    ADMIN_ERRORS.nothingPlanned,
  ].some((text) => text === reply.error);
  if (!isPassing) return end(state, change, { class: 'info', error: reply.error });
  note(state, { ...change, refusal: reply.error });
  return [{ kind: 'set-timer', timer: timerOf(change), after: ERRAND_PAUSE }];
}

function ask(state: AdministratorState, change: Change): Output[] {
  note(state, change);
  return [
    { kind: 'set-timer', timer: timerOf(change), after: ERRAND_PAUSE },
    { kind: 'request', to: change.to, id: change.request, request: requestOf(state, change) },
  ];
}

function requestOf({ self }: AdministratorState, { operation, stage }: Change): Request {
  if (stage !== 'stage') return { kind: 'claim', call: { kind: stage } };
  if (operation.kind === 'join') return { kind: 'join', to: self };
  return { kind: 'claim', call: { kind: 'leave', node: operation.key } };
}

/** Somebody else's commit may have taken the change along, or the claimant may have been lost with it. */
function isIn({ kind, key }: Operation, changes: readonly string[]): boolean {
  return changes.includes(`${kind} ${nameOf(key)}`);
}

function note(state: AdministratorState, change: Change): void {
  (state.errands ??= {})[change.operation.id] = change;
}

function end(state: AdministratorState, change: Change, outcome: Outcome): Output[] {
  delete state.errands?.[change.operation.id];
  return [
    { kind: 'cancel-timer', timer: timerOf(change) },
    { kind: 'finish', id: change.operation.id, outcome },
  ];
}

function timerOf({ operation }: Change): `errand-${string}` {
  return `errand-${operation.id}`;
}
