import { everyFourth, longFuzz } from '../support/long-fuzz.ts';
import { voldemortFuzz } from '../support/voldemort-fuzz.ts';
import { voldemortMembersFuzz } from '../support/voldemort-members-fuzz.ts';

const settings = [
  voldemortFuzz(),
  voldemortFuzz({ requiredReads: 1, requiredWrites: 1, preferredReads: 3 }),
  voldemortFuzz({ resolver: 'union' }),
];

/** Runs with nodes that come and go. */
const members = [voldemortMembersFuzz(), voldemortMembersFuzz({ resolver: 'union', preferredReads: 3 })];

longFuzz('Voldemort keeps what it promises under faults', everyFourth(members, settings));
