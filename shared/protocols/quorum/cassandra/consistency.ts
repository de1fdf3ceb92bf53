/** The consistency levels (db/ConsistencyLevel.java). The class is one data centre, so LOCAL_ and others agree. */
export const CONSISTENCY_LEVELS = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'SERIAL',
  'LOCAL_SERIAL',
] as const;
export type Consistency = (typeof CONSISTENCY_LEVELS)[number];

/** How many replicas a level waits for. */
export function blockFor(consistency: Consistency, replicationFactor: number): number {
  switch (consistency) {
    case 'ANY':
    case 'ONE':
    case 'LOCAL_ONE':
      return 1;
    case 'TWO':
      return 2;
    case 'THREE':
      return 3;
    case 'QUORUM':
    case 'LOCAL_QUORUM':
    case 'SERIAL':
    case 'LOCAL_SERIAL':
      return quorumOf(replicationFactor);
    case 'ALL':
      return replicationFactor;
  }
}

/** A majority of the replicas. */
export function quorumOf(replicationFactor: number): number {
  return Math.floor(replicationFactor / 2) + 1;
}

/** Levels of lightweight transactions and of reads that take part in their order. */
export function isSerial(consistency: Consistency): boolean {
  return consistency === 'SERIAL' || consistency === 'LOCAL_SERIAL';
}
