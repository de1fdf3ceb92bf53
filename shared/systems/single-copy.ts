import { CLIENT_ERRORS, primaryDriver } from '../protocols/ownership/primary/driver.ts';
import { single } from '../protocols/ownership/primary/primary.ts';
import { ERRORS } from '../protocols/ownership/primary/writes.ts';
import type { SideMember, SideStatus, System } from './system.ts';

/** What "CA" can only mean: one machine has the data. There is nothing to partition, and nothing to fall back on. */
export const singleCopy: System = {
  id: 'single-copy',
  title: 'Textbook: a single copy ("CA")',
  summary: 'The first node has all data and the others ask it; who cannot reach it gets nothing.',
  label: 'CA, which a network takes away',
  pacelc: 'No replicas: no choice to make, and no answer across a cut',
  protocol: single,
  driver: primaryDriver,
  hasLeader: false,
  knobs: [],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append'],
  options: [],
  errors: [
    { error: ERRORS['wrong type'], when: 'An increment of a set, say.', class: 'fail' },
    { error: ERRORS['not an integer'], when: 'An increment of what is no whole number.', class: 'fail' },
    {
      error: CLIENT_ERRORS.noAnswer,
      when: 'The node with the data has not answered for 5 seconds. A read has then certainly failed.',
      class: 'info',
    },
    {
      error: CLIENT_ERRORS.lost,
      when: 'The node with the data crashed, or is down. A read has then certainly failed.',
      class: 'info',
    },
    { error: primaryDriver.refused, when: 'The node is down.', class: 'fail' },
    { error: primaryDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs: () => null,
  judge,
};

function judge(members: readonly SideMember[]): SideStatus {
  const owner = members.find(({ view }) => view.role === 'primary');
  if (owner === undefined)
    return { state: 'down', leader: null, text: 'The data is not here: nothing answers.' };
  return { state: 'serving', leader: null, text: `${owner.node} has the data and answers everybody here.` };
}
