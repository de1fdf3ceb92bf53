import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The replay as one script and one style sheet without imports: a saved report has both inside. */
export default defineConfig({
  plugins: [svelte({ configFile: './svelte.config.js' })],
  publicDir: false,
  build: {
    outDir: 'dist/client/report',
    emptyOutDir: true,
    target: ['chrome107', 'firefox104', 'safari16'],
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    lib: {
      entry: 'client/src/report/main.ts',
      formats: ['iife'],
      name: 'report',
      fileName: () => 'replay.js',
      cssFileName: 'replay',
    },
  },
  define: { 'process.env.NODE_ENV': '"production"' },
});
