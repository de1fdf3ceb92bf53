import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Answer } from '../../coordination.ts';
import { mark, setTimer } from '../../turn.ts';
import { askZooKeeper } from './ensemble.ts';
import { plan } from './assignment.ts';
import type { Master, Opening, Recovery } from './master-types.ts';
import { nodeOf, REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { HBaseMessage, LogMessage, Purpose, Turn, WalEntry } from './types.ts';
import { contentOf, logValue } from './wal.ts';

/** hbase.master.wait.on.regionservers.timeout; and how soon what was not answered is told again. */
const WAIT_FOR_SERVERS = 4500;
const REPEAT_AFTER = 3000;

export function createMaster(): Master {
  return {
    active: false,
    ready: false,
    servers: null,
    logs: null,
    regions: {},
    recoveries: {},
    openings: {},
  };
}

/** The session is there: whoever creates the znode first is the active master. */
export function stand(turn: Turn): void {
  const { self, master } = turn.state;
  if (master === null) return;
  if (master.active) {
    look(turn, master);
    return;
  }
  const request = {
    kind: 'create',
    path: 'master',
    value: self,
    ephemeral: true,
    sequential: false,
  } as const;
  askZooKeeper(turn, request, { kind: 'stand' });
}

/** A watch has fired. */
export function onMasterWatch(turn: Turn, path: string): void {
  const { master } = turn.state;
  if (master === null) return;
  if (path === 'master' && !master.active) stand(turn);
  else if (path === 'servers' && master.active) look(turn, master);
}

export function onMasterAnswer(turn: Turn, purpose: Purpose, answer: Answer): void {
  const { master } = turn.state;
  if (master === null) return;
  switch (purpose.kind) {
    case 'stand':
      if (answer.kind === 'znode') begin(turn);
      else askZooKeeper(turn, { kind: 'exists', path: 'master', watch: true }, { kind: 'watch-master' });
      return;
    case 'watch-master':
      if (answer.kind === 'znode' && answer.znode === null) stand(turn);
      return;
    case 'list-logs':
      master.logs = namesOf(answer);
      askZooKeeper(turn, { kind: 'children', path: 'servers', watch: true }, { kind: 'list-servers' });
      return;
    case 'list-servers':
      master.servers = namesOf(answer);
      for (const region of REGIONS) readRegion(turn, region);
      return;
    case 'read-region':
      master.regions[purpose.region] = assignmentOf(answer);
      plan(turn, master);
      return;
    case 'publish':
      onPublished(turn, master, purpose.region, answer);
      return;
    case 'read-log':
      onLogRead(turn, master, purpose.server, answer);
      return;
    case 'close-log':
      onLogClosed(turn, master, purpose.server, answer);
      return;
    default:
      return;
  }
}

/** Servers had time to report, or something is to be told again. */
export function onMasterTimer(turn: Turn): void {
  const { master } = turn.state;
  if (master?.active !== true) return;
  master.ready = true;
  setTimer(turn, 'master', REPEAT_AFTER);
  for (const server of keysOf(master.recoveries)) {
    const recovery = master.recoveries[server];
    if (recovery?.phase === 'read') readCopies(turn, master, server);
    else if (recovery !== undefined && recovery.phase !== 'replay') {
      recovery.phase = 'look';
      lookAtLog(turn, server);
    }
  }
  for (const region of keysOf(master.openings)) {
    const opening = master.openings[region];
    if (opening === undefined) continue;
    if (opening.opened) publish(turn, region, opening);
    else tellToOpen(turn, master, region);
  }
  plan(turn, master);
}

/** A region server has a region open: that is made known, unless somebody else was faster. */
export function onRegionOpened(turn: Turn, message: HBaseMessage & { kind: 'region-opened' }): void {
  const { master } = turn.state;
  const opening = master === null ? undefined : lookUp(master.openings, message.region);
  if (master?.active !== true || opening === undefined || opening.target !== message.server) return;
  if (opening.opened) return;
  opening.opened = true;
  publish(turn, message.region, opening);
}

/**
 * A data node has told what a dead server's log holds. Every copy of the last generation has all that was
 * acknowledged. If no node of the pipeline has one, its writer died before it could write anything in it: then
 * the best of the older copies has everything.
 */
export function onRecovered(
  turn: Turn,
  from: NodeId,
  { log, generation, entries }: LogMessage & { kind: 'log-recovered' },
): void {
  const { master } = turn.state;
  const recovery = master === null ? undefined : lookUp(master.recoveries, log);
  if (master === null || recovery?.phase !== 'read' || !recovery.pipeline.includes(from)) return;
  if (entries === null || generation !== recovery.generation) {
    recovery.older[from] = entries === null ? null : { generation, entries };
    if (recovery.pipeline.some((node) => lookUp(recovery.older, node) === undefined)) return;
  }
  recovery.regions = contentOf(generation === recovery.generation ? (entries ?? []) : bestOf(recovery));
  recovery.phase = 'replay';
  plan(turn, master);
}

function bestOf({ pipeline, older }: Recovery): readonly WalEntry[] {
  const copies = pipeline.flatMap((node) => lookUp(older, node) ?? []);
  copies.sort((a, b) => b.generation - a.generation || b.entries.length - a.entries.length);
  return copies[0]?.entries ?? [];
}

/** Asks the data nodes for a dead server's log, and seals it, unless the order was changed. */
export function readCopies(turn: Turn, master: Master, server: string): void {
  const seal = turn.state.knobs.fenceBeforeReplay;
  for (const node of lookUp(master.recoveries, server)?.pipeline ?? []) {
    tell(turn, node, { kind: 'log-recover', log: server, seal });
  }
}

function begin(turn: Turn): void {
  const { state } = turn;
  state.master = { ...createMaster(), active: true };
  mark(turn, 'leader', `${state.self} is the active master`);
  setTimer(turn, 'master', WAIT_FOR_SERVERS);
  look(turn, state.master);
}

/** Logs before servers: a server shows itself before its log, so a log without its server is that of a dead one. */
function look(turn: Turn, master: Master): void {
  master.servers = null;
  master.logs = null;
  askZooKeeper(turn, { kind: 'children', path: 'logs', watch: false }, { kind: 'list-logs' });
}

function readRegion(turn: Turn, region: string): void {
  const path = `regions/${region}`;
  askZooKeeper(turn, { kind: 'get', path, watch: false }, { kind: 'read-region', region });
}

function lookAtLog(turn: Turn, server: string): void {
  askZooKeeper(turn, { kind: 'get', path: `logs/${server}`, watch: false }, { kind: 'read-log', server });
}

/** The log's znode is closed first: from here on its writer cannot take another pipeline. */
function onLogRead(turn: Turn, master: Master, server: string, answer: Answer): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'look' || answer.kind !== 'znode' || answer.znode === null) return;
  const [isClosed, generation, ...pipeline] = listOf(answer.znode.value);
  recovery.generation = Number(generation);
  recovery.pipeline = pipeline.map(String);
  if (isClosed === true || !turn.state.knobs.fenceBeforeReplay) {
    recovery.phase = 'read';
    readCopies(turn, master, server);
    return;
  }
  recovery.phase = 'fence';
  const value = logValue(true, recovery.generation, recovery.pipeline);
  const { version } = answer.znode;
  askZooKeeper(turn, { kind: 'set', path: `logs/${server}`, value, version }, { kind: 'close-log', server });
}

