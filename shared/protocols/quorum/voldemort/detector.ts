import { lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';

/** What a client has seen of the servers it had trouble with. */
export type Detector = { readonly servers: Table<Server> };

export type Server = {
  /** When the present interval of counting began, milliseconds. */
  since: number;
  total: number;
  successes: number;
  /** Connections that could not be opened. */
  refused: number;
  /** Whether a connection is open: then trouble shows as a silence, and otherwise when one is opened. */
  connected: boolean;
  available: boolean;
};

/**
 * The client's threshold failure detector (cluster/failuredetector/ThresholdFailureDetector.java): a server is
 * given up when less than 95 % of at least 30 requests within five minutes have succeeded, or when ten times no
 * connection could be opened; it is back when it answers one of the probes every ten seconds. Until then every
 * request pays the full timeout.
 */
export function isAvailable({ servers }: Detector, node: NodeId): boolean {
  return lookUp(servers, node)?.available ?? true;
}

/** How long a request may take: less when a connection has to be opened first. */
export function patienceFor({ servers }: Detector, node: NodeId, socketTimeout: number): number {
  return (lookUp(servers, node)?.connected ?? true) ? socketTimeout : CONNECTION_TIMEOUT;
}

/** A server has answered. */
export function recordSuccess(detector: Detector, node: NodeId, now: number): void {
  const server = serverOf(detector, node, now);
  server.connected = true;
  server.total++;
  server.successes++;
}

/** A request has failed. True when the server is given up because of it. */
export function recordFailure(detector: Detector, node: NodeId, now: number): boolean {
  const server = serverOf(detector, node, now);
  if (!server.connected) server.refused++;
  server.connected = false;
  server.total++;
  const isPoor = server.total >= REQUESTS_MIN && server.successes * 100 < SUCCESSES_MIN * server.total;
  if (!server.available || (!isPoor && server.refused < REFUSED_MAX)) return false;
  server.available = false;
  return true;
}

/** A probe was answered: counting begins anew. */
export function recover(detector: Detector, node: NodeId): void {
  delete detector.servers[node];
}

const REQUESTS_MIN = 30;
/** Percent. */
const SUCCESSES_MIN = 95;
const REFUSED_MAX = 10;
/** Milliseconds. */
const INTERVAL = 300_000;
const CONNECTION_TIMEOUT = 500;
/** How often servers that were given up are probed, milliseconds. */
export const PROBE = 10_000;

function serverOf({ servers }: Detector, node: NodeId, now: number): Server {
  const server = (servers[node] ??= {
    since: now,
    total: 0,
    successes: 0,
    refused: 0,
    connected: true,
    available: true,
  });
  if (now >= server.since + INTERVAL)
    Object.assign(server, { since: now, total: 0, successes: 0, refused: 0 });
  return server;
}
