import { couchdb } from '../../../shared/systems/couchdb.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** CouchDB's traces: peers, unless they say `knob mode cluster`. */
export const couchTraces: TraceSubject = {
  protocol: couchdb.protocol,
  driver: couchdb.driver,
  knobs: resolveKnobs(couchdb, {}, 3),
};
