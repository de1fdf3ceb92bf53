import { couchFuzz } from '../support/couchdb-fuzz.ts';
import { couchMembersFuzz } from '../support/couchdb-members-fuzz.ts';
import { everyFourth, longFuzz } from '../support/long-fuzz.ts';

const settings = [couchFuzz(), couchFuzz({ mode: 'cluster' }), couchFuzz({ mode: 'cluster', q: 4, n: 2 })];
const withMembers = [
  couchMembersFuzz({ mode: 'cluster' }),
  couchMembersFuzz(),
  couchMembersFuzz({ mode: 'cluster', q: 4, n: 2 }),
];

longFuzz('CouchDB loses nothing and converges under faults', everyFourth(withMembers, settings));
