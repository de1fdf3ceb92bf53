import type { Transaction, ZabDurable } from '../../../shared/protocols/consensus/zab/types.ts';
import { makeZxid } from '../../../shared/protocols/consensus/zab/zxid.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import { zooKeeper } from '../../../shared/systems/zookeeper.ts';
import type { TraceSubject } from '../../support/trace.ts';

/**
 * ZooKeeper's traces. `disk n1 epoch 1 accepted 2 log 1:1 1:2` gives a server a past: the epochs and counters of
 * its transactions, and the epoch that it has accepted, if that is a later one. After `opened` n3 leads three servers.
 */
export const zooKeeperTraces: TraceSubject = {
  protocol: zooKeeper.protocol,
  driver: zooKeeper.driver,
  knobs: resolveKnobs(zooKeeper, {}, 3),
  disk: readDisk,
  opening: [
    'random 0',
    'replicas n1 n2 n3',
    'settle',
    'timer n1 tell',
    'timer n2 tell',
    'settle',
    'timer n3 finalize',
    'timer n1 finalize',
    'timer n2 finalize',
    'settle',
  ],
};

function readDisk(text: string): ZabDurable {
  const [settings = '', zxids = ''] = text.split(/\blog\b/);
  const epoch = Number(/\bepoch (\d+)/.exec(settings)?.[1] ?? 0);
  const acceptedEpoch = Number(/\baccepted (\d+)/.exec(settings)?.[1] ?? epoch);
  const log = [...zxids.matchAll(/(\d+):(\d+)/g)].map(([, of, counter], i): Transaction => {
    const zxid = makeZxid(Number(of), Number(counter));
    if (i === 0) return { zxid, origin: null, change: { kind: 'create-session', session: 'disk', timeout: 30_000 } };
    const path = `k${i + 1}`;
    return { zxid, origin: null, change: { kind: 'create', session: 'disk', path, value: `e${of}`, ephemeral: false, sequential: false } };
  });
  return { acceptedEpoch, currentEpoch: epoch, log };
}
