import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vite';

/** Every command line program becomes an entry of its own: server/cli/simulate.ts → dist/server/cli/simulate.js. */
function commandLinePrograms(): Record<string, string> {
  const folder = path.join(import.meta.dirname, 'server/cli');
  const entries: Record<string, string> = {};
  if (!existsSync(folder)) return entries;
  for (const file of readdirSync(folder, { withFileTypes: true })) {
    if (file.isFile() && file.name.endsWith('.ts')) {
      entries[`cli/${path.basename(file.name, '.ts')}`] = path.join(folder, file.name);
    }
  }
  return entries;
}

export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist/server',
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: { main: 'server/main.ts', ...commandLinePrograms() },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { external: true },
});
