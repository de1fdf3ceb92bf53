import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectAccessible } from '../support/axe.ts';
import { connectInstructor, newRef } from '../support/browser-line.ts';
import { Stage } from '../support/browser.ts';

const DESK = { viewport: { width: 1280, height: 800 } };

describe('the pages around a class', () => {
  const stage = new Stage();

  test('a recording is deleted with its key, and by nobody else', async () => {
    const opened = await stage.open({ system: 'etcd', nodes: 3 });
    const { id } = opened.room;
    const teacher = await opened.console();
    const line = await connectInstructor(opened.origin, opened.room.code, opened.room.secret);
    await line.ask('command', { ref: newRef(), command: { kind: 'end' } });
    await teacher.goto(`${opened.origin}/recordings`);
    await expectAccessible(teacher);
    const stranger = await opened.page('/recordings', DESK);
    for (const [page, text] of [
      [stranger, /key/i],
      [teacher, new RegExp(id)],
    ] as const) {
      await page.getByRole('button', { name: new RegExp(`^Delete.*${id}`) }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByRole('status').filter({ hasText: text }).waitFor();
    }
    expect((await fetch(`http://127.0.0.1:${stage.server.port}/api/recordings/${id}`)).status).toBe(404);
    await teacher.reload();
    await teacher.getByRole('heading', { level: 1 }).waitFor();
    expect(await teacher.getByText(id).count()).toBe(0);
    await opened.close();
  });

  test('a file dropped on the list is played', async () => {
    const opened = await stage.open({ system: 'etcd', nodes: 3 });
    const page = await opened.page('/recordings', DESK);
    const text = readFileSync('test/fixtures/golden/etcd-1.jsonl', 'utf8');
    const files = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'etcd.jsonl'));
      return transfer;
    }, text);
    await page.locator('main').dispatchEvent('drop', { dataTransfer: files });
    await page.getByText('Every recorded digest agrees.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/replay');
    await opened.close();
  });

  test.each(['/', '/j', '/check', '/recordings', '/replay'])(
    '%s has nothing that shuts anybody out',
    async (path) => {
      const opened = await stage.open({ system: 'etcd', nodes: 3 });
      const page = await opened.page(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectAccessible(page);
      expect(opened.complaints).toEqual([]);
      await opened.close();
    },
  );
});
