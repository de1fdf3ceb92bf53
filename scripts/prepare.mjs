// What must be there before anything runs: packages, a build, a browser for the tests. Plain Node without
// dependencies, because on a fresh clone there are none. Everything it prints goes to standard error: the
// standard output belongs to the program that is being prepared.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.dirname(import.meta.dirname ?? fail('Quorum Call needs Node.js 20.19 or later.'));

/** A failure the person at the terminal can act on: the message is all there is to show. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Quorum Call needs Node.js 20.19 or later; this is ${process.versions.node}.`);
}

const lockFile = path.join(root, 'package-lock.json');
const installedFile = path.join(root, 'node_modules/.installed.sha256');

/** Installs the packages unless node_modules holds what package-lock.json asks for. */
export function ensureInstalled() {
  requireNode();
  const lock = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  if (existsSync(installedFile) && readFileSync(installedFile, 'utf8') === lock) return;
  if (!installedByHand()) {
    console.error('Installing packages (npm ci) …');
    // A machine with NODE_ENV=production would leave out what the build needs.
    runNpm(['ci', '--include=dev', '--no-audit', '--no-fund']);
  }
  writeFileSync(installedFile, lock);
}

/** npm notes what it has installed in node_modules/.package-lock.json, last of all: a broken install has no note. */
function installedByHand() {
  const note = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const present = JSON.parse(readFileSync(note, 'utf8')).packages;
  return Object.entries(wanted).every(([folder, entry]) => {
    if (folder === '') return true;
    const found = present[folder];
    if (found === undefined) return entry.optional || entry.devOptional || entry.peer || entry.extraneous;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function runNpm(args) {
  const self = process.env.npm_execpath;
  const result = self?.endsWith('npm-cli.js')
    ? runQuietly(process.execPath, [self, ...args])
    : runQuietly('npm', args, { shell: process.platform === 'win32' });
  if (result !== 0) fail(`"npm ${args.join(' ')}" failed: see the messages above.`);
}

function runQuietly(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) console.error(String(result.error.message));
  return result.status ?? 1;
}

const stampFile = path.join(root, 'dist/sources.sha256');
/** In this order: the pages empty their folder first, and what else belongs there is put into it after. */
const builds = ['vite.config.ts', 'vite.join.config.ts', 'vite.report.config.ts', 'vite.server.config.ts'];
const builtFiles = ['server/main.js', 'client/index.html', 'client/join.html', 'client/report/replay.js'];
const sourceFolders = ['client', 'server', 'shared'];
const sourceFiles = ['package.json', 'package-lock.json', 'svelte.config.js', 'tsconfig.json', ...builds];

/** Builds page and server unless the last build was made from the sources as they are now. */
export function ensureBuilt() {
  const built = builtFiles.every((file) => existsSync(path.join(root, 'dist', file)));
  if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourcesStamp()) return true;
  return build();
}

export function build() {
  console.error('Building page and server …');
  // Taken before the build: what is edited meanwhile makes the build stale, not the stamp wrong.
  const stamp = sourcesStamp();
  rmSync(stampFile, { force: true });
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const env = { ...process.env, NODE_ENV: 'production' };
  for (const config of builds) {
    const args = [vite, 'build', '--config', config, '--logLevel', 'warn'];
    if (runQuietly(process.execPath, args, { env }) !== 0) return false;
  }
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
  return true;
}

/** Names, sizes and times instead of contents: a start has to find out in milliseconds that there is nothing to do. */
function sourcesStamp() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  };
  for (const file of sourceFiles) add(path.join(root, file));
  for (const folder of sourceFolders) {
    const files = readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    for (const file of files.sort()) add(file);
  }
  return hash.digest('hex');
}

const usualBrowsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium for the browser tests, or undefined after saying how to get one. */
export function ensureChromium() {
  const named = process.env.CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    console.error(`CHROMIUM=${named}: there is no such file.`);
    return undefined;
  }
  const found = () => usualBrowsers.find((file) => existsSync(file));
  if (found()) return found();
  if (process.getuid?.() === 0 && isDebian()) {
    console.error('Installing Chromium for the browser tests (apt-get) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    if (runQuietly('apt-get', ['update'], { env }) === 0) {
      runQuietly('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
    }
    if (found()) return found();
  }
  console.error('The browser tests need Chromium. Install it, on Debian with');
  console.error('  sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium');
  console.error('or name one that is installed: CHROMIUM=/path/to/chromium npm test');
  return undefined;
}

function isDebian() {
  const file = '/etc/os-release';
  return existsSync(file) && /^ID=debian$/m.test(readFileSync(file, 'utf8'));
}
