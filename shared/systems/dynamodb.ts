import { dynamoDbDriver } from '../protocols/consensus/dynamodb/driver.ts';
import { dynamoDb as protocol } from '../protocols/consensus/dynamodb/dynamodb.ts';
import { groupsOf, partitionOf, regionsOf } from '../protocols/consensus/dynamodb/placement.ts';
import type { DynamoDbKnobs } from '../protocols/consensus/dynamodb/types.ts';
import { keysOf } from '../base/table.ts';
import type { NodeId } from '../sim/operation.ts';
import { DYNAMODB_ERRORS } from './dynamodb-errors.ts';
import type { KeyService, Knobs, SideMember, SideStatus, System } from './system.ts';

const PAPER = 'Elhemali et al., USENIX ATC 2022';
const GUIDE = 'DynamoDB developer guide, global tables';
const WRITES = ['write', 'delete', 'add', 'remove', 'increment'] as const;

/** Amazon DynamoDB, the service: not the system of the Dynamo paper. */
export const dynamodb: System = {
  id: 'dynamodb',
  title: 'DynamoDB',
  summary:
    'A leader for each partition orders its writes; between Regions the later clock wins silently, or all Regions agree on every write.',
  label: 'CP within a Region, AP between Regions unless they are strong',
  pacelc: 'one Region PC/EL, EC with consistent reads; global tables PA/EL; strong ones PC/EC',
  protocol,
  driver: dynamoDbDriver,
  hasLeader: false,
  knobs: [
    {
      name: 'mode',
      text: 'One Region; or a table in several, each of which goes on alone (eventual), or which agree on every write (strong).',
      source: `${GUIDE}: multi-Region eventual consistency is the default of global tables, strong since 2025`,
      kind: 'choice',
      default: 'region',
      choices: ['region', 'global-eventual', 'global-strong'],
    },
    {
      name: 'regions',
      text: 'Into how many Regions a global table divides the nodes: consecutive blocks. Strong consistency has exactly three.',
      source: `${GUIDE}: as many as one adds; three with strong consistency`,
      kind: 'integer',
      default: 3,
      min: 2,
      max: 10,
      unit: 'Regions',
    },
    {
      name: 'partitions',
      text: 'Into how many partitions a table is divided: each has three replicas and a leader of its own.',
      source: `${PAPER}: DynamoDB decides by size and traffic; here it is fixed`,
      kind: 'integer',
      default: 4,
      min: 1,
      max: 64,
      unit: 'partitions',
    },
    {
      name: 'heartbeatMs',
      text: 'How often a leader renews its lease.',
      source: `${PAPER} gives no number; ours`,
      kind: 'integer',
      default: 500,
      min: 50,
      max: 5000,
      unit: 'ms',
    },
    {
      name: 'leaseHeartbeats',
      text: 'For how many heartbeats a lease lasts: so long, and a little more, nobody serves writes when a leader is lost.',
      source: `${PAPER} gives no number; ours`,
      kind: 'integer',
      default: 3,
      min: 2,
      max: 20,
      unit: 'heartbeats',
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment'],
  options: [
    {
      name: 'consistentRead',
      kinds: ['read'],
      text: 'Whether the partition’s leader is asked; otherwise any replica answers, perhaps with something older.',
      kind: 'choice',
      choices: [false, true],
      default: false,
    },
    {
      name: 'condition',
      kinds: WRITES,
      text: 'Only if the item is this now; null: only if there is none (attribute_not_exists).',
      kind: 'value',
      default: null,
    },
  ],
  errors: DYNAMODB_ERRORS,
  refuseKnobs({ mode, regions }, nodes) {
    if (mode === 'global-strong' && regions !== 3) {
      return `regions: ${String(regions)} Regions cannot be strongly consistent, only 3 can`;
    }
    if (mode !== 'region' && Number(regions) > nodes) {
      return `regions: ${String(regions)} is more than the number of nodes, ${nodes}`;
    }
    return null;
  },
  judge(members, nodes, knobs) {
    if (members.length === 0) return { state: 'down', leader: null, text: 'no node runs here' };
    const count = Number(knobs['partitions']);
    const services = Array.from({ length: count }, (_, partition) =>
      serviceOf(partition, members, nodes, knobs),
    );
    return statusOf(services, count);
  },
  placement,
  judgeKey: (key, members, nodes, knobs) =>
    serviceOf(partitionOf(key, Number(knobs['partitions'])), members, nodes, knobs),
};

/** The replicas of the key's partition, the preferred leader first; of a global table, Region by Region. */
function placement(key: string, nodes: readonly NodeId[], knobs: Knobs): readonly NodeId[] {
  const groups = groupsOf({ nodes, knobs: layoutOf(knobs) });
  const partition = `p${partitionOf(key, Number(knobs['partitions']))}`;
  return keysOf(groups)
    .filter((id) => id.split(' ')[0] === partition)
    .flatMap((id) => groups[id] ?? []);
}

function statusOf(services: readonly KeyService[], count: number): SideStatus {
  const full = services.filter((service) => service === 'read-write').length;
  const some = services.filter((service) => service === 'read').length;
  const text = `${full} of ${count} partitions have a majority of their replicas here; ${some} more can be read, perhaps stale`;
  const state = full === count ? 'serving' : full + some > 0 ? 'partly' : 'down';
  return { state, leader: null, text };
}

/** The best that any of the Regions present can do with a partition. */
function serviceOf(
  partition: number,
  members: readonly SideMember[],
  nodes: readonly NodeId[],
  knobs: Knobs,
): KeyService {
  const layout = { nodes, knobs: layoutOf(knobs) };
  const here = members.map(({ node }) => node);
  const regions = regionsOf(layout);
  const groups = groupsOf(layout);
  let best: KeyService = 'none';
  for (const id of keysOf(groups)) {
    const [name, region] = id.split(' r');
    if (name !== `p${partition}`) continue;
    const isAsked = region === undefined || regions[Number(region)]?.some((node) => here.includes(node));
    const replicas = groups[id] ?? [];
    const present = replicas.filter((replica) => here.includes(replica)).length;
    if (isAsked !== true || present === 0) continue;
    if (2 * present > replicas.length) return 'read-write';
    best = 'read';
  }
  return best;
}

function layoutOf(knobs: Knobs): Pick<DynamoDbKnobs, 'mode' | 'regions' | 'partitions'> {
  const mode = knobs['mode'];
  return {
    mode: mode === 'global-eventual' || mode === 'global-strong' ? mode : 'region',
    regions: Number(knobs['regions']),
    partitions: Number(knobs['partitions']),
  };
}
