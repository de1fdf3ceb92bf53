import { everyFourth, longFuzz } from '../support/long-fuzz.ts';
import { redisFuzz, redisMembersFuzz, redisMoves } from '../support/redis-fuzz.ts';

/** Every shape's and settings' claims in turn; the last moves slots from one shard to another. */
const settings = [
  redisFuzz(),
  { ...redisFuzz(), sizes: [9] },
  redisFuzz({ requireFullCoverage: false }),
  { ...redisFuzz({ minReplicasToWrite: 1 }), sizes: [6] },
  redisMoves(),
];

/** Every fourth run with machines that come and go. */
longFuzz(
  'Redis Cluster keeps its epochs and agrees in the end under faults',
  everyFourth([redisMembersFuzz()], settings),
);
