import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { DriverOutputs, MongoDriverState, ReadPreference, Server } from './driver-types.ts';
import type { Reply } from './requests.ts';

type Hello = Extract<Reply, { kind: 'hello' }>;

/** heartbeatFrequencyMS, minHeartbeatFrequencyMS, connectTimeoutMS and localThresholdMS of the Node.js driver. */
const FREQUENCY_MS = 10_000;
const MIN_FREQUENCY_MS = 500;
const CONNECT_TIMEOUT_MS = 30_000;
const LATENCY_WINDOW_MS = 15;
/** After how long without an answer a `hello` is sent again, as TCP would. */
const RESEND_MS = 2000;

export function createServer(): Server {
  return { type: 'unknown', version: null, request: 0, waited: 0, askedAt: 0, roundTrip: null };
}

/** Asks a member who it is. If it is known already, it answers when that changes, or after ten seconds. */
export function check(state: MongoDriverState, node: NodeId, now: number): DriverOutputs {
  const server = state.servers[node];
  if (server === undefined) return [];
  server.request = ++state.requests;
  server.waited = 0;
  server.askedAt = now;
  return ask(node, server, patience(server) + RESEND_MS);
}

/** A monitor's time: for the next check, to ask again, or to give the member up. True: it is given up. */
export function onMonitorTimer(
  state: MongoDriverState,
  node: NodeId,
  now: number,
  outputs: DriverOutputs,
): boolean {
  const server = state.servers[node];
  if (server === undefined) return false;
  if (server.request === 0) {
    outputs.push(...check(state, node, now));
    return false;
  }
  server.waited += server.waited === 0 ? patience(server) + RESEND_MS : RESEND_MS;
  if (server.waited < patience(server) + CONNECT_TIMEOUT_MS) {
    outputs.push(...ask(node, server, RESEND_MS));
    return false;
  }
  outputs.push(...forget(state, node));
  return true;
}

/** Takes over what a member says of itself, and waits for news from it. False: it is an echo. */
export function onHello(
  state: MongoDriverState,
  node: NodeId,
  { id, hello, now }: { readonly id: number; readonly hello: Hello; readonly now: number },
  outputs: DriverOutputs,
): boolean {
  const server = state.servers[node];
  if (server === undefined || server.request !== id) return false;
  // The clock may have been set in between.
  if (server.version === null) server.roundTrip = Math.max(0, now - server.askedAt);
  server.type = hello.type;
  server.version = hello.version;
  if (hello.type === 'primary') meetPrimary(state, node, hello.electionId, now, outputs);
  outputs.push(...check(state, node, now));
  return true;
}

/** Nothing is known of a member any more. It is asked again at the pace of monitors. */
export function forget(state: MongoDriverState, node: NodeId): DriverOutputs {
  const server = state.servers[node];
  if (server === undefined) return [];
  Object.assign(server, { type: 'unknown', version: null, request: 0 } satisfies Partial<Server>);
  return [{ kind: 'set-timer', timer: `monitor-${node}`, after: FREQUENCY_MS }];
}

/** Somebody waits for a server: members of which nothing is known are asked soon. */
export function hurry(state: MongoDriverState): DriverOutputs {
  return keysOf(state.servers)
    .filter((node) => state.servers[node]?.request === 0)
    .map((node) => ({ kind: 'set-timer', timer: `monitor-${node}`, after: MIN_FREQUENCY_MS }));
}

/** A server that suits a read preference; of several near ones any. Null when none is known. */
export function selectServer(
  state: MongoDriverState,
  preference: ReadPreference,
  random: number,
): NodeId | null {
  const ofType = (...types: readonly Server['type'][]) =>
    keysOf(state.servers).filter((node) => types.includes(state.servers[node]?.type ?? 'unknown'));
  const pick = (nodes: readonly NodeId[]) => pickNear(state, nodes, random);
  switch (preference) {
    case 'primary':
      return pick(ofType('primary'));
    case 'primaryPreferred':
      return pick(ofType('primary')) ?? pick(ofType('secondary'));
    case 'secondary':
      return pick(ofType('secondary'));
    case 'secondaryPreferred':
      return pick(ofType('secondary')) ?? pick(ofType('primary'));
    case 'nearest':
      return pick(ofType('primary', 'secondary'));
  }
}

/** Of two members that say they are primary, the one of the newer election is. */
function meetPrimary(
  state: MongoDriverState,
  node: NodeId,
  electionId: number,
  now: number,
  outputs: DriverOutputs,
): void {
  const isStale = electionId < state.electionId;
  state.electionId = Math.max(state.electionId, electionId);
  for (const other of keysOf(state.servers)) {
    const server = state.servers[other];
    if (server?.type !== 'primary' || (isStale ? other !== node : other === node)) continue;
    server.type = 'unknown';
    if (other === node) continue;
    server.version = null;
    outputs.push(...check(state, other, now));
  }
}

function ask(node: NodeId, { request, version }: Server, after: number): DriverOutputs {
  return [
    { kind: 'request', to: node, id: request, request: { kind: 'hello', known: version } },
    { kind: 'set-timer', timer: `monitor-${node}`, after },
  ];
}

/** How long a member may let a `hello` wait. */
function patience({ version }: Server): number {
  return version === null ? 0 : FREQUENCY_MS;
}

function pickNear(state: MongoDriverState, nodes: readonly NodeId[], random: number): NodeId | null {
  const distance = (node: NodeId) => state.servers[node]?.roundTrip ?? 0;
  const least = nodes.reduce((best, node) => Math.min(best, distance(node)), Number.MAX_SAFE_INTEGER);
  const near = nodes.filter((node) => distance(node) <= least + LATENCY_WINDOW_MS);
  return near[random % Math.max(near.length, 1)] ?? null;
}
