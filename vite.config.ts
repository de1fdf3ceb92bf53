import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Rolldown } from 'vite';

const STUDENT = path.resolve(import.meta.dirname, 'client/src/screens/join/Entrance.svelte');

/**
 * Puts what the student's page shares with other pages into one file: on a bad network each request is a wait, and
 * small files hardly compress.
 */
function baseOf(id: string, context: Rolldown.ChunkingContext): string | null {
  studentPage ??= closureOf(STUDENT, context);
  return studentPage.has(id) && !id.includes('/screens/') ? 'base' : null;
}

let studentPage: ReadonlySet<string> | null = null;

/** A module and all that it imports, not counting what it loads later. */
function closureOf(root: string, context: Rolldown.ChunkingContext): ReadonlySet<string> {
  const found = new Set([root]);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

export default defineConfig({
  root: 'client',
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: ['chrome107', 'firefox104', 'safari16'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: baseOf }] } } },
  },
  worker: { format: 'es' },
  server: {
    fs: { allow: ['..'] },
    allowedHosts: ['.local', '.test'],
  },
});
