import { everyFourth, longFuzz } from '../support/long-fuzz.ts';
import { zooKeeperFuzz, zooKeeperMembersFuzz } from '../support/zookeeper-fuzz.ts';

/** Every fourth run with servers that come and go. */
longFuzz('ZooKeeper is safe and recovers under faults', everyFourth([zooKeeperMembersFuzz], [zooKeeperFuzz]));
