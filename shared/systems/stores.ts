import { assert } from '../base/assert.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import { isMembershipChange, type NodeId } from '../sim/operation.ts';
import { storesDriver } from './stores-driver.ts';
import { MAIN, named, type Stores } from './stores-parts.ts';
import { storesProtocol } from './stores-protocol.ts';
import type { KeyService, Knobs, SideMember, SideStatus, System } from './system.ts';

/** A further store in the same cluster, for the keys that begin with its name and a slash. */
export type Store = { readonly system: System; readonly knobs: Knobs };

/** Which store a key belongs to: `stock/lamp` to `stock`, if there is one of that name. */
export function storeName(stores: Table<unknown>, key: string): string {
  const end = key.indexOf('/');
  const name = end < 0 ? MAIN : key.slice(0, end);
  return lookUp(stores, name) === undefined ? MAIN : name;
}

/**
 * Several systems in one cluster: every node runs a replica and a driver of each. To the kernel they are one system,
 * whose messages, timers and requests say which store they belong to.
 */
export function withStores(main: System, stores: Table<Store>): System {
  const all: Stores = {
    names: [MAIN, ...keysOf(stores)],
    system: (name) => lookUp(stores, name)?.system ?? main,
    knobs: (name, knobs) => lookUp(stores, name)?.knobs ?? knobs,
  };
  const storeFor = (key: string): string => storeName(stores, key);
  const systems = all.names.map((name) => all.system(name));
  return {
    ...main,
    // Whose members they would be is not said by a node's name.
    kinds: main.kinds.filter((kind) => !isMembershipChange(kind)),
    protocol: storesProtocol(all),
    driver: storesDriver(all, storeFor),
    errors: systems.flatMap(({ errors }) => errors),
    hasLeader: systems.some(({ hasLeader }) => hasLeader),
    systemFor: (key) => all.system(storeFor(key)),
    judge: (members, nodes, knobs) =>
      combine(all.names, (name) => {
        const inStore = membersIn(name, members);
        return all.system(name).judge(inStore, nodes, all.knobs(name, knobs) as Knobs);
      }),
    placement: (key, nodes, knobs) => {
      const name = storeFor(key);
      return all.system(name).placement?.(key, nodes, all.knobs(name, knobs) as Knobs) ?? null;
    },
    judgeKey: (key, members, nodes, knobs): KeyService => {
      const name = storeFor(key);
      const system = all.system(name);
      const inStore = membersIn(name, members);
      const knobsThere = all.knobs(name, knobs) as Knobs;
      if (system.judgeKey !== undefined) return system.judgeKey(key, inStore, nodes, knobsThere);
      return works(system.judge(inStore, nodes, knobsThere)) ? 'read-write' : 'none';
    },
  };
}

function membersIn(name: string, members: readonly SideMember[]): SideMember[] {
  return members.map(({ node, view }) => ({ node, view: lookUp(view.parts ?? {}, name) ?? view }));
}

/** What a side can do when its stores can do different things. */
function combine(names: readonly string[], statusIn: (name: string) => SideStatus): SideStatus {
  const statuses = names.map((name) => ({ name, status: statusIn(name) }));
  const first = statuses[0]?.status;
  assert(first !== undefined, 'there is no store');
  const isAlike = statuses.every(({ status }) => works(status) === works(first));
  const leader: NodeId | null = statuses.find(({ status }) => status.leader !== null)?.status.leader ?? null;
  return {
    state: isAlike ? first.state : 'partly',
    leader,
    text: statuses.map(({ name, status }) => named(name, status.text)).join(' '),
  };
}

function works({ state }: SideStatus): boolean {
  return state === 'quorum' || state === 'serving';
}
