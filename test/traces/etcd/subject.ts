import type { Entry, RaftDurable } from '../../../shared/protocols/consensus/types.ts';
import { etcd } from '../../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** etcd's traces. `disk n1 term 6 commit 3 log 1 1 1 4 4` gives a replica a past: the terms of its entries. */
export const etcdTraces: TraceSubject = {
  protocol: etcd.protocol,
  driver: etcd.driver,
  knobs: resolveKnobs(etcd, {}, 3),
  disk: readDisk,
};

function readDisk(text: string): RaftDurable {
  const [settings = '', terms = ''] = text.split(/\blog\b/);
  const number = (name: string) => Number(new RegExp(`\\b${name} (\\d+)`).exec(settings)?.[1] ?? 0);
  const log = (terms.match(/\d+/g) ?? []).map((term, i): Entry => {
    const [index, value] = [i + 1, Number(term)];
    const command = { kind: 'put', key: `k${index}`, value: `t${value}` } as const;
    return { index, term: value, proposal: { id: `disk/${value}/${index}`, command } };
  });
  return { term: number('term'), vote: null, commit: number('commit'), log };
}
