import type { Entry, RaftDurable } from '../../../shared/protocols/consensus/types.ts';
import { etcd } from '../../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** etcd's traces. `disk n1 term 6 commit 3 log 1 1 4x64` gives a replica a past: the terms of its entries. */
export const etcdTraces: TraceSubject = {
  protocol: etcd.protocol,
  driver: etcd.driver,
  knobs: resolveKnobs(etcd, {}, 3),
  disk: readDisk,
};

function readDisk(text: string): RaftDurable {
  const [settings = '', terms = ''] = text.split(/\blog\b/);
  const number = (name: string) => Number(new RegExp(`\\b${name} (\\d+)`).exec(settings)?.[1] ?? 0);
  const runs = [...terms.matchAll(/(\d+)(?:x(\d+))?/g)];
  const log = runs
    .flatMap(([, term, times]) => Array<number>(Number(times ?? 1)).fill(Number(term)))
    .map((term, i): Entry => {
      const command = { kind: 'put', key: `k${i + 1}`, value: `t${term}` } as const;
      return { index: i + 1, term, proposal: { id: `disk/${term}/${i + 1}`, command } };
    });
  return { term: number('term'), vote: null, commit: number('commit'), log };
}
