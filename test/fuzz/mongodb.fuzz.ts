import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { mongoArbiterFuzz, mongoFuzz, mongoMembersFuzz } from '../support/mongodb-fuzz.ts';

/** Every fourth run with an arbiter, and every fourth with members that come and go. */
const subjects = [mongoArbiterFuzz(), mongoMembersFuzz(), mongoFuzz(), mongoFuzz()];

longFuzz('a replica set is safe and recovers under faults', inTurn(subjects));
