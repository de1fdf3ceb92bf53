import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Stage } from '../support/browser.ts';

/** A recording folds to the same digests in Chromium as where it was made, and a damaged one says so. */
describe('a recording file in a browser', () => {
  const stage = new Stage();

  async function open(name: string, content: Buffer) {
    const page = await stage.browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`http://127.0.0.1:${stage.server.port}/replay`);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'application/x-ndjson', buffer: content });
    return page;
  }

  test.each(['etcd', 'dynamo'])('the golden recording of %s agrees at every checkpoint', async (system) => {
    const page = await open(`${system}.jsonl`, readFileSync(`test/fixtures/golden/${system}-1.jsonl`));
    await page.getByText('Every recorded digest agrees.').waitFor();
    await page.close();
  });

  test('one that ends in the middle of a line is played as far as it goes, and says so', async () => {
    const whole = readFileSync('test/fixtures/golden/etcd-1.jsonl');
    const page = await open('torn.jsonl', whole.subarray(0, whole.length - 40));
    await page.getByRole('slider').first().waitFor();
    expect(await page.locator('body').innerText()).toMatch(/middle of/i);
    await page.close();
  });
});
