import type { Workload } from './workload.ts';

const keys = ['room'];

export const chat: Workload = {
  id: 'chat',
  title: 'Chat',
  summary: 'One room: everybody sends and reads messages.',
  invariant: 'No message is lost, none comes twice, and an answer comes after what it answers.',
  anomaly: 'Messages vanish, or answers come before questions.',
  offers: [
    { kind: 'send', keys, values: ['hello', 'who is there?', 'me', 'bye'], share: 5 },
    { kind: 'read', keys, values: [], share: 5 },
  ],
  freeKeys: false,
};
