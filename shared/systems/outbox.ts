import { outboxDriver } from '../protocols/outbox/driver.ts';
import { outboxStore } from '../protocols/outbox/outbox.ts';
import { STORE_ERRORS } from '../protocols/store-words.ts';
import { availableSystem } from './available.ts';
import type { System } from './system.ts';

const SOURCE = 'Richardson, "Pattern: Transactional outbox", microservices.io';

/** Services that tell each other of what they have done: order and event in one write, a relay, and numbers. */
export const outbox: System = {
  ...availableSystem,
  id: 'outbox',
  title: 'Textbook: transactional outbox',
  summary:
    'Every node says yes by itself and owes the others an event, kept in the same write. A relay sends it until it is confirmed, and numbers make it count once: likes and items of all sides add up. What is written over stays apart, for nobody orders the events.',
  protocol: outboxStore,
  driver: outboxDriver,
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'increment', 'append'],
  errors: [
    ...availableSystem.errors,
    { error: STORE_ERRORS['wrong type'], when: 'An increment of a set, say.', class: 'fail' },
    {
      error: STORE_ERRORS['not an integer'],
      when: 'An increment of what is no whole number.',
      class: 'fail',
    },
  ],
  knobs: [
    {
      kind: 'integer',
      name: 'retryMs',
      text: 'How often the relay sends again what was not confirmed.',
      source: `${SOURCE}: no time is given`,
      default: 1000,
      min: 10,
      max: 60_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'outbox',
      text: 'Whether the event is kept with the change it tells of. Without, it is sent once, and a cut or a crash loses it.',
      source: SOURCE,
      default: true,
    },
    {
      kind: 'boolean',
      name: 'deduplicate',
      text: 'Whether receivers know an event that comes again. Without, one whose confirmation was lost counts twice.',
      source: SOURCE,
      default: true,
    },
  ],
};
