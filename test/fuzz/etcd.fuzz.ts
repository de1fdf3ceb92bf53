import { etcdDatagramFuzz, etcdFuzz, etcdMembersFuzz } from '../support/etcd-fuzz.ts';
import { inTurn, longFuzz } from '../support/long-fuzz.ts';

/** Every fourth run over links that reorder messages, and every fourth with members that come and go. */
const subjects = [etcdDatagramFuzz, etcdMembersFuzz, etcdFuzz, etcdFuzz];

longFuzz('etcd is safe and recovers under faults', inTurn(subjects));
