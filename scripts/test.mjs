// npm test: everything but the long fuzz run, with what it needs. Further arguments go to vitest:
// "npm test -- --project node test/kernel" runs a part. The last line is always "N passed, N failed, N skipped".

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBuilt, ensureChromium, ensureInstalled, root } from './prepare.mjs';

const couldNotRun = '0 passed, 1 failed, 0 skipped\n';

const args = process.argv.slice(2);
const chosen = chosenProjects(args);
ensureInstalled();
const outcome = await prepareAndRun();
process.stdout.write(outcome.summary);
process.exitCode = outcome.code;

function chosenProjects(list) {
  const projects = list.flatMap((arg, i) =>
    arg === '--project'
      ? [list[i + 1]]
      : arg.startsWith('--project=')
        ? [arg.slice('--project='.length)]
        : [],
  );
  return projects.length > 0 ? projects : undefined;
}

async function prepareAndRun() {
  const env = { ...process.env };
  if (chosen === undefined || chosen.includes('browser')) {
    const chromium = ensureChromium();
    if (chromium === undefined) return { code: 1, summary: couldNotRun };
    env.CHROMIUM = chromium;
    if (!ensureBuilt()) {
      console.error('The build failed, so the tests did not run: see the messages above.');
      return { code: 1, summary: couldNotRun };
    }
  }
  const projects = chosen ? [] : ['node', 'ui', 'browser'].flatMap((name) => ['--project', name]);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'quorum-call-test-'));
  try {
    const file = path.join(folder, 'summary');
    const code = await runVitest([...projects, ...args], { ...env, TEST_SUMMARY_FILE: file });
    return judge(code, readSummary(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runVitest(list, env) {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...list], { cwd: root, env, stdio: 'inherit' });
  // The terminal sends an interrupt to the child as well: wait for its end instead of leaving it behind.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function readSummary(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** A run that ended without a summary, or red for a reason no test shows (a threshold, no test found), is not green. */
function judge(code, summary) {
  if (summary === undefined) return { code: code || 1, summary: couldNotRun };
  const failed = Number(/(\d+) failed/.exec(summary)?.[1]);
  if (failed > 0) return { code: code || 1, summary };
  if (code !== 0) return { code, summary: summary.replace('0 failed', '1 failed') };
  return { code, summary };
}
