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
};

type Variant = {
  readonly system: string;
  readonly title: string;
  readonly knobs?: Knobs;
  readonly read?: Options;
  readonly write?: Options;
};

/** What else the systems are often asked for. */
const VARIANTS: readonly Variant[] = [
  {
    system: 'mongodb',
    title: 'w: 1, reads from the nearest',
    write: { w: 1 },
    read: { readPreference: 'nearest' },
  },
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
export const SUBJECTS: readonly Subject[] = SYSTEMS.flatMap((system) => [
  { system, title: 'defaults', knobs: {}, read: {}, write: {} },
  ...VARIANTS.filter((variant) => variant.system === system.id).map(
    ({ title, knobs = {}, read = {}, write = {} }) => ({ system, title, knobs, read, write }),
  ),
]);
