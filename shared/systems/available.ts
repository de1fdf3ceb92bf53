import { availableDriver } from '../protocols/quorum/textbook/available-driver.ts';
import type { System } from './system.ts';

/** What the two AP stores of the source text have in common. */
export const availableSystem: Pick<
  System,
  | 'label'
  | 'pacelc'
  | 'driver'
  | 'hasLeader'
  | 'knobs'
  | 'kinds'
  | 'options'
  | 'errors'
  | 'refuseKnobs'
  | 'judge'
> = {
  label: 'AP',
  pacelc: 'PA/EL: every answer comes from the own node.',
  driver: availableDriver,
  hasLeader: false,
  knobs: [
    {
      name: 'retryMs',
      text: 'How often a node sends again what another has not confirmed.',
      source: 'cap-theorem.md, "Social Media (AP)": failed batches are queued again; the text names no time',
      kind: 'integer',
      default: 1000,
      min: 10,
      max: 60_000,
      unit: 'ms',
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'increment'],
  options: [],
  errors: [
    { error: availableDriver.refused, when: 'The node is down.', class: 'fail' },
    {
      error: availableDriver.interrupted,
      when: 'The node crashed while it worked on the operation.',
      class: 'info',
    },
  ],
  refuseKnobs: () => null,
  judge: (members) =>
    members.length === 0
      ? { state: 'down', leader: null, text: 'No node is running here.' }
      : { state: 'serving', leader: null, text: 'Every node takes reads and writes by itself.' },
};
