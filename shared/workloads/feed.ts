import type { Workload } from './workload.ts';

export const feed: Workload = {
  id: 'feed',
  title: 'Social feed',
  summary: 'Post to the wall and like it: how many likes has it in the end?',
  invariant: 'Every like counts once, and every post stays.',
  anomaly: 'Likes given at the same time are lost, or one that was tried again counts twice.',
  offers: [
    { kind: 'like', keys: ['likes'], values: [], share: 6 },
    { kind: 'post', keys: ['wall'], values: ['hello', 'anyone here?', 'nice', 'see you'], share: 2 },
    { kind: 'read', keys: ['likes', 'wall'], values: [], share: 2 },
  ],
  freeKeys: false,
};
