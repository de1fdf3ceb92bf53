import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BrowserClass, latestOperation, nodeOf, operate, Stage } from '../support/browser.ts';
import { expectAccessible } from '../support/axe.ts';

/** What one system shows a class whose cluster is cut in two, and heals. Group A has the first nodes. */
type Lesson = {
  readonly system: string;
  readonly nodes: number;
  /** How the two sides' writes end during the cut. */
  readonly inA: RegExp;
  readonly inB: RegExp;
  /** What a read at either side returns in the end, and what everybody's page must show. */
  readonly after: RegExp;
};

const lessons: readonly Lesson[] = [
  {
    // The primary is among two of five: they lose it, the others elect another.
    system: 'mongodb',
    nodes: 5,
    inA: /write colour = blue.*(fail|info).*Server selection timed out after 30000 ms/s,
    inB: /write colour = green.*ok/s,
    after: /read colour.*ok.*read green/s,
  },
  {
    // All three masters are on one side: the other has replicas only, which may not stand without a majority.
    system: 'redis-cluster',
    nodes: 6,
    inA: /write colour = blue.*ok/s,
    inB: /write colour = green.*(fail|info).*(Cluster retry deadline exceeded|CLUSTERDOWN)/s,
    after: /read colour.*ok.*read blue/s,
  },
  {
    // One copy is enough for a write on either side: the later timestamp wins, the other write is gone.
    system: 'cassandra',
    nodes: 6,
    inA: /write colour = blue.*ok/s,
    inB: /write colour = green.*ok/s,
    after: /read colour.*ok.*read (green|blue)/s,
  },
  {
    // Every peer is a whole database: both writes are taken, and one of them hides as a conflict.
    system: 'couchdb',
    nodes: 5,
    inA: /write colour = blue.*ok/s,
    inB: /write colour = green.*ok/s,
    after: /read colour.*ok.*read (green|blue)/s,
  },
];

describe.each(lessons)('$system in a lesson', { timeout: 240_000 }, ({ system, nodes, inA, inB, after }) => {
  const stage = new Stage();
  let lesson: BrowserClass;
  let desk: Page;
  let wall: Page;
  let left: Page;
  let right: Page;

  beforeAll(async () => {
    lesson = await stage.open({ system, nodes });
    desk = await lesson.console();
    wall = await lesson.projector();
  });

  async function turn(state: 'up' | 'cut'): Promise<void> {
    await desk
      .getByRole('button', { name: new RegExp(`^Links between Group A and Group B: ${state}`) })
      .focus();
    await desk.keyboard.press('Enter');
  }

  test('students join on both sides, and a write reaches the cluster', async () => {
    const places = new Map<string, Page>();
    for (const name of ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances']) {
      const page = await lesson.student(name);
      places.set(await nodeOf(page), page);
    }
    const ofGroup = (isThere: (index: number) => boolean): Page => {
      const found = [...places].find(([node]) => isThere(Number(node.slice(1)) - 1));
      if (found === undefined) throw new Error('nobody sits in that group');
      return found[1];
    };
    left = ofGroup((index) => index < Math.floor(nodes / 2));
    right = ofGroup((index) => index >= Math.floor(nodes / 2));
    // Their timers are long: ten virtual seconds pass in one.
    for (let presses = 0; presses < 12; presses++) await desk.keyboard.press(']');
    await desk.getByLabel('10× of real time').waitFor();
    await expect
      .poll(
        async () => {
          await operate(left, 'Write', 'red');
          return left.getByRole('region', { name: 'Your operations' }).locator('[data-outcome=ok]').count();
        },
        { timeout: 60_000, interval: 4000 },
      )
      .toBeGreaterThan(0);
  });

  test('each side goes on as the system does', async () => {
    await turn('up');
    await desk.getByRole('button', { name: /^Links between Group A and Group B: cut/ }).waitFor();
    await wait(desk, 60);
    await operate(left, 'Write', 'blue');
    await operate(right, 'Write', 'green');
    await latestOperation(left, inA);
    await latestOperation(right, inB);
    await expectAccessible(wall);
    await expectAccessible(desk);
    await expectAccessible(left);
  });

  test('healed, both sides read the same', async () => {
    await turn('cut');
    await wait(desk, 90);
    await operate(left, 'Read');
    await operate(right, 'Read');
    await latestOperation(left, after);
    await latestOperation(right, after);
    const shown = async (page: Page): Promise<string> =>
      /read (green|blue)/.exec(
        await page.getByRole('region', { name: 'Your operations' }).getByRole('listitem').first().innerText(),
      )?.[1] ?? 'nothing';
    expect(await shown(left)).toBe(await shown(right));
  });

  test('no page complained, and none asked anybody but this server', async () => {
    expect(lesson.complaints).toEqual([]);
    await lesson.close();
  });

  /** Waits until the clock of the console has gone on by so many virtual seconds. */
  async function wait(page: Page, seconds: number): Promise<void> {
    const clock = async (): Promise<number> => secondsOn(await page.getByTitle('Virtual time').innerText());
    const until = (await clock()) + seconds;
    await expect.poll(clock, { timeout: 120_000 }).toBeGreaterThanOrEqual(until);
  }
});

/** `1:02.5` as seconds. */
function secondsOn(text: string): number {
  const parts = text
    .replace(/[^\d.:]/g, '')
    .split(':')
    .map(Number);
  return parts.reduce((sum, part) => 60 * sum + part, 0);
}
