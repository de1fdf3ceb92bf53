import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { ErrorCode, Znode } from '../../coordination.ts';

/**
 * The state every server keeps in memory. Paths are without their leading slash, and parents need not be there:
 * applications create them on the way (Curator's creatingParentsIfNeeded).
 */
export type Tree = {
  readonly znodes: Table<Znode>;
  /** How many children a parent has had: numbers its sequential ones. */
  readonly sequences: Table<number>;
  /** Open sessions and their timeouts in milliseconds. */
  readonly sessions: Table<number>;
};

/** What a transaction does. `session` is who asked. `version` -1 means whatever version there is. */
export type Change =
  | { readonly kind: 'create-session'; readonly session: string; readonly timeout: number }
  | { readonly kind: 'close-session'; readonly session: string }
  | {
      readonly kind: 'create';
      readonly session: string;
      readonly path: string;
      readonly value: Stored;
      readonly ephemeral: boolean;
      /** The path ends with the parent's next number. */
      readonly sequential: boolean;
    }
  | {
      readonly kind: 'set';
      readonly session: string;
      readonly path: string;
      readonly value: Stored;
      readonly version: number;
    }
  | { readonly kind: 'delete'; readonly session: string; readonly path: string; readonly version: number }
  | {
      readonly kind: 'reconfig';
      readonly session: string;
      readonly node: NodeId;
      readonly joins: boolean;
      /** Who votes then: worked out by the leader. */
      readonly voters: readonly NodeId[];
    }
  /** A request that the leader refuses has its place in the order, too. */
  | { readonly kind: 'error'; readonly session: string; readonly error: ErrorCode };

/** What a transaction comes to. `touched`: the paths whose watches it fires. */
export type Applied = {
  readonly error: ErrorCode | null;
  readonly path: string;
  readonly znode: Znode | null;
  readonly touched: readonly string[];
};

export function createTree(): Tree {
  return { znodes: {}, sequences: {}, sessions: {} };
}

/** Where ZooKeeper keeps its configuration. */
const CONFIG_PATH = 'zookeeper/config';

/** Applies a transaction. Deterministic: every server's tree goes through the same states. */
export function applyChange(tree: Tree, zxid: number, change: Change): Applied {
  switch (change.kind) {
    case 'create-session':
      tree.sessions[change.session] = change.timeout;
      return done('', null, []);
    case 'close-session':
      return closeSession(tree, change.session);
    case 'create':
    case 'set':
    case 'delete':
      // The leader refuses requests of sessions that it has just let expire.
      if (lookUp(tree.sessions, change.session) === undefined) return failed(change.path, 'Session expired');
      if (change.kind === 'create') return create(tree, zxid, change);
      return change.kind === 'set' ? set(tree, zxid, change) : remove(tree, change);
    case 'error':
      return failed(CONFIG_PATH, change.error);
    case 'reconfig':
      return done(CONFIG_PATH, null, []);
    default:
      return unreachable(change);
  }
}

/** The names of a path's children, without the path itself, sorted. */
export function childrenOf(tree: Tree, path: string): string[] {
  const prefix = `${path}/`;
  return keysOf(tree.znodes)
    .filter((name) => name.startsWith(prefix) && !name.includes('/', prefix.length))
    .map((name) => name.slice(prefix.length));
}

/** The paths of a session's ephemeral znodes, sorted. */
export function ephemeralsOf(tree: Tree, session: string): string[] {
  return keysOf(tree.znodes).filter((path) => tree.znodes[path]?.owner === session);
}

function closeSession(tree: Tree, session: string): Applied {
  const ephemerals = ephemeralsOf(tree, session);
  for (const path of ephemerals) delete tree.znodes[path];
  delete tree.sessions[session];
  return done('', null, ephemerals);
}

function create(tree: Tree, zxid: number, change: Change & { kind: 'create' }): Applied {
  const path = change.sequential ? change.path + nextNumber(tree, change.path) : change.path;
  if (lookUp(tree.znodes, path) !== undefined) return failed(path, 'NodeExists');
  const owner = change.ephemeral ? change.session : null;
  const znode: Znode = { value: change.value, version: 0, created: zxid, modified: zxid, owner };
  tree.znodes[path] = znode;
  return done(path, znode, [path]);
}

function nextNumber(tree: Tree, path: string): string {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const count = lookUp(tree.sequences, parent) ?? 0;
  tree.sequences[parent] = count + 1;
  return `${count}`.padStart(10, '0');
}

function set(tree: Tree, zxid: number, { path, value, version }: Change & { kind: 'set' }): Applied {
  const old = lookUp(tree.znodes, path);
  if (old === undefined) return failed(path, 'NoNode');
  if (version !== -1 && version !== old.version) return failed(path, 'BadVersion');
  const znode: Znode = { ...old, value, version: old.version + 1, modified: zxid };
  tree.znodes[path] = znode;
  return done(path, znode, [path]);
}

function remove(tree: Tree, { path, version }: Change & { kind: 'delete' }): Applied {
  const old = lookUp(tree.znodes, path);
  if (old === undefined) return failed(path, 'NoNode');
  if (version !== -1 && version !== old.version) return failed(path, 'BadVersion');
  delete tree.znodes[path];
  return done(path, null, [path]);
}

function done(path: string, znode: Znode | null, touched: readonly string[]): Applied {
  return { error: null, path, znode, touched };
}

function failed(path: string, error: ErrorCode): Applied {
  return { error, path, znode: null, touched: [] };
}
