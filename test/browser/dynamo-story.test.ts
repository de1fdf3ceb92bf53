import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BrowserClass, latestOperation, nodeOf, operate, Stage } from '../support/browser.ts';
import { expectAccessible } from '../support/axe.ts';

/** The lesson of availability first: both sides of a cut fill the same shopping cart, and somebody merges. */
describe('Dynamo: both sides fill the cart', () => {
  const stage = new Stage();
  let lesson: BrowserClass;
  let desk: Page;
  let wall: Page;
  const students: Page[] = [];
  const nodes: string[] = [];

  beforeAll(async () => {
    lesson = await stage.open({ system: 'dynamo', workload: 'cart', nodes: 6 });
    desk = await lesson.console();
    wall = await lesson.projector();
  });

  function studentIn(group: 'A' | 'B'): Page {
    const index = nodes.findIndex((node) => ['n1', 'n2', 'n3'].includes(node) === (group === 'A'));
    const page = students[index];
    if (page === undefined) throw new Error(`nobody is in group ${group}`);
    return page;
  }

  test('five students join a cluster of six; a bot keeps the sixth node', async () => {
    for (const name of ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances']) {
      students.push(await lesson.student(name));
    }
    for (const page of students) nodes.push(await nodeOf(page));
    expect(new Set(nodes).size).toBe(5);
    await desk.getByText('5 of 6 here').waitFor();
  });

  test('everybody fills one cart', async () => {
    await operate(studentIn('A'), 'Add', 'apples');
    await latestOperation(studentIn('A'), /add apples.*ok/s);
    await operate(studentIn('B'), 'Read');
    await latestOperation(studentIn('B'), /read cart.*ok.*apples/s);
  });

  test('cut in two, both sides go on: split brain', async () => {
    await desk.getByRole('button', { name: /^Links between Group A and Group B: up/ }).focus();
    await desk.keyboard.press('Enter');
    await wall.getByText('SPLIT BRAIN').first().waitFor();
    await expectAccessible(wall);
    await operate(studentIn('A'), 'Add', 'bread');
    await operate(studentIn('B'), 'Add', 'cheese');
    await latestOperation(studentIn('A'), /add bread.*ok/s);
    await latestOperation(studentIn('B'), /add cheese.*ok/s);
  });

  test('a late student gets in while the partition stands', async () => {
    const late = await lesson.student('Katherine', { viewport: { width: 320, height: 568 } });
    students.push(late);
    nodes.push(await nodeOf(late));
    await desk.getByText('6 of 6 here').waitFor();
    await expectAccessible(late);
    const width = await late.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(320);
    await late.getByRole('button', { name: 'Add' }).waitFor();
  });

  test('healed, the two carts meet as siblings', async () => {
    await desk.getByRole('button', { name: /^Links between Group A and Group B: cut/ }).focus();
    await desk.keyboard.press('Enter');
    await wall
      .getByText(/CONFLICTS? *1|1 CONFLICT/)
      .first()
      .waitFor({ timeout: 30_000 });
    await expectAccessible(wall);
    await operate(studentIn('A'), 'Read');
    await latestOperation(studentIn('A'), /read cart.*ok/s);
    await studentIn('A').getByText('2 values at the same time').first().waitFor();
    await expectAccessible(studentIn('A'));
  });

  test('a student merges them, and no accepted item is lost', async () => {
    const page = studentIn('A');
    await page.getByRole('button', { name: 'Merge' }).first().click();
    const dialog = page.getByRole('dialog');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Write the merged value' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await operate(studentIn('B'), 'Read');
    await latestOperation(studentIn('B'), /read cart.*ok.*apples, bread, cheese/s);
    await wall.getByText('SPLIT BRAIN').first().waitFor({ state: 'hidden' });
    await wall
      .getByText(/CONFLICTS? *1|1 CONFLICT/)
      .first()
      .waitFor({ state: 'hidden' });
  });

  test('the recording knows what each node knew', async () => {
    const replay = await lesson.page(`/replay/${lesson.room.id}`, { viewport: { width: 1440, height: 900 } });
    await replay.getByRole('slider').first().waitFor();
    await replay.keyboard.press('End');
    await replay.getByRole('radio', { name: 'Operations' }).check();
    await replay.getByText(/bread/).first().waitFor();
    await expectAccessible(replay);
  });

  test('no page complained, and none asked anybody but this server', () => {
    expect(lesson.complaints).toEqual([]);
  });
});
