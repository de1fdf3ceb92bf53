import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ClientPayload } from '../../shared/wire/events.ts';
import { type BrowserLine, connectInstructor, newRef } from '../support/browser-line.ts';
import { latestOperation, nodeOf, operate, Stage } from '../support/browser.ts';

type Command = ClientPayload<'command'>['command'];

/** What the instructor does before each reload, and what then stands on the wall and on the student's page. */
const phases: readonly {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly wall: RegExp;
  readonly student: RegExp;
}[] = [
  { name: 'running', commands: [], wall: /QUORUM/, student: /n\d/ },
  {
    name: 'partition',
    commands: [{ kind: 'isolate', node: 'n2' }],
    wall: /NO QUORUM|majority/,
    student: /n\d/,
  },
  { name: 'healed', commands: [{ kind: 'heal', between: null }], wall: /QUORUM/, student: /n\d/ },
  { name: 'a node paused', commands: [{ kind: 'pause', node: 'n1' }], wall: /QUORUM/, student: /paused/i },
  {
    name: 'held',
    commands: [
      { kind: 'resume', node: 'n1' },
      { kind: 'hold', held: true },
    ],
    wall: /EYES UP/,
    student: /Eyes up/,
  },
];

describe('a reload', () => {
  const stage = new Stage();

  async function give(line: BrowserLine, commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      expect(await line.ask('command', { ref: newRef(), command })).toMatchObject({ ok: true });
    }
  }

  function shows(page: Page, text: RegExp): Promise<void> {
    return page.getByText(text).first().waitFor();
  }

  test('in every phase: student, console and wall come back to what they showed', async () => {
    const lesson = await stage.open({ system: 'etcd', nodes: 3 });
    const line = await connectInstructor(lesson.origin, lesson.room.code, lesson.room.secret);
    const [wall, desk] = [await lesson.projector(), await lesson.console()];
    // The lobby: nobody sits yet.
    await wall.reload();
    await shows(wall, /[2-9A-Z]{3}-[2-9A-Z]{3}/);
    const ada = await lesson.student('Ada');
    const node = await nodeOf(ada);
    await desk.getByText('1 of 3 here').waitFor();
    // With the first operation the class has begun, and the wall is no longer for joining.
    await operate(ada, 'Write', 'red');
    await latestOperation(ada, /write colour = red.*ok/s);
    for (const { name, commands, wall: onWall, student } of phases) {
      await give(line, commands);
      await Promise.all([ada.reload(), desk.reload(), wall.reload()]);
      await ada.getByRole('region', { name: 'Your node', exact: true }).waitFor();
      expect(await nodeOf(ada), name).toBe(node);
      await shows(ada, student);
      await desk.getByRole('region', { name: 'The situation' }).waitFor();
      await desk.getByText('1 of 3 here').waitFor();
      await shows(wall, onWall);
    }
    await give(line, [{ kind: 'end' }]);
    await shows(ada, /has ended/);
    await Promise.all([ada.reload(), desk.reload(), wall.reload()]);
    for (const page of [ada, desk, wall]) await shows(page, /ended|over/i);
    expect(lesson.complaints).toEqual([]);
    await lesson.close();
  });
});
