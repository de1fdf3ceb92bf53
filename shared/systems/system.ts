import * as v from 'valibot';
import { keysOf, type Table } from '../base/table.ts';
import type { Driver } from '../sim/driver.ts';
import { isMembershipChange, type NodeId, type OperationKind } from '../sim/operation.ts';
import type { Protocol, ReplicaView } from '../sim/protocol.ts';
import type { OperationOption } from './options.ts';

/** One setting of a system: what a teacher may turn, with the real default and where it is documented. */
export type Knob = {
  readonly name: string;
  /** One sentence on what it changes. */
  readonly text: string;
  /** Where the default is documented. */
  readonly source: string;
} & (
  | {
      readonly kind: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly unit: string;
    }
  | { readonly kind: 'boolean'; readonly default: boolean }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
);

/** The settings of a run, by knob name; every knob of the system is present. */
export type Knobs = Table<number | boolean | string>;

/** A literal error of the real client. */
export type ErrorEntry = { readonly error: string; readonly when: string; readonly class: 'fail' | 'info' };

/** One running node of a side, as the judge of that side sees it. */
export type SideMember = { readonly node: NodeId; readonly view: ReplicaView };

/** What a side of the cluster can do, in one word for the wall and one sentence for the ear. */
export type SideStatus = {
  readonly state: 'quorum' | 'electing' | 'no-quorum' | 'serving' | 'partly' | 'down';
  readonly leader: NodeId | null;
  readonly text: string;
};

/** What clients on a side can do with one key. */
export type KeyService = 'read-write' | 'read' | 'write' | 'none';

/** A system that a class can choose: a protocol family, a client driver, real defaults and real errors. */
export interface System {
  readonly id: string;
  readonly title: string;
  /** One sentence for the person who chooses. */
  readonly summary: string;
  /** The usual label, always shown as "usually called …"; and what PACELC says. */
  readonly label: string;
  readonly pacelc: string;
  readonly protocol: Protocol;
  readonly driver: Driver;
  readonly knobs: readonly Knob[];
  /** The operations its driver carries out. An application makes the others from these. */
  readonly kinds: readonly OperationKind[];
  readonly options: readonly OperationOption[];
  readonly errors: readonly ErrorEntry[];
  readonly hasLeader: boolean;
  /** Why these knobs cannot go together with so many nodes, naming the knob; null when they can. */
  refuseKnobs(knobs: Knobs, nodes: number): string | null;
  /**
   * What running nodes that can talk to each other are able to do together. `nodes`: the members at the beginning;
   * where members come and go, the views tell who they are now.
   */
  judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus;
  /** Where availability is by key or shard: what clients among `members` can do with this key. */
  judgeKey?(key: string, members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): KeyService;
  /**
   * Where keys have places of their own: the nodes that keep a key, in the order in which they are asked when all
   * are up. Null: here they have none.
   */
  placement?(key: string, nodes: readonly NodeId[], knobs: Knobs): readonly NodeId[] | null;
  /** In a cluster with several stores: the system that has a key. */
  systemFor?(key: string): System;
}

/** The system that has a key: the whole one, unless there are several stores. */
export function systemFor(system: System, key: string): System {
  return system.systemFor?.(key) ?? system;
}

/** Whether its members come and go: its driver carries out `join` and `leave`. */
export function hasMembership({ kinds }: Pick<System, 'kinds'>): boolean {
  return kinds.some(isMembershipChange);
}

/** The nodes that count to a quorum, as the latest configuration that one of these members knows has it. */
export function latestVoters(members: readonly SideMember[], initial: readonly NodeId[]): readonly NodeId[] {
  let latest = members[0]?.view.members;
  for (const { view } of members) {
    if (latest === undefined || (view.members?.version ?? 0) > latest.version) latest = view.members;
  }
  return latest?.voters ?? initial;
}

/** Settings that a system refused; the message names the field and what would be right. */
export class KnobError extends Error {
  override readonly name = 'KnobError';
}

/** Completes given settings with defaults. Throws KnobError naming an unknown or wrong setting. */
export function resolveKnobs(system: System, given: unknown, nodes: number): Knobs {
  const record = v.safeParse(v.record(v.string(), v.unknown()), given ?? {});
  if (!record.success) throw new KnobError('knobs: must be an object of settings');
  const names = system.knobs.map((knob) => knob.name);
  for (const name of keysOf(record.output)) {
    if (!names.includes(name)) {
      throw new KnobError(`knobs.${name}: ${system.id} has no such setting; it has ${names.join(', ')}`);
    }
  }
  const knobs: Knobs = {};
  for (const knob of system.knobs) {
    const value = Object.hasOwn(record.output, knob.name) ? record.output[knob.name] : knob.default;
    knobs[knob.name] = checkKnob(knob, value);
  }
  const refusal = system.refuseKnobs(knobs, nodes);
  if (refusal !== null) throw new KnobError(`knobs.${refusal}`);
  return knobs;
}

function checkKnob(knob: Knob, value: unknown): number | boolean | string {
  const shown = JSON.stringify(value);
  switch (knob.kind) {
    case 'integer':
      if (typeof value === 'number' && Number.isInteger(value) && value >= knob.min && value <= knob.max) {
        return value;
      }
      throw new KnobError(
        `knobs.${knob.name}: ${shown} is not a whole number from ${knob.min} to ${knob.max} (${knob.unit})`,
      );
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw new KnobError(`knobs.${knob.name}: ${shown} is neither true nor false`);
    case 'choice':
      if (typeof value === 'string' && knob.choices.includes(value)) return value;
      throw new KnobError(`knobs.${knob.name}: ${shown} is not one of ${knob.choices.join(', ')}`);
  }
}
