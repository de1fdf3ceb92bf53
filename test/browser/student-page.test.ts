import { describe, expect, test } from 'vitest';
import { Stage } from '../support/browser.ts';

/** Compressed bytes of scripts, as a phone on a school's network has to fetch them. */
const SCRIPTS_MAX = 90_000;

describe('the student’s page', () => {
  const stage = new Stage();

  test('comes in a few small files, over the network as it is', async () => {
    const lesson = await stage.open({ system: 'etcd', workload: 'key-value', nodes: 3 });
    const student = await lesson.student('Ada');
    const sizes = await student.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry.name.endsWith('.js'))
        .map((entry) => (entry as PerformanceResourceTiming).encodedBodySize),
    );
    const sum = sizes.reduce((all, size) => all + size, 0);
    expect(sizes.length).toBeLessThan(10);
    expect(sum).toBeGreaterThan(SCRIPTS_MAX / 2);
    expect(sum).toBeLessThan(SCRIPTS_MAX);
    await lesson.close();
  });

  test('leads to other pages by loading them, and they lead back', async () => {
    const page = await stage.browser.newPage();
    await page.goto(`http://127.0.0.1:${stage.server.port}/j`);
    await page.getByRole('link', { name: 'Quorum Call' }).first().click();
    await page.getByRole('heading', { name: 'Open a classroom' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Join' }).waitFor();
    await page.close();
  });
});
