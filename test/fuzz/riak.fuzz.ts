import { everyFourth, longFuzz } from '../support/long-fuzz.ts';
import { riakFuzz } from '../support/riak-fuzz.ts';
import { riakMembersFuzz } from '../support/riak-members-fuzz.ts';

/** Every settings' claims in turn, the defaults most often. */
const settings = [
  riakFuzz(),
  riakFuzz(),
  riakFuzz({ dvv: false }),
  riakFuzz({ allowMult: false }),
  riakFuzz({ allowMult: false, lastWriteWins: true }),
];

/** Every fourth run with members that come and go. */
longFuzz('Riak is safe and converges under faults', everyFourth([riakMembersFuzz()], settings));
