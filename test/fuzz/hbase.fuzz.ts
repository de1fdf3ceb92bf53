import { hbaseFuzz, hbaseMembersFuzz } from '../support/hbase-fuzz.ts';
import { everyFourth, longFuzz } from '../support/long-fuzz.ts';

/** Every fourth run with region servers that come and go. */
longFuzz('HBase is safe and recovers under faults', everyFourth([hbaseMembersFuzz()], [hbaseFuzz]));
