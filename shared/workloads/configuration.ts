import type { Workload } from './workload.ts';

const keys = ['feature', 'limit'];

export const configuration: Workload = {
  id: 'configuration',
  title: 'Configuration',
  summary: 'Settings that many programs follow: change one, and watch it arrive.',
  invariant: 'In the end all see the same setting, and nobody goes back to an older one.',
  anomaly: 'A program acts on a setting that was changed long ago.',
  offers: [
    { kind: 'write', keys, values: ['on', 'off', 'beta'], share: 2 },
    { kind: 'watch', keys, values: [], share: 4 },
    { kind: 'read', keys, values: [], share: 4 },
  ],
  freeKeys: false,
};
