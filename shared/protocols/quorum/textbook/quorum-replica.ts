import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Config, DataView, Input, Output, Protocol, Shape } from '../../../sim/protocol.ts';
import { describeStored } from './edit.ts';

export interface QuorumStoreShape extends Shape {
  readonly knobs: QuorumStoreKnobs;
  readonly state: QuorumStoreState;
  readonly durable: Table<VersionedValue>;
  readonly message: never;
  readonly timer: never;
  readonly request: StoreRequest;
  readonly reply: StoreReply;
}

export type QuorumStoreKnobs = {
  readonly replicationFactor: number;
  readonly timeoutMs: number;
  /** Who numbers versions: the writer, one above the highest that a majority tells it; or each node for itself. */
  readonly versions: 'writer' | 'node';
};

export type QuorumStoreState = { readonly data: Table<VersionedValue>; readonly self: NodeId };

export type VersionedValue = { readonly value: Stored; readonly version: Version };

/** Ties of writers that were given the same number are decided by name. */
export type Version = { readonly number: number; readonly writer: NodeId };

export type StoreRequest =
  | { readonly kind: 'read'; readonly key: string }
  /** `version` null: the node numbers the write itself. */
  | {
      readonly kind: 'write';
      readonly key: string;
      readonly value: Stored;
      readonly version: Version | null;
    };

export type StoreReply =
  | { readonly kind: 'value'; readonly held: VersionedValue | null }
  | { readonly kind: 'written'; readonly version: Version };

/**
 * One node of the text's `CPDatabase` (cap-theorem.md, "Quorum-Based Writes"): it keeps a value with a version
 * for each key and talks to clients only. The algorithm is all in the client. The text gives no way for nodes to
 * catch up with each other: one that has missed a write lacks it until the key is written again.
 */
export const quorumStore: Protocol<QuorumStoreShape> = {
  name: 'textbook quorum',
  channel: 'stream',
  connections: false,
  init: ({ self }: Config<QuorumStoreKnobs>, durable) => ({ self, data: durable ?? {} }),
  step,
  durable: ({ data }) => data,
  view: ({ data }) => {
    const shown: Table<DataView> = {};
    for (const key of keysOf(data)) {
      const held = lookUp(data, key);
      if (held === undefined || held.value === null) continue;
      shown[key] = { values: [held.value], version: describeVersion(held.version) };
    }
    return { role: 'replica', term: null, leader: null, data: shown, facts: [] };
  },
  describeMessage: () => 'nothing',
  describeState: ({ data }) =>
    keysOf(data)
      .map((key) => describeHeld(key, lookUp(data, key) ?? null))
      .join('; ') || 'empty',
};

/** Whether `a` is the later version. */
export function isLater(a: Version, b: Version): boolean {
  return a.number !== b.number ? a.number > b.number : a.writer > b.writer;
}

export function describeVersion({ number, writer }: Version): string {
  return writer === '' ? String(number) : `${number} by ${writer}`;
}

export function describeHeld(key: string, held: VersionedValue | null): string {
  return held === null
    ? `${key}=nothing`
    : `${key}=${describeStored(held.value)} (version ${describeVersion(held.version)})`;
}

function step(state: QuorumStoreState, input: Input<QuorumStoreShape>): Output<QuorumStoreShape>[] {
  if (input.kind === 'start') return [{ kind: 'persist' }];
  if (input.kind !== 'request') return [];
  const { from, id, request } = input;
  const held = lookUp(state.data, request.key) ?? null;
  if (request.kind === 'read') return [{ kind: 'reply', to: from, id, reply: { kind: 'value', held } }];
  const version = request.version ?? { number: (held?.version.number ?? 0) + 1, writer: '' };
  const written: Output<QuorumStoreShape> = {
    kind: 'reply',
    to: from,
    id,
    reply: { kind: 'written', version },
  };
  if (held !== null && !isLater(version, held.version)) return [written];
  state.data[request.key] = { value: request.value, version };
  return [{ kind: 'persist' }, written];
}
