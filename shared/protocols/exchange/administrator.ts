import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { DriverOutput, DriverShape } from '../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../sim/operation.ts';
import { type Change, type Errand, type Step, timesDone } from './change.ts';
import { nextClusterStep } from './cluster-plan.ts';
import { NOT_IN_SYNC, REFUSED, SSH_TIMED_OUT, TIMED_OUT } from './errors.ts';
import { nextPeersStep } from './peers-plan.ts';
import type { Reply, Request } from './types.ts';

export type AdministratorState = {
  readonly self: NodeId;
  requests: number;
  changes?: Table<Change>;
};

interface AdministratorShape extends DriverShape {
  readonly timer: `change-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

type Output = DriverOutput<AdministratorShape>;

/** How often the script looks, and for how long it tries to get on. Milliseconds. */
const PAUSE = 1000;
const PATIENCE = 300_000;

/** What cannot be taken for not done. */
const EDITS = ['edit-node', 'edit-map', 'edit-targets'] as const;

/**
 * Whoever adds a node or removes one does it step by step, as CouchDB's documentation says: look, do the next thing,
 * look again. What another has done meanwhile, or somebody before who has given up, is taken as it is found.
 */
export function startChange(state: AdministratorState, operation: Operation, now: number): Output[] {
  const change: Change = {
    operation,
    until: now + PATIENCE,
    errands: [],
    asked: {},
    seen: {},
    waited: 0,
    silenced: null,
    done: {},
  };
  (state.changes ??= {})[operation.id] = change;
  return lookAnew(state, change, []);
}

/** Undefined where this answers no change. */
export function onChangeReply(
  state: AdministratorState,
  id: number,
  reply: Reply,
  now: number,
): Output[] | undefined {
  const { changes = {} } = state;
  const change = keysOf(changes)
    .map((name) => lookUp(changes, name))
    .find((one) => one !== undefined && lookUp(one.asked, String(id)) !== undefined);
  if (change === undefined) return undefined;
  const node = lookUp(change.asked, String(id));
  delete change.asked[String(id)];
  const errand = change.errands.find(({ to }) => to === node);
  if (errand === undefined) return [];
  change.errands = change.errands.filter(({ to }) => to !== node);
  if (errand.request.kind === 'status') {
    change.seen[errand.to] = reply.kind === 'status' ? reply.status : null;
    return goOn(state, change);
  }
  if (reply.kind === 'error') {
    change.errands = [];
    change.asked = {};
    return [];
  }
  if (errand.request.kind === 'maintenance') change.silenced = errand.request.on ? errand.to : null;
  if (change.errands.length > 0) return [];
  change.done[errand.request.kind] = timesDone(change, errand.request.kind) + 1;
  change.until = now + PATIENCE;
  return lookAnew(state, change, keysOf(change.seen));
}

/** Asks again whoever has not answered. When all have, and there was nothing to do yet, it looks again. */
export function onChangeTimer(state: AdministratorState, timer: string, now: number): Output[] {
  const change = lookUp(state.changes ?? {}, timer.slice('change-'.length));
  if (change === undefined) return [];
  if (now >= change.until) return end(state, change, givenUp(change));
  if (change.errands.length === 0) return lookAnew(state, change, keysOf(change.seen));
  if (isLook(change)) {
    change.waited++;
    delete change.seen[state.self];
    change.errands = [lookAt(state.self), ...change.errands.filter(({ to }) => to !== state.self)];
  }
  return [alarm(change), ...change.errands.map((errand) => request(state, change, errand))];
}

function goOn(state: AdministratorState, change: Change): Output[] {
  const step = nextStep(state, change);
  switch (step.kind) {
    case 'do': {
      change.errands = step.errands;
      change.asked = {};
      const outputs = change.errands.map((errand) => request(state, change, errand));
      return [alarm(change), ...outputs, ...(step.also === undefined ? [] : [aside(state, step.also)])];
    }
    case 'look': {
      const isOut = (node: NodeId) => change.errands.some(({ to }) => to === node);
      const others = step.nodes.filter((node) => lookUp(change.seen, node) === undefined && !isOut(node));
      change.errands = [...change.errands, ...others.map(lookAt)];
      return others.map((node) => request(state, change, lookAt(node)));
    }
    case 'end':
      return end(state, change, step.outcome);
    default:
      return unreachable(step);
  }
}

function nextStep({ self }: AdministratorState, change: Change): Step {
  const own = lookUp(change.seen, self);
  if (own === undefined) return { kind: 'look', nodes: [self] };
  if (own === null) return { kind: 'end', outcome: stoppedHere(change) };
  const nextOf = own.knobs.mode === 'cluster' ? nextClusterStep : nextPeersStep;
  return nextOf(self, change, own);
}

/** CouchDB does not run at the script's own node: it never did, or the script itself has stopped it. */
function stoppedHere(change: Change): Outcome {
  const hasLeft =
    change.operation.kind === 'leave' &&
    [...EDITS, 'stop' as const].some((edit) => timesDone(change, edit) > 0);
  return hasLeft ? { class: 'ok', result: { status: 200 } } : { class: 'fail', error: REFUSED };
}

/** What this node knows is always looked at, too. */
function lookAnew(state: AdministratorState, change: Change, nodes: readonly NodeId[]): Output[] {
  change.seen = {};
  change.asked = {};
  change.waited = 0;
  change.errands = [...new Set([state.self, ...nodes])].map(lookAt);
  return [alarm(change), ...change.errands.map((errand) => request(state, change, errand))];
}

function lookAt(to: NodeId): Errand {
  return { to, request: { kind: 'status' } };
}

function isLook({ errands }: Change): boolean {
  return errands.every(({ request }) => request.kind === 'status');
}

function request(state: AdministratorState, change: Change, { to, request }: Errand): Output {
  const id = ++state.requests;
  change.asked[String(id)] = to;
  return { kind: 'request', to, id, request };
}

function aside(state: AdministratorState, { to, request }: Errand): Output {
  return { kind: 'request', to, id: ++state.requests, request };
}

function alarm({ operation }: Change): Output {
  return { kind: 'set-timer', timer: `change-${operation.id}`, after: PAUSE };
}

/** What the script says when it does not get on. */
function givenUp({ errands }: Change): Outcome {
  const [silent] = errands;
  if (silent === undefined) return { class: 'fail', error: NOT_IN_SYNC };
  const error = silent.request.kind === 'start' ? SSH_TIMED_OUT(silent.to) : TIMED_OUT;
  return { class: 'fail', error };
}

/** Once something has been changed, it is changed, however the rest goes. */
function end(state: AdministratorState, change: Change, outcome: Outcome): Output[] {
  const { operation } = change;
  delete state.changes?.[operation.id];
  const hasBegun = EDITS.some((kind) => timesDone(change, kind) > 0);
  return [
    { kind: 'cancel-timer', timer: `change-${operation.id}` },
    {
      kind: 'finish',
      id: operation.id,
      outcome: outcome.class === 'fail' && hasBegun ? { ...outcome, class: 'info' } : outcome,
    },
  ];
}
