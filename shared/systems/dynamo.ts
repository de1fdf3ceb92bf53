import type { NodeId } from '../sim/operation.ts';
import { dynamoDriver } from '../protocols/quorum/dynamo-driver.ts';
import { quorum } from '../protocols/quorum/replica.ts';
import { MEMBERSHIP_ERRORS } from '../protocols/quorum/membership.ts';
import { placement, rangesOf } from '../protocols/quorum/ring.ts';
import { latestVoters, type Knobs, type SideMember, type SideStatus, type System } from './system.ts';

const PAPER = 'DeCandia et al., SOSP 2007';

/** Amazon's internal store of 2007, not the DynamoDB service: that one elects leaders. */
export const dynamo: System = {
  id: 'dynamo',
  title: 'Dynamo (2007)',
  summary:
    'Always takes writes: any W healthy nodes will do, and versions that disagree are kept side by side.',
  label: 'AP',
  pacelc: 'PA/EL',
  protocol: quorum,
  driver: dynamoDriver,
  knobs: [
    {
      name: 'n',
      text: 'On how many nodes each key is kept.',
      source: `${PAPER}, section 6: (3,2,2) is the common configuration`,
      kind: 'integer',
      default: 3,
      min: 1,
      max: 9,
      unit: 'copies',
    },
    {
      name: 'r',
      text: 'How many of them must answer a read.',
      source: `${PAPER}, section 6`,
      kind: 'integer',
      default: 2,
      min: 1,
      max: 9,
      unit: 'nodes',
    },
    {
      name: 'w',
      text: 'How many nodes must have a write before it is acknowledged.',
      source: `${PAPER}, section 6`,
      kind: 'integer',
      default: 2,
      min: 1,
      max: 9,
      unit: 'nodes',
    },
    {
      name: 'sloppy',
      text: 'Whether healthy nodes further along the ring stand in for owners of a key that are down.',
      source: `${PAPER}, section 4.6`,
      kind: 'boolean',
      default: true,
    },
    {
      name: 'resolver',
      text: 'What happens to concurrent versions: all are returned, or only the one with the latest clock.',
      source: `${PAPER}, section 6: business logic specific, or timestamp based`,
      kind: 'choice',
      default: 'siblings',
      choices: ['siblings', 'last-write-wins'],
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'join', 'leave'],
  options: [],
  // The paper gives no error texts; these are ours.
  errors: [
    {
      error: 'quorum not reached: W=2, acks=1',
      when: 'A write was begun and fewer than W nodes have said that they keep it. Those keep it all the same.',
      class: 'info',
    },
    {
      error: 'quorum not reached: W=2, healthy=1',
      when: 'The coordinator knows fewer than W healthy nodes for the key and does not begin to write.',
      class: 'fail',
    },
    {
      error: 'quorum not reached: R=2, replies=1',
      when: 'Fewer than R nodes have answered a read.',
      class: 'fail',
    },
    {
      error: 'quorum not reached: R=2, healthy=1',
      when: 'The node knows fewer than R healthy nodes for the key and asks none.',
      class: 'fail',
    },
    {
      error: 'no answer from the coordinator',
      when: 'A write was handed to a node that was to coordinate it, which has not told how it went.',
      class: 'info',
    },
    { error: 'connection refused', when: 'The node is down, or no member of the ring.', class: 'fail' },
    { error: MEMBERSHIP_ERRORS.member('n1'), when: 'join: it has joined before.', class: 'fail' },
    {
      error: MEMBERSHIP_ERRORS.stranger('n1'),
      when: 'leave: it has left before, or never joined.',
      class: 'fail',
    },
    { error: MEMBERSHIP_ERRORS.tooFew(3), when: 'leave: fewer nodes than N would be left.', class: 'fail' },
    { error: 'connection reset', when: 'The node crashed while it worked on the operation.', class: 'info' },
  ],
  hasLeader: false,
  refuseKnobs(knobs, nodes) {
    const { n, r, w } = knobs;
    if (Number(n) > nodes) return `n: ${n} is more than the number of nodes, ${nodes}`;
    if (Number(r) > Number(n)) return `r: ${r} is more than n, ${n}`;
    if (Number(w) > Number(n)) return `w: ${w} is more than n, ${n}`;
    return null;
  },
  judge,
  placement: (key, nodes, knobs) => placement(key, nodes, Number(knobs['n'])),
};

/** Availability is by key: with stand-ins any nodes do, without them it depends on how many owners are here. */
function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const here = new Set(members.filter(({ view }) => view.role !== 'spare').map(({ node }) => node));
  const [r, w] = [Number(knobs['r']), Number(knobs['w'])];
  if (knobs['sloppy'] === true) {
    const count = here.size;
    const text = `a write needs ${w} nodes and a read ${r}, any will do; ${count} ${count === 1 ? 'is' : 'are'} here`;
    return { state: stateOf([count >= w, count >= r]), leader: null, text };
  }
  const ranges = rangesOf(latestVoters(members, nodes), Number(knobs['n'])).map(
    (owners) => owners.filter((owner) => here.has(owner)).length,
  );
  const writable = ranges.filter((owners) => owners >= w).length;
  const readable = ranges.filter((owners) => owners >= r).length;
  const whole = `of ${ranges.length} key ranges`;
  const text =
    writable === readable
      ? `can write and read ${writable} ${whole}`
      : `can write ${writable} and read ${readable} ${whole}`;
  const able = [writable, readable].flatMap((count) => [count > 0, count === ranges.length]);
  return { state: stateOf(able), leader: null, text };
}

function stateOf(able: readonly boolean[]): SideStatus['state'] {
  if (able.every(Boolean)) return 'serving';
  return able.some(Boolean) ? 'partly' : 'down';
}
