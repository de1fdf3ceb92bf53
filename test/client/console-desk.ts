import { flushSync } from 'svelte';
import type { Connection } from '../../client/src/net/connection.ts';
import { ConsoleState } from '../../client/src/state/console.svelte.ts';
import { assess } from '../../shared/classroom/situation.ts';
import type { InstructorCommand, Person, PeopleAction } from '../../shared/wire/watch.ts';
import { Run } from './console-support.ts';

/** A console whose server is a run in this process: what is asked is recorded and takes effect at once. */
export class Desk {
  readonly run = new Run().advance(3000);
  readonly commands: InstructorCommand[] = [];
  readonly actions: PeopleAction[] = [];
  readonly state: ConsoleState;

  constructor() {
    const ask = (event: string, payload: object): Promise<unknown> =>
      Promise.resolve(this.#answer(event, payload));
    const connection: Connection = {
      status: { kind: 'online' },
      on: () => () => undefined,
      onStatus: () => () => undefined,
      ask: ask as Connection['ask'],
      reconnect: () => undefined,
      close: () => undefined,
    };
    this.state = new ConsoleState('K7M2QD', connection);
    this.state.watch.fold = this.run.fold;
    this.show();
  }

  /** Lets the screen see the run as it is now. */
  show(): void {
    const { watch } = this.state;
    watch.entries = [...this.run.entries];
    watch.now = this.run.fold.now;
    watch.situation = assess(this.run.fold);
    flushSync();
  }

  seat(...people: readonly Person[]): void {
    this.state.watch.people = people;
    this.show();
  }

  #answer(event: string, payload: object): unknown {
    if (event === 'people') this.actions.push(payload as PeopleAction);
    if (event !== 'command' || !('command' in payload)) return { ok: true };
    const command = payload.command as InstructorCommand;
    const refusal = this.run.fold.refuse(command);
    if (refusal !== null) return { ok: false, code: 'refused', message: refusal };
    this.commands.push(command);
    this.run.give(command);
    this.show();
    return { ok: true, seq: this.run.fold.seq };
  }
}
