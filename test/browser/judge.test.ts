import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClientPayload } from '../../shared/wire/events.ts';
import { expectAccessible } from '../support/axe.ts';
import { connectInstructor, newRef } from '../support/browser-line.ts';
import { Stage } from '../support/browser.ts';

type Command = ClientPayload<'command'>['command'];

/** The judge and the diagram, on runs of systems that break what they might have promised and of one that does not. */
describe('the judge', () => {
  const stage = new Stage();

  async function go(path: string): Promise<Page> {
    const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${stage.server.port}${path}`);
    return page;
  }

  /** A golden recording, opened as a file and judged. */
  async function open(system: string): Promise<Page> {
    const page = await go('/replay');
    await page.locator('input[type=file]').setInputFiles({
      name: `${system}.jsonl`,
      mimeType: 'application/x-ndjson',
      buffer: readFileSync(`test/fixtures/golden/${system}-1.jsonl`),
    });
    await page.getByRole('slider').first().waitFor();
    await page.keyboard.press('End');
    await page.getByRole('radio', { name: 'Judge' }).check();
    await line(page, /^\s*Linearizable/).waitFor();
    return page;
  }

  function line(page: Page, text: RegExp): Locator {
    return panel(page).getByRole('listitem').filter({ hasText: text }).first();
  }

  function panel(page: Page): Locator {
    return page.getByRole('region', { name: 'Judge', exact: true });
  }

  test('a run that broke: verdict, what went wrong, scorecard; its witness leads into the diagram', async () => {
    const page = await open('dynamo');
    await line(page, /^\s*Linearizable.*broken since 0:07\.0/s).waitFor();
    await line(page, /^\s*Sequential.*holds/s).waitFor();
    await line(page, /Stale read.*n1 read green at 7\.\d+ s, after the write of blue by n4/s).waitFor();
    const groups = page.getByRole('group', { name: 'By group' });
    expect(await groups.getByRole('columnheader').first().innerText()).toBe('Everybody');
    expect(await groups.getByRole('row', { name: /^ok/ }).innerText()).toMatch(/^ok\s+8\b/);
    expect(await groups.getByRole('row', { name: /^refused/ }).innerText()).toMatch(/^refused\s+0\b/);
    await page
      .getByRole('img')
      .or(page.getByText('Keys on which replicas differ, over time'))
      .first()
      .waitFor();
    await page.getByRole('radio', { name: 'Diagram' }).check();
    await page.getByText('Linearizable').first().click();
    await expectAccessible(page);
    await line(page, /^\s*Linearizable/)
      .getByRole('button', { name: /n1.*read colour → green/ })
      .click();
    const diagram = page.getByRole('region', { name: 'Space-time diagram' });
    await expect
      .poll(() => span(diagram))
      .toSatisfy(([from, until]: [number, number]) => from < 7 && until > 7);
  });

  test('a run that did not break: and nothing that has a name went wrong', async () => {
    const page = await open('mongodb');
    await line(page, /^\s*Linearizable.*holds/s).waitFor();
    await page.getByText('Nothing that has a name went wrong.').waitFor();
  });

  test('the diagram by keyboard: zoom, pan, past and future, search, and the same in words', async () => {
    const page = await open('dynamo');
    await page.getByRole('radio', { name: 'Diagram' }).check();
    await page.keyboard.press('Home');
    const diagram = page.getByRole('region', { name: 'Space-time diagram' });
    const stands = diagram.getByRole('application');
    await stands.focus();
    await diagram.getByText('Working out this part').waitFor({ state: 'detached' });
    const [from, until] = await span(diagram);
    await page.keyboard.press('+');
    await expect.poll(async () => length(await span(diagram))).toBeLessThan(until - from);
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(async () => (await span(diagram))[0]).toBeGreaterThan(from);
    await diagram.getByRole('searchbox').fill('colour = blue');
    await diagram.getByText('1 found').waitFor();
    await page.keyboard.press('Enter');
    await diagram
      .getByText(/write colour = blue/)
      .first()
      .waitFor();
    await expect.poll(() => span(diagram)).toSatisfy(([a, z]: [number, number]) => a < 6.5 && z > 6.5);
    await diagram.getByRole('searchbox').fill('');
    await stands.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('p');
    const cone = diagram.getByRole('button', { name: 'Past and future' });
    await expect.poll(() => cone.getAttribute('aria-pressed')).toBe('true');
    await expectAccessible(page);
    await diagram.getByRole('checkbox', { name: 'Table' }).check();
    const table = diagram.getByRole('table');
    await table.getByRole('row', { name: /n4.*asks: write colour = blue/ }).waitFor();
    await table
      .getByRole('row', { name: /sends n\d/ })
      .first()
      .waitFor();
    await expectAccessible(page);
  });

  test('what if nobody had cut; and the same class under every system', async () => {
    const page = await open('last-write-wins');
    const again = panel(page).getByRole('button', { name: 'Run it again' });
    await again.click();
    await page.getByText('The two runs are identical, event by event.').waitFor();
    await panel(page).getByRole('checkbox', { name: /^Cut / }).first().check();
    await again.click();
    await page.getByText(/They differ from 0:03\.0 on/).waitFor();
    await page.getByRole('row', { name: /^Linearizable broken.*holds$/ }).waitFor();
    await panel(page).getByRole('button', { name: 'Compare systems' }).click();
    const systems = page.getByRole('group', { name: 'Compare systems' });
    await systems.getByRole('row', { name: /^Voldemort/ }).waitFor({ timeout: 90_000 });
    await systems.getByRole('row', { name: /^etcd \(Raft\) holds/ }).waitFor();
    await systems.getByRole('row', { name: /^Textbook: last write wins broken/ }).waitFor();
    await expectAccessible(page);
  });

  test('a student comes to see what became of it all, and takes the operations along', async () => {
    const { room, origin } = await stage.open({ system: 'cassandra', nodes: 5, seed: 7 });
    const line = await connectInstructor(origin, room.code, room.secret);
    const give = async (command: Command): Promise<void> => {
      expect(await line.ask('command', { ref: newRef(), command })).toMatchObject({ ok: true });
      const heard = line.all('clock').at(-1)?.now ?? 0;
      await line.next('clock', ({ now }) => now > heard);
    };
    const write = (node: string, value: string): Command => {
      return { kind: 'operate', node, operation: { kind: 'write', key: 'colour', value } };
    };
    await give({ kind: 'promise', availabilityPerMille: 900, window: 0 });
    await give(write('n1', 'red'));
    await give({ kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false });
    await give(write('n4', '=1+1'));
    await give({ kind: 'operate', node: 'n1', operation: { kind: 'read', key: 'colour' } });
    await give({ kind: 'end' });
    const page = await go(`/replay/${room.id}?node=n1`);
    await page.getByRole('heading', { name: 'What became of what n1 asked' }).waitFor();
    await panel(page)
      .getByRole('listitem')
      .filter({ hasText: /read colour.*It told you.*red.*The truth.*stale.*n4/s })
      .waitFor();
    await expectAccessible(page);
    await panel(page)
      .getByText('Operations that succeed, at least (%)')
      .locator('..')
      .getByText('kept')
      .waitFor();
    await panel(page)
      .getByText('A read is behind by at most (ms)')
      .locator('..')
      .getByText('broken')
      .waitFor();
    const download = page.waitForEvent('download');
    await panel(page).getByRole('button', { name: 'Operations (CSV)' }).click();
    const csv = readFileSync(await (await download).path(), 'utf8').split('\r\n');
    expect(csv[0]).toBe('\uFEFF"At","Node","Operation","Outcome","Took (ms)","Mark"');
    expect(csv).toHaveLength(5);
    expect(csv[3]).toMatch(/"n1","read colour","ok .*red.*","\d+","stale"$/);
    // What a spreadsheet program would take for a formula is a text.
    expect(csv[2]).toContain('=1+1');
    expect(csv.join('\n')).not.toMatch(/"=/);
  });
});

/** The times that the diagram says it shows, in seconds. */
async function span(diagram: Locator): Promise<[from: number, until: number]> {
  const text = await diagram.getByText(/\d+ messages?, \d+:[\d.]+ to \d+:[\d.]+/).innerText();
  const [from = 0, until = 0] = [...text.matchAll(/(\d+):(\d+\.\d+)/g)].map(
    ([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds),
  );
  return [from, until];
}

function length([from, until]: readonly [number, number]): number {
  return until - from;
}
