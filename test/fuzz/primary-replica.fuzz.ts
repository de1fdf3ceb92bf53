import { expect, test } from 'vitest';
import { describeRun, fuzz } from '../support/fuzz.ts';
import { falseRefusals, lostWrites, primaryFuzz } from '../support/primary-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`primary and replicas lose nothing with all three measures, ${seeds} seeds from ${first}`, () => {
  const subject = primaryFuzz({ mode: 'semi-synchronous', failover: 'automatic', majority: true });
  for (let seed = first; seed < first + seeds; seed++) {
    const run = fuzz(subject, seed);
    expect(run.violation, describeRun(run)).toBeNull();
    expect([...lostWrites(run.world), ...falseRefusals(run.world)], describeRun(run)).toEqual([]);
  }
});
