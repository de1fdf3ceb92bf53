import type { Fold } from '../../../shared/recording/fold.ts';
import type { ClusterCommand } from '../../../shared/sim/command.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../../shared/sim/operation.ts';
import type { Cast, Client, Scenario } from './scenarios.ts';
import { openStage } from './stage.ts';
import type { Subject } from './subjects.ts';

/** What a client asked soon after the fault, or late; and what everybody read under the same keys after the heal. */
export type Asked = {
  readonly read: OperationRecord;
  /** Under a key that only this client writes, and under one that all clients write. */
  readonly alone: Written;
  readonly shared: Written;
};

export type Written = { readonly write: OperationRecord; readonly after: readonly OperationRecord[] };

/** What a client saw, soon after the fault and late. */
export type Witness = { readonly client: Client; readonly soon: Asked; readonly late: Asked };

export type When = 'soon' | 'late';

/** A scenario played with a subject. */
export type Played = {
  readonly subject: Subject;
  readonly witnesses: readonly Witness[];
};

/** How long after the fault clients ask. */
const SOON = 1000;
const LATE = 90_000;

/** Virtual milliseconds. Clients ask one after the other, and a client reads before it writes. */
const BETWEEN_CLIENTS = 600;
const READ_FIRST = 450;
const LASTS_AT_MOST = 400_000;
const AFTER_HEAL = 60_000;
const PATIENCE = 600_000;

/** Plays a scenario: writes before it, reads and writes soon after the fault and late, and reads after the heal. */
export function play(subject: Subject, scenario: Scenario): Played {
  const { fold, cast, keys } = openStage(subject, scenario);
  const run = new Run(fold, cast, subject);
  const take = (): string => keys.next().value as string;
  const plan = { soon: take(), late: take() };
  const own = scenario.clients.map(() => ({ soon: take(), late: take() }));

  const [first] = scenario.clients;
  if (first === undefined) throw new Error(`${scenario.id}: nobody asks`);
  const before = [plan.soon, plan.late].map((key) => run.write(first, key, 'before'));
  run.settle(PATIENCE);
  for (const client of scenario.clients) run.read(client, plan.soon);
  run.settle(PATIENCE);
  if (before.some((id) => run.record(id).class !== 'ok')) throw new Error('nothing could be written before');

  const begun = fold.now;
  run.command(...scenario.begin(cast));
  const phase = (name: When, at: number) => {
    run.until(begun + at);
    return scenario.clients.map((client, index) => {
      run.until(begun + at + index * BETWEEN_CLIENTS);
      const read = run.read(client, plan[name]);
      run.until(fold.now + READ_FIRST);
      const alone = run.write(client, own[index]?.[name] ?? '', `${client.name}, ${name}`);
      return { read, alone, shared: run.write(client, plan[name], `${client.name}, ${name}`) };
    });
  };
  const soon = phase('soon', SOON);
  const late = phase('late', LATE);
  run.settle(begun + LASTS_AT_MOST);
  run.command(...scenario.end(cast));
  run.until(fold.now + AFTER_HEAL);
  const readAll = (key: string) => scenario.clients.map((client) => run.read(client, key));
  const after = {
    shared: { soon: readAll(plan.soon), late: readAll(plan.late) },
    alone: own.map((keysOf) => ({ soon: readAll(keysOf.soon), late: readAll(keysOf.late) })),
  };
  run.settle(PATIENCE + fold.now);

  const asked = (name: When, index: number): Asked => {
    const ids = (name === 'soon' ? soon : late)[index];
    if (ids === undefined) throw new Error(`${scenario.id}: client ${index} has not asked`);
    const records = (list: readonly string[]) => list.map((id) => run.record(id));
    return {
      read: run.record(ids.read),
      alone: { write: run.record(ids.alone), after: records(after.alone[index]?.[name] ?? []) },
      shared: { write: run.record(ids.shared), after: records(after.shared[name]) },
    };
  };
  return {
    subject,
    witnesses: scenario.clients.map((client, index) => ({
      client,
      soon: asked('soon', index),
      late: asked('late', index),
    })),
  };
}

/** A fold that takes commands one after the other. */
class Run {
  readonly #fold: Fold;
  readonly #cast: Cast;
  readonly #subject: Subject;

  constructor(fold: Fold, cast: Cast, subject: Subject) {
    this.#fold = fold;
    this.#cast = cast;
    this.#subject = subject;
  }

  command(...commands: readonly ClusterCommand[]): void {
    for (const command of commands) {
      this.#fold.apply({ seq: this.#fold.seq + 1, at: this.#fold.now, command, ref: null });
    }
  }

  read(client: Client, key: string): string {
    return this.#operate(client, { kind: 'read', key, options: this.#subject.read });
  }

  write(client: Client, key: string, value: string): string {
    return this.#operate(client, { kind: 'write', key, value, options: this.#subject.write });
  }

  until(at: number): void {
    this.#fold.advance(at);
  }

  /** Until everything is answered, at most until a time. */
  settle(at: number): void {
    const isOpen = (): boolean => this.#fold.world.operations.some(({ returned }) => returned === null);
    while (isOpen() && this.#fold.now < at) this.#fold.advance(this.#fold.now + 1000);
    this.#fold.advance(this.#fold.now + 1000);
  }

  record(id: string): OperationRecord {
    const found = this.#fold.world.operations.find((operation) => operation.id === id);
    if (found === undefined) throw new Error(`there is no operation ${id}`);
    return found;
  }

  /** The id of the operation. */
  #operate(client: Client, operation: OperationRequest): string {
    const node: NodeId | undefined = this.#cast[client.place];
    if (node === undefined) throw new Error(`nobody plays ${client.name}`);
    this.command({ kind: 'operate', node, operation });
    const last = this.#fold.world.operations.at(-1);
    if (last === undefined) throw new Error('an operation is not in the history');
    return last.id;
  }
}
