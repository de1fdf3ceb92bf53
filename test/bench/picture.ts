import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import type { Bench, Row } from './report.ts';

/** What a run of the picture showed. */
type Figures = {
  readonly nodes: number;
  /** Messages drawn on average. */
  readonly messages: number;
  readonly fps: number;
  /** The longest frame, milliseconds. */
  readonly slowest: number;
};

/** The cluster picture as a class of 300 sees it, with the run folded on the same page. */
export const picture: Bench = {
  name: 'picture',
  text: 'The moving picture in Chromium without a graphics card',
  async run() {
    return (await measurePicture()).flatMap(({ nodes, messages, fps, slowest }): Row[] => [
      {
        figure: `${nodes} nodes`,
        value: Math.round(fps * 10) / 10,
        unit: 'frames/s',
        note: `${Math.round(messages)} messages drawn, longest frame ${Math.round(slowest)} ms`,
      },
    ]);
  },
};

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

async function measurePicture(): Promise<Figures[]> {
  const root = path.join(import.meta.dirname, '../client/measured');
  const outDir = await mkdtemp(path.join(tmpdir(), 'quorum-call-picture-'));
  const plugins = [svelte({ configFile: path.join(import.meta.dirname, '../../svelte.config.js') })];
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

    const figures: Figures[] = [];
    for (const nodes of [40, 300]) {
      await page.goto(`${server.resolvedUrls?.local[0] ?? ''}?nodes=${nodes}`);
      await page.waitForTimeout(WARM_MS);
      // As text: this file is compiled without the names of a browser.
      const measured = await page.evaluate<Omit<Figures, 'nodes'>>(`measure(${MEASURE_MS})`);
      figures.push({ nodes, ...measured });
    }
    return figures;
  } finally {
    await browser.close();
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  }
}
