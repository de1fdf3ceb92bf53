import { unreachable } from '../../../base/assert.ts';
import { keysOf, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { describeFrame } from './words.ts';
import type { Ensemble, HBaseMessage, HBaseState, WalEntry } from './types.ts';

export function view(ensemble: Ensemble, state: HBaseState): ReplicaView {
  const { server, master } = state;
  const data: Table<DataView> = {};
  for (const name of keysOf(server.regions)) {
    const region = server.regions[name];
    if (region?.open !== true) continue;
    for (const key of keysOf(region.visible)) {
      const cell = region.visible[key];
      if (cell === undefined || cell.value === null) continue;
      data[key] = { values: [cell.value], version: `region ${name}, change ${cell.sequence}` };
    }
  }
  const member = state.ensemble === null ? null : ensemble.view(state.ensemble);
  return {
    role: roleOf(state),
    term: null,
    leader: master?.active === true ? state.self : null,
    data,
    facts: [
      ['regions', openRegions(state).join(' ') || 'none'],
      ['region server', server.phase === 'stopped' ? 'none here' : `${server.id}, ${server.phase}`],
      ['master', master === null ? 'never' : master.active ? 'active' : 'standby'],
      ['ZooKeeper', member === null ? 'none here' : `${member.role}, ${member.facts[0]?.[1] ?? ''}`],
      [
        'log',
        `${server.wal.synced} of ${server.wal.entries.length} synced on ${server.wal.pipeline.join(' ')}`,
      ],
    ],
  };
}

export function describeState(state: HBaseState): string {
  const { server, master } = state;
  const role = master?.active === true ? 'active master, ' : '';
  if (server.phase === 'stopped') return `${role}no region server`;
  const regions = openRegions(state).join(' ') || 'no regions';
  return `${role}region server ${server.id} ${server.phase}: ${regions}; log ${server.wal.synced} of ${server.wal.entries.length} on ${server.wal.pipeline.join(' ')}`;
}

/** One plain line, for traces, timelines and screens. */
export function describeMessage(ensemble: Ensemble, message: HBaseMessage): string {
  switch (message.kind) {
    case 'ensemble':
      return `ZooKeeper: ${ensemble.describeMessage(message.message)}`;
    case 'ask-ensemble':
      return `asks ZooKeeper: ${describeFrame(message.frame)}`;
    case 'ensemble-answers':
      return `ZooKeeper answers: ${describeFrame(message.frame)}`;
    case 'log-open':
      return `open log ${message.log}, generation ${message.generation}, ${message.entries.length} entries`;
    case 'log-append':
      return `append to log ${message.log} after ${message.after}: ${message.entries.map(describeEntry).join(', ')}`;
    case 'log-ack':
      return `log ${message.log} is here up to ${message.length}`;
    case 'log-refused':
      return `log ${message.log} is ${message.why}`;
    case 'log-recover':
      return `${message.seal ? 'seal and read' : 'read'} log ${message.log}`;
    case 'log-recovered':
      return message.entries === null
        ? `no copy of log ${message.log} here`
        : `log ${message.log} has ${message.entries.length} entries`;
    case 'open-region':
      return `open region ${message.region} with ${keysOf(message.rows.cells).length} rows`;
    case 'region-opened':
      return `region ${message.region} is open at ${message.server}`;
    case 'report':
      return `${message.server} has no regions`;
    case 'close-region':
      return `close region ${message.region}`;
    case 'region-closed':
      return `region ${message.region} is closed at ${message.server}, with ${keysOf(message.rows.cells).length} rows`;
    case 'region-announced':
      return `region ${message.region} is known to be at ${message.server}`;
    case 'region-moved':
      return `region ${message.region} is another's`;
    case 'replicate':
      return `copy of ${keysOf(message.cells).join(', ') || 'nothing'} of region ${message.region}`;
    default:
      return unreachable(message);
  }
}

/** A spare machine runs HDFS's data node only. */
function roleOf({ server, master }: HBaseState): string {
  if (master?.active === true) return 'leader';
  return server.phase === 'stopped' && master === null ? 'spare' : 'follower';
}

function openRegions({ server }: HBaseState): string[] {
  return keysOf(server.regions).filter((name) => server.regions[name]?.open === true);
}

function describeEntry(entry: WalEntry): string {
  if (entry.kind === 'base') return `region ${entry.region} begins`;
  return `${entry.key} = ${JSON.stringify(entry.cell.value)}`;
}
