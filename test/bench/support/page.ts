import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium, type Page } from 'playwright-core';
import { build, preview } from 'vite';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WARM_MS = 3000;
const MEASURE_MS = 5000;

/** Shows a page of test/client/measured in Chromium without a graphics card; `measure` takes its figures. */
export async function onMeasuredPage<T>(
  run: (measure: (query: string) => Promise<T>) => Promise<T[]>,
): Promise<T[]> {
  const root = path.join(import.meta.dirname, '../../client/measured');
  const outDir = await mkdtemp(path.join(tmpdir(), 'quorum-call-measured-'));
  const plugins = [svelte({ configFile: path.join(import.meta.dirname, '../../../svelte.config.js') })];
  const shared = { configFile: false, root, logLevel: 'error' } as const;
  await build({ ...shared, plugins, build: { outDir, emptyOutDir: true } });
  const server = await preview({
    ...shared,
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1', strictPort: true },
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    return await run((query) => measureOn<T>(page, `${server.resolvedUrls?.local[0] ?? ''}?${query}`));
  } finally {
    await browser.close();
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  }
}

async function measureOn<T>(page: Page, url: string): Promise<T> {
  await page.goto(url);
  await page.waitForTimeout(WARM_MS);
  // As text: this file is compiled without the names of a browser.
  return page.evaluate<T>(`measure(${MEASURE_MS})`);
}
