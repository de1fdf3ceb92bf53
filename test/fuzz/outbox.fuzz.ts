import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { outboxFuzz } from '../support/outbox-fuzz.ts';

longFuzz("the textbook's outbox is safe under faults", inTurn([outboxFuzz()]));
