import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrowserClass, join, latestOperation, nodeOf, operate, Stage } from '../support/browser.ts';

/** Whatever happens to a browser, its network or the server: everybody is back in their seat, nothing lost. */
describe('staying joined', () => {
  const stage = new Stage();
  let lesson: BrowserClass;

  beforeEach(async () => {
    lesson = await stage.open({ system: 'etcd', nodes: 3 });
  });

  afterEach(async () => {
    await lesson.close();
  });

  function data(page: Page, text: string): Promise<void> {
    return page.getByRole('region', { name: 'What your node holds' }).getByText(text).waitFor();
  }

  test('five reloads in a row, and the seat is the same', async () => {
    const desk = await lesson.console();
    const page = await lesson.student('Ada');
    const node = await nodeOf(page);
    await operate(page, 'Write', 'red');
    await data(page, 'red');
    for (let round = 0; round < 5; round++) {
      await page.reload();
      await data(page, 'red');
      expect(await nodeOf(page)).toBe(node);
    }
    await desk.getByText('1 of 3 here').waitFor();
    expect(lesson.complaints).toEqual([]);
  });

  test('a phone that slept wakes up with everything it missed', async () => {
    const desk = await lesson.console();
    const page = await lesson.student('Ada');
    const other = await lesson.student('Grace');
    const session = await page.context().newCDPSession(page);
    await session.send('Debugger.enable');
    await session.send('Debugger.pause');
    // The server must really have lost it, or this would prove nothing.
    await desk.getByText('1 of 3 here').waitFor({ timeout: 20_000 });
    await operate(other, 'Write', 'gold');
    await latestOperation(other, /gold.*ok/s);
    await session.send('Debugger.resume');
    await data(page, 'gold');
    await desk.getByText('2 of 3 here').waitFor();
  });

  test('a real disconnection looks like none of the exercise, and passes', async () => {
    const desk = await lesson.console();
    const page = await lesson.student('Ada');
    await operate(page, 'Write', 'red');
    await latestOperation(page, /red.*ok/s);
    await page.context().setOffline(true);
    await page
      .getByText(/lost the server/)
      .first()
      .waitFor();
    expect(await page.locator('body').innerText()).toMatch(/Not part of the exercise/i);
    await desk.getByText('0 of 3 here').waitFor();
    await page.context().setOffline(false);
    await page
      .getByText(/lost the server/)
      .first()
      .waitFor({ state: 'hidden' });
    await desk.getByText('1 of 3 here').waitFor();
  });

  test('a second tab takes over; the first says so and can take it back', async () => {
    const desk = await lesson.console();
    const first = await lesson.student('Ada');
    const second = await first.context().newPage();
    lesson.watch(second);
    await second.goto(`${lesson.origin}${lesson.room.joinUrl}`);
    await second.getByRole('region', { name: 'Your node', exact: true }).waitFor();
    await first.getByText(/in another tab or device/).waitFor();
    await desk.getByText('1 of 3 here').waitFor();
    await first.getByRole('button', { name: 'Use it here' }).click();
    await first.getByRole('region', { name: 'Your node', exact: true }).waitFor();
    await second.getByText(/in another tab or device/).waitFor();
  });

  test('where WebSocket is blocked everything goes by polling', async () => {
    const context = await stage.browser.newContext({ viewport: { width: 390, height: 844 } });
    await context.routeWebSocket(/.*/, (socket) => socket.close({ code: 1008 }));
    const page = await context.newPage();
    await page.goto(`${lesson.origin}${lesson.room.joinUrl}`);
    await join(page, 'Ada');
    await operate(page, 'Write', 'blue');
    await latestOperation(page, /blue.*ok/s);
    await page.reload();
    await data(page, 'blue');
    await context.close();
  });

  test('a server killed in the middle of a lesson is back with everybody in it', async () => {
    const desk = await lesson.console();
    const page = await lesson.student('Ada');
    await operate(page, 'Write', 'red');
    await latestOperation(page, /red.*ok/s);
    await stage.server.kill();
    await page
      .getByText(/lost the server/)
      .first()
      .waitFor();
    await stage.server.start();
    await page
      .getByText(/lost the server/)
      .first()
      .waitFor({ state: 'hidden' });
    await data(page, 'red');
    await operate(page, 'Write', 'green');
    await latestOperation(page, /green.*ok/s);
    await desk.getByText('1 of 3 here').waitFor();
    await desk
      .getByRole('button', { name: /^n1.*Ada/ })
      .first()
      .waitFor();
  });

  test('on plain http under a name that is not localhost everything works', async () => {
    const plain = await stage.open({ system: 'etcd', nodes: 3 }, 'classroom.test');
    const control = await plain.console();
    const page = await plain.student('Ada');
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await operate(page, 'Write', 'red');
    await latestOperation(page, /red.*ok/s);
    await control.getByText('1 of 3 here').waitFor();
    expect(plain.complaints).toEqual([]);
    await plain.close();
  });

  test("the instructor's console comes back after a reload, without the link", async () => {
    const desk = await lesson.console();
    await desk.goto(`${lesson.origin}/console/${lesson.room.code}`);
    await desk.reload();
    await desk.getByRole('button', { name: 'Pause all' }).waitFor();
    await desk.keyboard.press('Space');
    await desk.getByRole('button', { name: 'Resume' }).waitFor();
  });
});
