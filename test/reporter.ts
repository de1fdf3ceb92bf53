import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Counts the run in one line, `N passed, N failed, N skipped`. What fails outside a test (a file that does not
 * load, a hook, an unhandled rejection) counts as failed: a run that is red must never read "0 failed".
 *
 * With TEST_SUMMARY_FILE set the line goes to that file, and `npm test` prints it when everything else has been
 * printed; without it the reporter prints the line itself.
 */
export default class SummaryLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) countModule(module, counts);
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    const file = process.env['TEST_SUMMARY_FILE'];
    if (file === undefined) console.log(line);
    else writeFileSync(file, `${line}\n`);
  }
}

function countModule(module: TestModule, counts: { passed: number; failed: number; skipped: number }): void {
  let failedTests = 0;
  for (const test of module.children.allTests()) {
    const state = test.result().state;
    if (state === 'passed') counts.passed++;
    else if (state === 'failed') failedTests++;
    else counts.skipped++;
  }
  counts.failed += failedTests;
  let otherErrors = module.errors().length;
  for (const suite of module.children.allSuites()) otherErrors += suite.errors().length;
  if (otherErrors === 0 && failedTests === 0 && module.state() === 'failed') otherErrors = 1;
  counts.failed += otherErrors;
}
