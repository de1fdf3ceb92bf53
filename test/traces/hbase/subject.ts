import { hbase } from '../../../shared/systems/hbase.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/**
 * HBase's traces. After `opened` n1, n2 and n3 run ZooKeeper's servers, led by n3; n2 is the active master, and each
 * of four nodes serves two regions: n4 has the rows from j to m, and from v on.
 */
export const hbaseTraces: TraceSubject = {
  protocol: hbase.protocol,
  driver: hbase.driver,
  knobs: resolveKnobs(hbase, {}, 4),
  opening: [
    'random 0',
    'replicas n1 n2 n3 n4',
    'settle',
    'timer n1 ensemble:tell',
    'timer n2 ensemble:tell',
    'settle',
    'timer n3 ensemble:finalize',
    'timer n1 ensemble:finalize',
    'timer n2 ensemble:finalize',
    'settle',
    'timer n1 zk-connect',
    'timer n2 zk-connect',
    'timer n3 zk-connect',
    'timer n4 zk-connect',
    'settle',
    'timer n2 master',
    'settle',
  ],
};
