import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BrowserClass, latestOperation, nodeOf, operate, Stage } from '../support/browser.ts';
import { expectAccessible } from '../support/axe.ts';

/** The lesson of consistency first, as a class lives through it: five students, two of them cut off. */
describe('etcd: two of five are cut off', () => {
  const stage = new Stage();
  let lesson: BrowserClass;
  let desk: Page;
  let wall: Page;
  const students: Page[] = [];
  const nodes: string[] = [];

  beforeAll(async () => {
    lesson = await stage.open({ system: 'etcd', nodes: 5 });
    desk = await lesson.console();
    wall = await lesson.projector();
  });

  /** A student by the group its node is in: A has n1 and n2, B the other three. */
  function studentIn(group: 'A' | 'B'): Page {
    const index = nodes.findIndex((node) => ['n1', 'n2'].includes(node) === (group === 'A'));
    const page = students[index];
    if (page === undefined) throw new Error(`nobody is in group ${group}`);
    return page;
  }

  test('five students join and become the five nodes', async () => {
    await expectAccessible(wall);
    for (const name of ['Ada', 'Grace', 'Barbara', 'Radia', 'Ada']) students.push(await lesson.student(name));
    for (const page of students) nodes.push(await nodeOf(page));
    expect([...nodes].sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    await desk.getByText('5 of 5 here').waitFor();
    // The second Ada was given a suffix instead of being turned away.
    await desk.getByRole('button', { name: /Ada 2/ }).first().waitFor();
    await desk.getByRole('region', { name: 'The situation' }).getByText('QUORUM').first().waitFor();
    await expectAccessible(desk);
    await expectAccessible(studentIn('A'));
  });

  test('a write at any node reaches all of them', async () => {
    await operate(studentIn('A'), 'Write', 'red');
    await latestOperation(studentIn('A'), /write colour = red.*ok.*took \d+ ms/s);
    for (const page of students) {
      await page.getByRole('region', { name: 'What your node holds' }).getByText('red').waitFor();
    }
  });

  test('the cut leaves a majority and a minority, on the wall in words', async () => {
    await desk.getByRole('button', { name: /^Links between Group A and Group B: up/ }).focus();
    await desk.keyboard.press('Enter');
    await desk
      .getByRole('button', { name: /^Links between Group A and Group B: cut/ })
      .waitFor({ state: 'attached' });
    await wall.getByText('NO QUORUM').first().waitFor();
    await wall
      .getByText(/3 of 5 nodes: a majority. Writes are accepted/)
      .first()
      .waitFor();
    await expectAccessible(desk);
    await expectAccessible(wall);
    // Nobody is told that there is a cut: a node can only notice that others are silent.
    expect(await studentIn('A').locator('main').innerText()).not.toMatch(/\bcut\b|partition/i);
  });

  test('the majority writes; the minority is refused with the literal error', async () => {
    await operate(studentIn('A'), 'Write', 'blue');
    await operate(studentIn('B'), 'Write', 'green');
    await latestOperation(studentIn('B'), /write colour = green.*ok/s);
    await latestOperation(
      studentIn('A'),
      /write colour = blue.*info.*(etcdserver: request timed out|context deadline exceeded)/s,
    );
    await expectAccessible(studentIn('A'));
  });

  test('a reload in the middle of the partition keeps seat, name and data', async () => {
    const page = studentIn('A');
    const before = await nodeOf(page);
    await page.reload();
    await page.getByRole('region', { name: 'Your node', exact: true }).waitFor();
    expect(await nodeOf(page)).toBe(before);
    await latestOperation(page, /write colour = blue.*info/s);
    await page.getByRole('region', { name: 'What your node holds' }).getByText('red').waitFor();
    await desk.getByText('5 of 5 here').waitFor();
  });

  test('a serializable read on the minority side is stale', async () => {
    const page = studentIn('A');
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('radio', { name: 'serializable' }).check();
    await operate(page, 'Read');
    await latestOperation(page, /read colour.*ok.*read red/s);
  });

  test('healed, everybody holds what the majority wrote', async () => {
    await desk
      .getByRole('region', { name: 'The cluster' })
      .first()
      .click({ position: { x: 5, y: 5 } });
    await desk.keyboard.press('h');
    await desk
      .getByRole('button', { name: /^Links between Group A and Group B: up/ })
      .waitFor({ state: 'attached' });
    for (const page of students) {
      await page.getByRole('region', { name: 'What your node holds' }).getByText('green').waitFor();
    }
    await wall.getByText('5 of 5 nodes: a majority').first().waitFor();
  });

  test('everybody stops and looks up, and goes on', async () => {
    await desk.keyboard.press('Space');
    for (const page of students) await page.getByText('Eyes up').first().waitFor();
    await expectAccessible(studentIn('B'));
    await desk.keyboard.press('Space');
    for (const page of students) await page.getByText('Eyes up').first().waitFor({ state: 'hidden' });
  });

  test('the recording replays the whole story', async () => {
    const replay = await lesson.page(`/replay/${lesson.room.id}`, { viewport: { width: 1440, height: 900 } });
    await replay.getByRole('slider').first().waitFor();
    await expectAccessible(replay);
    await replay.keyboard.press('End');
    await replay.getByRole('radio', { name: 'Operations' }).check();
    await replay
      .getByText('etcdserver: request timed out')
      .or(replay.getByText('context deadline exceeded'))
      .first()
      .waitFor();
    await replay
      .getByText(/colour = green/)
      .first()
      .waitFor();
  });

  test('no page complained, and none asked anybody but this server', () => {
    expect(lesson.complaints).toEqual([]);
  });
});
