import { everyFourth, longFuzz } from '../support/long-fuzz.ts';
import { dynamoMembersFuzz, quorumFuzz } from '../support/quorum-fuzz.ts';

/** Every settings' claims in turn, the defaults most often. */
const settings = [
  quorumFuzz(),
  quorumFuzz(),
  quorumFuzz({ sloppy: false }),
  quorumFuzz({ resolver: 'last-write-wins' }),
  quorumFuzz({ w: 3, r: 1 }),
];

/** Runs with nodes that come and go. */
const members = [
  dynamoMembersFuzz(),
  dynamoMembersFuzz({ n: 2, r: 1, w: 1 }),
  dynamoMembersFuzz({ sloppy: false }),
];

longFuzz('Dynamo is safe and converges under faults', everyFourth(members, settings));
