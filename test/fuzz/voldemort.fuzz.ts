import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { voldemortFuzz } from '../support/voldemort-fuzz.ts';

const settings = [
  voldemortFuzz(),
  voldemortFuzz({ requiredReads: 1, requiredWrites: 1, preferredReads: 3 }),
  voldemortFuzz({ resolver: 'union' }),
];

longFuzz('Voldemort keeps what it promises under faults', inTurn(settings));
