/**
 * Phi-accrual failure detection (Hayashibara et al. 2004) as Cassandra has it (gms/FailureDetector.java): not
 * "alive" or "dead" but a degree of suspicion φ that grows while a peer is silent, faster where its heartbeats
 * used to come close together. Intervals are taken to be exponentially distributed, so that
 * φ = (time since the last heartbeat / mean interval) / ln 10.
 *
 * Time is counted in rounds of whoever listens, so a listener that stands still suspects nobody. Everything is
 * in lists, an item a peer: in a large class that is most of what a node knows.
 */
export type Arrivals = {
  /** The round from which on intervals count, and the one of the last heartbeat. */
  readonly since: number[];
  readonly last: number[];
  /** Rounds between the two in which none came. */
  readonly missed: number[];
};

/** Peers that have all been heard in every round for a while. */
export function steadyArrivals(peers: number): Arrivals {
  const all = (value: number): number[] => new Array<number>(peers).fill(value);
  return { since: all(-STEADY), last: all(0), missed: all(0) };
}

/** A peer that nothing was known of has been heard: suspicion grows slowly until more is known. */
export function firstArrival({ since, last, missed }: Arrivals, peer: number, round: number): void {
  since[peer] = round - FIRST_INTERVAL;
  last[peer] = round;
  missed[peer] = FIRST_INTERVAL - 1;
}

/** A heartbeat has arrived. Long silences do not count as intervals: they would make the detector patient. */
export function arrive(arrivals: Arrivals, peer: number, round: number): void {
  const { since, last, missed } = arrivals;
  const { from, until, gaps } = historyOf(arrivals, peer);
  const interval = round - until;
  last[peer] = round;
  if (interval > INTERVAL_MAX) since[peer] = from + interval;
  else if (interval > 1) missed[peer] = gaps + interval - 1;
  if (round - from <= WINDOW) return;
  since[peer] = round - Math.floor((round - from) / 2);
  missed[peer] = Math.floor(gaps / 2);
}

/** Whether φ is above the threshold. In integers: elapsed / (span / intervals) > threshold × ln 10. */
export function isSuspicious(arrivals: Arrivals, peer: number, round: number, threshold: number): boolean {
  const { from, until, gaps } = historyOf(arrivals, peer);
  const span = until - from;
  return (round - until) * (span - gaps) * 1000 > threshold * LN_10 * span;
}

/** ln 10 in thousandths. */
const LN_10 = 2303;
/** What the first heartbeat counts as, and the longest silence that counts as an interval, rounds. */
const FIRST_INTERVAL = 2;
const INTERVAL_MAX = 2;
/** Over how many rounds the mean is at most; then the older half is forgotten. */
const WINDOW = 1000;
const STEADY = 10;

function historyOf(
  { since, last, missed }: Arrivals,
  peer: number,
): { from: number; until: number; gaps: number } {
  return { from: since[peer] ?? 0, until: last[peer] ?? 0, gaps: missed[peer] ?? 0 };
}
