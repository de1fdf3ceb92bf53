import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { lastWriteFuzz, quorumStoreFuzz, singleCopyFuzz, vectorClockFuzz } from '../support/textbook-fuzz.ts';

longFuzz('quorum keeps what it promises under faults', inTurn([quorumStoreFuzz()]));
longFuzz('last-write-wins keeps what it promises under faults', inTurn([lastWriteFuzz()]));
longFuzz('vector-clock keeps what it promises under faults', inTurn([vectorClockFuzz()]));
longFuzz('single-copy keeps what it promises under faults', inTurn([singleCopyFuzz()]));
