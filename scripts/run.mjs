// node scripts/run.mjs FILE.ts ARGUMENTS…: runs a TypeScript program from its source, on a fresh clone too. It runs
// in this process, so its exit status, its standard input and its standard output are the program's own.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, fail } from './prepare.mjs';

const named = process.argv[2];
if (named === undefined) fail('Usage: node scripts/run.mjs FILE.ts [ARGUMENTS]');
const file = path.resolve(named);

ensureInstalled();
const { register } = await import('tsx/esm/api');
register();
// The program finds its own name and arguments where it expects them.
process.argv.splice(1, 2, file);
await import(pathToFileURL(file).href);
