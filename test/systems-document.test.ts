import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { systemsText } from '../scripts/support/systems-text.ts';

/** Plays every system in every scenario: some 20 seconds of processor time. */
test('docs/systems.md is what the systems do (npm run docs writes it)', { timeout: 600_000 }, () => {
  const written = readFileSync(path.join(import.meta.dirname, '../docs/systems.md'), 'utf8');
  expect(written).toBe(systemsText(written));
});
