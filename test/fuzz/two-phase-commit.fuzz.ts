import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { crashPointFuzz, twoPhaseFuzz } from '../support/two-phase-fuzz.ts';

const selfish = crashPointFuzz({ cooperative: false });

longFuzz('two-phase commit is all or nothing with every crash of a coordinator', inTurn([crashPointFuzz()]));
longFuzz('two-phase commit is all or nothing with pauses', inTurn([twoPhaseFuzz()]));
longFuzz('two-phase commit is all or nothing with no cooperation', inTurn([selfish]));
