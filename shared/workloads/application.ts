import { assert } from '../base/assert.ts';
import { lookUp, type Table } from '../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../sim/driver.ts';
import type { Operation, OperationKind, Outcome } from '../sim/operation.ts';
import type { Ambient } from '../sim/protocol.ts';
import { play, type Native, type Program } from './program.ts';

/** Programs by the operation they carry out. */
export type Programs = Readonly<Partial<Record<OperationKind, Program>>>;

/** An application on top of a driver, as plain data. */
type ApplicationState = { readonly driver: object; readonly open: Table<OpenOperation> };

type OpenOperation = { readonly operation: Operation; readonly answers: Outcome[] };

/**
 * A driver with an application on top: an operation the driver does not have is carried out by a program that asks the
 * driver for several it has. `native`: what the driver carries out by itself.
 */
export function withApplication(driver: Driver, programs: Programs, native: Native): Driver {
  return {
    refused: driver.refused,
    interrupted: driver.interrupted,
    describeRequest: (request) => driver.describeRequest(request),
    describeReply: (reply) => driver.describeReply(reply),
    init: (config): ApplicationState => ({ driver: driver.init(config), open: {} }),
    step: (state, input, ambient) =>
      new Application(driver, programs, native, state as ApplicationState, ambient).take(input),
  };
}

/** One input's work. */
class Application {
  readonly #driver: Driver;
  readonly #programs: Programs;
  readonly #native: Native;
  readonly #state: ApplicationState;
  readonly #ambient: Ambient;
  readonly #outputs: DriverOutput<DriverShape>[] = [];

  constructor(driver: Driver, programs: Programs, native: Native, state: ApplicationState, ambient: Ambient) {
    this.#driver = driver;
    this.#programs = programs;
    this.#native = native;
    this.#state = state;
    this.#ambient = ambient;
  }

  take(input: DriverInput<DriverShape>): DriverOutput<DriverShape>[] {
    if (input.kind === 'operation' && this.#programOf(input.operation) !== undefined) {
      this.#state.open[input.operation.id] = { operation: input.operation, answers: [] };
      this.#goOn(input.operation.id);
    } else this.#tell(input);
    return this.#outputs;
  }

  /** Tells the driver, and hands the answers to what a program asked back to the program. */
  #tell(input: DriverInput<DriverShape>): void {
    for (const output of this.#driver.step(this.#state.driver, input, this.#ambient)) {
      const asker = output.kind === 'finish' ? askerOf(output.id) : null;
      if (output.kind !== 'finish' || asker === null) {
        this.#outputs.push(output);
        continue;
      }
      const open = lookUp(this.#state.open, asker);
      assert(open !== undefined, `the driver answers ${output.id}, which no program waits for`);
      open.answers.push(output.outcome);
      this.#goOn(asker);
    }
  }

  #goOn(id: string): void {
    const open = lookUp(this.#state.open, id);
    assert(open !== undefined, `there is no program ${id}`);
    const { operation, answers } = open;
    const program = this.#programOf(operation);
    assert(program !== undefined, `there is no program for a ${operation.kind}`);
    const move = play(program, operation, this.#native, answers);
    if (move.kind === 'done') {
      delete this.#state.open[id];
      this.#outputs.push({ kind: 'finish', id, outcome: move.outcome });
      return;
    }
    const step = { ...move.request, id: `${id}${STEP}${answers.length + 1}` };
    this.#tell({ kind: 'operation', operation: step });
  }

  #programOf({ kind, key }: Operation): Program | undefined {
    return this.#native(key).includes(kind) ? undefined : this.#programs[kind];
  }
}

/** Stands between an operation's id and the number of the step that a program takes for it. */
const STEP = '/';

/** The operation whose program asked for this; null when a person did. */
function askerOf(id: string): string | null {
  const end = id.lastIndexOf(STEP);
  return end < 0 ? null : id.slice(0, end);
}
