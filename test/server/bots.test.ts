import { expect, test } from 'vitest';
import { Bots } from '../../server/classrooms/bots.ts';
import type { Sequencer } from '../../server/classrooms/sequencer.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { ENGINE_VERSION, FORMAT_VERSION } from '../../shared/recording/header.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';
import { openClass, startApp, until } from '../support/app.ts';
import { connectInstructor, join, newRef } from '../support/browser-line.ts';
import { FakeClock } from '../support/clock.ts';

/** Bots of three nodes whose sequencer applies at once what it is asked, unless it is refused. */
class Small {
  readonly clock = new FakeClock();
  readonly asked: Command[] = [];
  readonly fold: Fold;
  readonly bots: Bots;

  constructor(workload: string) {
    this.fold = new Fold({
      format: 'quorum-call',
      version: FORMAT_VERSION,
      engine: ENGINE_VERSION,
      id: 'bots',
      opened: null,
      system: 'etcd',
      knobs: {},
      workload,
      seed: 1,
      nodes: ['n1', 'n2', 'n3'],
      groups: {},
      network: { delay: 1, jitter: 0 },
    });
    const ask = (command: Command) => {
      expect(this.fold.refuse(command)).toBeNull();
      this.asked.push(command);
      this.give(command);
      return Promise.resolve({ ok: true as const, seq: this.fold.seq });
    };
    const sequencer: Pick<Sequencer, 'fold' | 'health' | 'ask'> = {
      fold: this.fold,
      health: { kind: 'well' },
      ask,
    };
    this.bots = new Bots(sequencer, this.clock, () => undefined);
  }

  give(command: Command): void {
    this.fold.apply({ seq: this.fold.seq + 1, at: this.fold.now, command, ref: null });
  }

  /** Lets so many milliseconds pass, virtual and real ones, with a tick every 50. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      await this.clock.pass(50);
      if (!this.fold.class.held) this.fold.advance(this.fold.now + 50);
      this.bots.tick();
    }
  }
}

test.each(WORKLOADS.map(({ id }) => id))(
  '%s: a busy class asks four operations a second, a slow one fewer',
  async (id) => {
    const small = new Small(id);
    await small.pass(2000);
    expect(small.asked).toEqual([]);
    small.bots.load = 'busy';
    await small.pass(10_000);
    expect(small.asked).toHaveLength(40);
    small.bots.load = 'slow';
    await small.pass(10_000);
    expect(small.asked).toHaveLength(45);
  },
);

test('bots ask nothing while all is held, at the nodes of students, or at nodes that are down', async () => {
  const small = new Small('key-value');
  small.bots.load = 'busy';
  small.give({ kind: 'seat', node: 'n1', by: 'student' });
  small.give({ kind: 'crash', node: 'n2', disk: 'kept' });
  await small.pass(5000);
  expect(small.asked).toHaveLength(20);
  expect(new Set(small.asked.map((command) => 'node' in command && command.node))).toEqual(new Set(['n3']));
  small.give({ kind: 'hold', held: true });
  await small.pass(5000);
  expect(small.asked).toHaveLength(20);
  small.give({ kind: 'pause', node: 'n3' });
  small.give({ kind: 'hold', held: false });
  await small.pass(5000);
  expect(small.asked).toHaveLength(20);
});

test('the instructor lets bots play; what they ask is recorded and everybody with the console is told', async () => {
  const { url } = await startApp();
  const room = await openClass(url, { workload: 'bank' });
  const instructor = await connectInstructor(url, room.code, room.secret);
  const ana = await join(url, room.code, 'Ana');
  expect(await ana.line.raw('bots', { load: 'busy' })).toMatchObject({ ok: false, code: 'not-allowed' });
  expect(await instructor.ask('bots', { load: 'busy' })).toEqual({ ok: true });
  await instructor.next('people', ({ bots }) => bots === 'busy');
  const operations = (): Command[] =>
    instructor
      .all('entries')
      .flatMap(({ entries }) => entries.map(({ command }) => command).filter(isOperation));
  await until('bots have asked three operations', () => operations().length >= 3);
  expect(operations().every((command) => 'node' in command && command.node !== ana.node)).toBe(true);
  const end = { kind: 'end' } as const;
  expect(await instructor.ask('command', { ref: newRef(), command: end })).toMatchObject({ ok: true });
});

function isOperation(command: Command): boolean {
  return command.kind === 'operate';
}