function onLogClosed(turn: Turn, master: Master, server: string, answer: Answer): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'fence') return;
  recovery.phase = answer.kind === 'error' ? 'look' : 'read';
  if (recovery.phase === 'read') readCopies(turn, master, server);
  else lookAtLog(turn, server);
}

function publish(turn: Turn, region: string, { target, from, version }: Opening): void {
  const path = `regions/${region}`;
  const purpose: Purpose = { kind: 'publish', region };
  if (from !== null) askZooKeeper(turn, { kind: 'set', path, value: target, version }, purpose);
  else {
    const request = { kind: 'create', path, value: target, ephemeral: false, sequential: false } as const;
    askZooKeeper(turn, request, purpose);
  }
}

function onPublished(turn: Turn, master: Master, region: string, answer: Answer): void {
  const opening = lookUp(master.openings, region);
  delete master.openings[region];
  if (answer.kind !== 'znode') {
    readRegion(turn, region);
    return;
  }
  if (opening !== undefined && opening.from !== null) {
    mark(turn, 'failover', `region ${region} moves from ${opening.from} to ${opening.target}`);
  }
  master.regions[region] = assignmentOf(answer);
  plan(turn, master);
}

/** Tells a region server to open a region. */
function tellToOpen(turn: Turn, master: Master, region: string): void {
  const opening = lookUp(master.openings, region);
  if (opening === undefined) return;
  const { target, rows, sequence } = opening;
  tell(turn, nodeOf(target), { kind: 'open-region', region, server: target, rows, sequence });
}

function assignmentOf(answer: Answer): { server: string | null; version: number } {
  if (answer.kind !== 'znode' || answer.znode === null) return { server: null, version: 0 };
  return { server: String(answer.znode.value), version: answer.znode.version };
}

function namesOf(answer: Answer): readonly string[] {
  return answer.kind === 'children' ? answer.names : [];
}

function listOf(value: Stored): readonly (string | number | boolean | null)[] {
  return isList(value) ? value : [value];
}

function isList(value: Stored): value is readonly (string | number | boolean | null)[] {
  return Array.isArray(value);
}
