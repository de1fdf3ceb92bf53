import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectAccessible } from '../support/axe.ts';
import { Stage } from '../support/browser.ts';

/** A report is a file: it opens from a disk, without a server, and everything is in it. */
describe('a saved report', () => {
  const stage = new Stage();

  test('opens from the disk with scorecard, pictures and a replay that can be moved through', async () => {
    const page = await stage.browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`http://127.0.0.1:${stage.server.port}/replay`);
    const buffer = readFileSync('test/fixtures/golden/etcd-1.jsonl');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'etcd.jsonl', mimeType: 'application/x-ndjson', buffer });
    await page.getByRole('radio', { name: 'Judge' }).check();
    const save = page.getByRole('button', { name: 'Report (HTML)' });
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    const file = path.join(tmpdir(), `quorum-call-report-${process.pid}.html`);
    await download.saveAs(file);
    await page.close();

    const context = await stage.browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
    const report = await context.newPage();
    const complaints: string[] = [];
    const asked: string[] = [];
    report.on('pageerror', (error) => complaints.push(error.message));
    report.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    report.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url());
    });
    await report.goto(pathToFileURL(file).href);
    await report.getByRole('heading', { name: 'Scorecard' }).waitFor();
    expect(await report.getByRole('row', { name: /^Everybody/ }).count()).toBeGreaterThan(0);
    const pictures = report.locator('figure img');
    expect(await pictures.count()).toBeGreaterThan(0);
    const drawn = await pictures.evaluateAll((images) =>
      images.every((image) => image instanceof HTMLImageElement && image.naturalWidth > 1000),
    );
    expect(drawn).toBe(true);
    await expectAccessible(report);

    await report.getByRole('link', { name: 'Open the replay' }).click();
    const scrubber = report.getByRole('slider', { name: 'Moment' });
    await scrubber.waitFor();
    const before = await scrubber.getAttribute('aria-valuetext');
    await report.keyboard.press('ArrowRight');
    await report.keyboard.press('ArrowRight');
    await expect.poll(() => scrubber.getAttribute('aria-valuetext')).not.toBe(before);
    await report.getByRole('radio', { name: 'Diagram' }).check();
    await report.getByRole('application', { name: 'Space-time diagram' }).waitFor();
    await report.getByText('Every recorded digest agrees.').waitFor();
    await report.getByRole('link', { name: /Back to the report/ }).click();
    await report.getByRole('heading', { name: 'Scorecard' }).waitFor();
    expect(complaints).toEqual([]);
    expect(asked).toEqual([]);
    await context.close();
  });
});
