import type { Locator, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { nodeOf, type BrowserClass, type Stage } from './browser.ts';

const NAMES = ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances'];

/** A class of five in browsers, every node a student's, ended with the test. Group A has n1 and n2, B the others. */
export class Lesson {
  readonly room: BrowserClass;
  readonly desk: Page;
  readonly wall: Page;
  readonly #students: ReadonlyMap<string, Page>;

  private constructor(room: BrowserClass, desk: Page, wall: Page, students: ReadonlyMap<string, Page>) {
    this.room = room;
    this.desk = desk;
    this.wall = wall;
    this.#students = students;
  }

  static async begin(stage: Stage, system: string): Promise<Lesson> {
    const room = await stage.open({ system, nodes: NAMES.length, seed: 7 });
    onTestFinished(() => room.close());
    const [desk, wall, ...pages] = await Promise.all([
      room.console(),
      room.projector(),
      ...NAMES.map((name) => room.student(name)),
    ]);
    const seated = pages.map(async (page): Promise<[string, Page]> => [await nodeOf(page), page]);
    const lesson = new Lesson(room, desk, wall, new Map(await Promise.all(seated)));
    await desk.getByText(`${NAMES.length} of ${NAMES.length} here`).waitFor();
    return lesson;
  }

  /** The student whose node this is. */
  at(node: string): Page {
    const page = this.#students.get(node);
    if (page === undefined) throw new Error(`nobody sits at ${node}`);
    return page;
  }

  get everybody(): readonly Page[] {
    return [...this.#students.values()];
  }

  /** Turns the pace down until people can follow within a timeout of the system, or up until it is over soon. */
  async pace(wanted: '1/5' | '10×'): Promise<void> {
    const group = this.desk.getByRole('group', { name: 'Pace' });
    const turn = group.getByRole('button', { name: wanted === '10×' ? 'Faster' : 'Slower' });
    for (;;) {
      const shown = await group.locator('output').innerText();
      if (shown === wanted) return;
      await turn.click();
      await group.getByText(shown, { exact: true }).waitFor({ state: 'detached' });
    }
  }

  /** Cuts the two groups apart in the picture. */
  async cut(): Promise<void> {
    await this.#tube('up').focus();
    await this.desk.keyboard.press('Enter');
    await this.#tube('cut').waitFor({ state: 'attached' });
  }

  async isolate(node: string): Promise<void> {
    await this.desk.getByRole('tab', { name: 'Faults' }).click();
    const section = this.desk.locator('section', { hasText: 'Cut off one node' }).last();
    await section.getByLabel('Node').selectOption(node);
    await section.getByRole('button', { name: 'Isolate', exact: true }).click();
    await this.desk.getByText(`Isolated ${node}`).first().waitFor();
  }

  async heal(): Promise<void> {
    await this.desk.getByRole('button', { name: /^Heal all/ }).click();
    await this.desk.getByText('No fault stands').first().waitFor();
  }

  /** Waits until a fact of the inside of a node reads so, which only the console sees. */
  async inspect(node: string, fact: string, text: string): Promise<void> {
    await this.desk.getByRole('tab', { name: 'Node', exact: true }).click();
    const panel = this.desk.getByRole('tabpanel', { name: /^Node/ });
    await panel.getByLabel('Node', { exact: true }).selectOption(node);
    await panel.locator(`dt:text-is("${fact}") + dd`).getByText(text, { exact: true }).waitFor();
  }

  /** Waits until the wall says so. */
  async wallSays(text: RegExp): Promise<void> {
    await this.wall.getByText(text).first().waitFor();
  }

  /** What the judge lists of the ended class, in a browser of its own that has folded it as the server did. */
  async judged(): Promise<Locator> {
    await this.desk.getByRole('button', { name: 'End class' }).click();
    await this.desk.getByRole('button', { name: 'End the class' }).click();
    const page = await this.room.page(`/replay/${this.room.room.id}`, {
      viewport: { width: 1440, height: 900 },
    });
    await page.getByText('Every recorded digest agrees.').waitFor();
    await page.keyboard.press('End');
    await page.getByRole('radio', { name: 'Judge' }).check();
    return page.getByRole('region', { name: 'Judge' }).getByRole('listitem');
  }

  #tube(state: 'up' | 'cut'): Locator {
    return this.desk.getByRole('button', {
      name: new RegExp(`^Links between Group A and Group B: ${state}`),
    });
  }
}

/** What a student's node holds under a key, once it reads so. */
export async function holds(page: Page, text: string): Promise<void> {
  const data = page.getByRole('region', { name: 'What your node holds' });
  await data.getByText(text, { exact: true }).first().waitFor();
}

/** Sets options of what the student does next. */
export async function choose(page: Page, set: (form: Locator) => Promise<unknown>): Promise<void> {
  const form = page.getByRole('region', { name: 'Do something' });
  const toggle = form.getByRole('button', { name: 'Options' });
  await toggle.click();
  await set(form);
  await toggle.click();
}
