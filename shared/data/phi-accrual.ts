/**
 * Phi-accrual failure detection (Hayashibara et al. 2004) as Cassandra has it (gms/FailureDetector.java): not
 * "alive" or "dead" but a degree of suspicion φ that grows while a peer is silent, faster where its heartbeats
 * used to come close together. Intervals are taken to be exponentially distributed, so that
 * φ = (time since the last heartbeat / mean interval) / ln 10.
 */
export type Arrivals = {
  /** When the last heartbeat arrived, milliseconds of the own clock. */
  last: number;
  /** The intervals between arrivals: their sum and how many there are. */
  sum: number;
  count: number;
};

/** A peer heard of just now for the first time: suspicion grows slowly until more is known. */
export function firstArrival(now: number): Arrivals {
  return { last: now, sum: FIRST_INTERVAL, count: 1 };
}

/** A peer that has sent a heartbeat every `interval` milliseconds for a while. */
export function steadyArrivals(now: number, interval: number): Arrivals {
  return { last: now, sum: STEADY * interval, count: STEADY };
}

/** A heartbeat has arrived. Long silences do not count as intervals: they would make the detector patient. */
export function arrive(arrivals: Arrivals, now: number): void {
  const interval = now - arrivals.last;
  arrivals.last = now;
  if (interval < 0 || interval > INTERVAL_MAX) return;
  if (arrivals.count >= WINDOW) {
    arrivals.sum -= Math.round(arrivals.sum / arrivals.count);
    arrivals.count--;
  }
  arrivals.sum += interval;
  arrivals.count++;
}

/** Whether φ is above the threshold. In integers: elapsed / (sum / count) > threshold × ln 10. */
export function isSuspicious(arrivals: Arrivals, now: number, threshold: number): boolean {
  return (now - arrivals.last) * arrivals.count * 1000 > threshold * LN_10 * arrivals.sum;
}

/** ln 10 in thousandths. */
const LN_10 = 2303;
/** What the first heartbeat counts as, and the longest silence that counts as an interval, milliseconds. */
const FIRST_INTERVAL = 2000;
const INTERVAL_MAX = 2000;
/** How many intervals the mean is over at most. */
const WINDOW = 1000;
const STEADY = 10;
