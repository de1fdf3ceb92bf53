import type { CauseName } from '../../../shared/scripts/causes.ts';
import type { DistanceName } from '../../../shared/scripts/distances.ts';

type Named = { readonly name: string; readonly models: string };

/** What goes wrong in real networks, and what each of these does here. */
export const causeWords = {
  intro: 'Real causes, one press each. What they do can be undone like any other fault.',
  at: 'At',
  between: 'Between it and',
  atTitle: 'At one group',
  betweenTitle: 'Between two groups',
  needTwo: 'There is only one group: make another under Groups.',
  doNamed: (cause: string, where: string): string => `${cause}: ${where}`,
  causes: {
    'data-centre-outage': {
      name: 'Data-centre outage',
      models: 'The power goes: every machine there stops. What is on disk is there when it is back.',
    },
    'switch-failure': {
      name: 'Switch failure',
      models: 'The machines of the rack run on, each alone: they do not even hear each other.',
    },
    'dns-failure': {
      name: 'DNS failure',
      models: 'Clients there find nobody by name any more; connections between replicas live on.',
    },
    misconfiguration: {
      name: 'Misconfiguration',
      models: 'The cluster port was left out of a new rule: clients get through, replicas do not.',
    },
    'undersea-cable-cut': {
      name: 'Undersea cable cut',
      models: 'The one cable between two regions breaks: both run on and cannot hear each other.',
    },
    'firewall-rule': {
      name: 'Firewall rule',
      models: 'What the first sends to the second is dropped; what comes back is let through.',
    },
    congestion: {
      name: 'Congestion',
      models: 'Too much traffic on the way: 200 to 600 ms of delay, and 2 % of the messages are dropped.',
    },
  } satisfies Record<CauseName, Named>,
} as const;

/** How far groups are from each other. */
export const distanceWords = {
  title: 'Distances between the groups',
  intro: 'Nothing breaks, and yet it takes longer: what a system waits for decides how much.',
  distances: {
    'one-rack': { name: 'One rack', models: 'One switch between all of them: about 1 ms one way.' },
    'one-region': {
      name: 'One region',
      models: 'Zones of one city: 1 ms within a group, 2 ms between groups, one way.',
    },
    'us-eu-asia': {
      name: 'US – EU – Asia',
      models: 'Three continents, in the order of the groups: 40, 75 and 110 ms one way between them.',
    },
  } satisfies Record<DistanceName, Named>,
} as const;
