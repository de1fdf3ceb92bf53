import type { Options } from '../../../shared/sim/operation.ts';
import { SYSTEMS } from '../../../shared/systems/index.ts';
import type { Knobs, System } from '../../../shared/systems/system.ts';

/** A system as the scenarios are played with it: with its defaults, or asked for something else. */
export type Subject = {
  readonly system: System;
  readonly title: string;
  readonly knobs: Knobs;
  readonly read: Options;
  readonly write: Options;
  /** Whether one node at a time, or a majority, puts all writes of a key in order: then none is overwritten unseen. */
  readonly isOrdered: boolean;
};

type Variant = {
  readonly system: string;
  readonly title: string;
  readonly knobs?: Knobs;
  readonly read?: Options;
  readonly write?: Options;
};

const UNORDERED = [
  'dynamo',
  'cassandra',
  'riak',
  'couchdb',
  'voldemort',
  'last-write-wins',
  'vector-clock',
  'outbox',
];

/** What else the systems are often asked for. */
const VARIANTS: readonly Variant[] = [
  {
    system: 'mongodb',
    title: 'w: 1, reads from the nearest',
    write: { w: 1 },
    read: { readPreference: 'nearest' },
  },
  { system: 'dynamodb', title: 'a global table', knobs: { mode: 'global-eventual' } },
  { system: 'dynamodb', title: 'a strong global table', knobs: { mode: 'global-strong' } },
  { system: 'couchdb', title: 'a cluster', knobs: { mode: 'cluster' } },
  { system: 'etcd', title: 'serializable reads', read: { consistency: 'serializable' } },
  {
    system: 'cassandra',
    title: 'QUORUM',
    read: { consistency: 'QUORUM' },
    write: { consistency: 'QUORUM' },
  },
  {
    system: 'riak',
    title: 'bucket type with siblings, pr = pw = quorum',
    knobs: { allowMult: true },
    read: { pr: 'quorum' },
    write: { pw: 'quorum' },
  },
];

/** Every system with its defaults, each followed by its variants. */
export const SUBJECTS: readonly Subject[] = SYSTEMS.flatMap((system) =>
  [
    { system: system.id, title: 'defaults' },
    ...VARIANTS.filter((variant) => variant.system === system.id),
  ].map(({ title, knobs = {}, read = {}, write = {} }: Variant): Subject => {
    const isOrdered = !UNORDERED.includes(system.id) && knobs['mode'] !== 'global-eventual';
    return { system, title, knobs, read, write, isOrdered };
  }),
);
