import { couchFuzz } from '../support/couchdb-fuzz.ts';
import { inTurn, longFuzz } from '../support/long-fuzz.ts';

const settings = [couchFuzz(), couchFuzz({ mode: 'cluster' }), couchFuzz({ mode: 'cluster', q: 4, n: 2 })];

longFuzz('CouchDB loses nothing and converges under faults', inTurn(settings));
