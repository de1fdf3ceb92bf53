/** The heartbeat with which a node starts for the `incarnation`-th time: later than any of the times before. */
export function firstHeartbeat(incarnation: number): number {
  return Math.max(0, incarnation - 1) * VERSIONS;
}

/** How often a node had started when it had this heartbeat: its generation, from 0 on. */
export function generationOf(heartbeat: number): number {
  return Math.floor(heartbeat / VERSIONS);
}

/** Heartbeats of one start: at one a second more than any class needs. */
const VERSIONS = 10_000_000;
