import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Answer, Connection } from '../../client/src/net/connection.ts';
import type { ConnectionStatus } from '../../client/src/net/status.ts';
import { Commands } from '../../client/src/state/commands.svelte.ts';

/** A connection whose answers the test writes. */
class Script implements Pick<Connection, 'ask' | 'status' | 'onStatus'> {
  status: ConnectionStatus = { kind: 'online' };
  readonly asked: { event: string; payload: unknown }[] = [];
  answers: Answer<'command'>[] = [];
  #listeners = new Set<(status: ConnectionStatus) => void>();

  ask: Connection['ask'] = (event, payload) => {
    this.asked.push({ event, payload });
    return Promise.resolve((this.answers.shift() ?? { ok: true, seq: 1 }) as never);
  };

  onStatus(handler: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(handler);
    return () => this.#listeners.delete(handler);
  }

  become(status: ConnectionStatus): void {
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }

  get refs(): string[] {
    return this.asked.map(({ payload }) => (payload as { ref: string }).ref);
  }
}

const HEAL = { kind: 'heal', between: null } as const;
let script: Script;
let commands: Commands;

beforeEach(() => {
  script = new Script();
  commands = new Commands(script);
});

describe('commands of a console', () => {
  test('a refusal stands at the control that asked, in words, until it asks again', async () => {
    script.answers = [{ ok: false, code: 'refused', message: 'node: n3 is down already' }];
    expect(await commands.give('node n3', { kind: 'crash', node: 'n3', disk: 'kept' })).toBe(false);
    expect(commands.refusal('node n3')).toBe('Not possible as things stand: n3 is down already.');
    expect(commands.refusal('essentials')).toBeNull();
    await commands.give('node n3', { kind: 'restart', node: 'n3' });
    expect(commands.refusal('node n3')).toBeNull();
  });

  test('several commands go one after the other, and stop at the first refusal', async () => {
    script.answers = [
      { ok: true, seq: 1 },
      { ok: false, code: 'too-fast', message: '' },
    ];
    expect(await commands.give('arrange', HEAL, HEAL, HEAL)).toBe(false);
    expect(script.asked).toHaveLength(2);
    expect(new Set(script.refs).size).toBe(2);
  });

  test('a command whose answer was lost is asked again under the same reference once the line is back', async () => {
    script.answers = [{ ok: false, code: 'no-answer' }];
    script.become({ kind: 'lost', because: null });
    const given = commands.give('essentials', HEAL);
    await vi.waitFor(() => expect(script.asked).toHaveLength(1));
    expect(commands.isPending('essentials')).toBe(true);
    script.become({ kind: 'online' });
    expect(await given).toBe(true);
    expect(script.asked).toHaveLength(2);
    expect(script.refs[0]).toBe(script.refs[1]);
  });

  test('a command that was never sent is not kept for later', async () => {
    script.answers = [{ ok: false, code: 'offline' }];
    expect(await commands.give('essentials', HEAL)).toBe(false);
    expect(script.asked).toHaveLength(1);
    expect(commands.refusal('essentials')).toContain('Nothing was sent');
  });

  test('a step is never asked twice: it would go two steps', async () => {
    script.answers = [{ ok: false, code: 'no-answer' }];
    expect(await commands.step('essentials', 'event')).toBe(false);
    expect(script.asked).toHaveLength(1);
  });

  test('an old refusal does not cover up what the same control asked since', async () => {
    let refuse: (answer: Answer<'command'>) => void = () => undefined;
    const slow = new Promise<Answer<'command'>>((resolve) => (refuse = resolve));
    const usual = script.ask;
    script.ask = () => slow;
    const first = commands.give('cut', HEAL);
    script.ask = usual;
    expect(await commands.give('cut', HEAL)).toBe(true);
    refuse({ ok: false, code: 'internal', message: '' });
    expect(await first).toBe(false);
    expect(commands.refusal('cut')).toBeNull();
  });

  test('a new key comes back from a rotation, and nothing from a refused one', async () => {
    script.answers = [{ ok: true, secret: 'fresh' } as never];
    expect(await commands.rotate('rotate')).toBe('fresh');
    script.answers = [{ ok: false, code: 'too-fast', message: '' }];
    expect(await commands.rotate('rotate')).toBeNull();
  });
});
