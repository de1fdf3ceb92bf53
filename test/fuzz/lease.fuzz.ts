import { leaseFuzz } from '../support/lease-fuzz.ts';
import { inTurn, longFuzz } from '../support/long-fuzz.ts';

longFuzz("the textbook's lease is safe under faults", inTurn([leaseFuzz()]));
