import { CANNOT_GUARANTEE, quorumStoreDriver } from '../protocols/quorum/textbook/quorum-driver.ts';
import { quorumStore } from '../protocols/quorum/textbook/quorum-replica.ts';
import type { NodeId } from '../sim/operation.ts';
import type { Knobs, SideMember, SideStatus, System } from './system.ts';

const TEXT = 'cap-theorem.md, "Quorum-Based Writes"';

/** The `CPDatabase` of the source text, as it is written there. */
export const quorum: System = {
  id: 'quorum',
  title: 'Textbook: majority quorum',
  summary:
    "The text's CP store: a write or read counts if a majority of N nodes took part, or else is an error. What the text leaves out: a write that ends in an error is not undone and may be read later, W + R > N alone is not linearizable, and nodes that missed a write never catch up.",
  label: 'CP',
  pacelc: 'PC/EC: every operation visits all N nodes, one after the other.',
  protocol: quorumStore,
  driver: quorumStoreDriver,
  hasLeader: false,
  knobs: [
    {
      name: 'replicationFactor',
      text: 'N: the first so many nodes of the cluster keep everything; a majority of them must answer.',
      source: `${TEXT}: replication_factor=3`,
      kind: 'integer',
      default: 3,
      min: 1,
      max: 300,
      unit: 'nodes',
    },
    {
      name: 'timeoutMs',
      text: 'How long the client waits for each node before it goes on to the next.',
      source: `${TEXT}: timeout=1000ms`,
      kind: 'integer',
      default: 1000,
      min: 10,
      max: 60_000,
      unit: 'ms',
    },
    {
      name: 'versions',
      text: 'Who numbers versions, which the text does not say: the writer, after it has asked a majority for the latest; or each node for itself, as node.write(key, value) suggests, and then acknowledged writes get lost.',
      source: TEXT,
      kind: 'choice',
      default: 'writer',
      choices: ['writer', 'node'],
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'increment'],
  options: [],
  errors: [
    {
      error: CANNOT_GUARANTEE,
      when: 'A write was sent to all N nodes, and fewer than a majority have said that they took it. Those keep it.',
      class: 'info',
    },
    {
      error: CANNOT_GUARANTEE,
      when: 'Fewer than a majority have answered a read, or told the writer their versions.',
      class: 'fail',
    },
    { error: quorumStoreDriver.refused, when: 'The node is down.', class: 'fail' },
    {
      error: quorumStoreDriver.interrupted,
      when: 'The node crashed while it worked on the operation.',
      class: 'info',
    },
  ],
  refuseKnobs({ replicationFactor }, nodes) {
    if (Number(replicationFactor) <= nodes) return null;
    return `replicationFactor: ${String(replicationFactor)} is more than the number of nodes, ${nodes}`;
  },
  judge,
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const replicas = nodes.slice(0, Number(knobs['replicationFactor']));
  const majority = Math.floor(replicas.length / 2) + 1;
  const here = members.filter(({ node }) => replicas.includes(node)).length;
  if (members.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  const count = `${here} of the ${replicas.length} nodes that keep the data`;
  return here >= majority
    ? { state: 'quorum', leader: null, text: `${count}: a majority. Reads and writes are accepted.` }
    : { state: 'no-quorum', leader: null, text: `${count}: no majority, which takes ${majority}.` };
}
