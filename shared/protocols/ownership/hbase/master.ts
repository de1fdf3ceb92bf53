import { keysOf, lookUp } from '../../../base/table.ts';
import type { Answer } from '../../coordination.ts';
import { mark, setTimer } from '../../turn.ts';
import { askZooKeeper } from './ensemble.ts';
import { plan } from './assignment.ts';
import { retryMoves, tellMoved } from './balancer.ts';
import type { Master, Opening } from './master-types.ts';
import { onLogClosed, onLogRead, retryRecoveries } from './recovery.ts';
import { nodeOf, REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { HBaseMessage, Purpose, Turn } from './types.ts';

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
      if (answer.kind !== 'znode') return;
      if (answer.znode === null) stand(turn);
      // It was created, and the connection broke before the answer came.
      else if (answer.znode.owner === turn.state.client.session) begin(turn);
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
  retryRecoveries(turn, master);
  for (const region of keysOf(master.openings)) {
    const opening = master.openings[region];
    if (opening === undefined) continue;
    if (opening.opened) publish(turn, region, opening);
    else tellToOpen(turn, master, region);
  }
  retryMoves(turn, master);
  plan(turn, master);
}

/** A region server has a region open: that is made known, unless somebody else was faster. */
export function onRegionOpened(turn: Turn, message: HBaseMessage & { kind: 'region-opened' }): void {
  const { master } = turn.state;
  if (master?.active !== true) return;
  const opening = lookUp(master.openings, message.region);
  if (opening === undefined && message.again) announce(turn, master, message.region, message.server);
  if (opening?.target !== message.server || opening.opened) return;
  opening.opened = true;
  if (message.again) opening.again = true;
  publish(turn, message.region, opening);
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
  if (opening?.again) announce(turn, master, region, opening.target);
  const former = opening?.from ?? null;
  if (former !== null && master.servers?.includes(former) === true) tellMoved(turn, region, former);
  plan(turn, master);
}

/** Tells a server which has a region again that everybody may know, if that is so. */
function announce(turn: Turn, master: Master, region: string, server: string): void {
  if (lookUp(master.regions, region)?.server !== server) return;
  tell(turn, nodeOf(server), { kind: 'region-announced', region, server });
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
