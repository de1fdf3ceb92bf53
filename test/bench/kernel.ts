import { CHAIN_START, encodeLine, type Line } from '../../shared/recording/codec.ts';
import type { Entry } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import {
  CHECKPOINT_EVERY,
  Checkpointer,
  checkpointLine,
  entryLine,
} from '../../shared/recording/recording.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { headerFor } from '../support/recordings.ts';
import { timed } from './measure.ts';
import type { Bench, Row } from './report.ts';

/** Operations asked in a virtual second: a class that is busy. */
const OPERATIONS_PER_SECOND = 5;
const SIZES = [5, 25, 100];

/** Milliseconds of processor time: a server compiles its hot paths in the first second of a class. */
const WARM_UP = 300;
const MEASURED = 1000;

/**
 * Messages that a cluster delivers in a second of one processor core, with the recording on: every command is
 * encoded and chained, checkpoints are taken as a server takes them. Nothing is written to a disk.
 */
export const kernel: Bench = {
  name: 'kernel',
  text: 'Protocol messages delivered in a second of processor time, recording on',
  run: () => SYSTEMS.flatMap(({ id }) => SIZES.map((nodes) => measure(id, nodes))),
};

function measure(system: string, nodes: number): Row {
  const run = new Run(system, nodes);
  run.spend(WARM_UP);
  const before = { delivered: run.delivered, now: run.now };
  const spent = run.spend(MEASURED);
  const delivered = run.delivered - before.delivered;
  return {
    figure: `${system}, ${nodes} nodes`,
    value: Math.round((1000 * delivered) / spent),
    unit: 'messages/s',
    note: `${delivered} in ${Math.round(spent)} ms: ${Math.round((run.now - before.now) / spent)} times as fast as a class`,
  };
}

/** A cluster under load with everything that a recording of it takes. */
class Run {
  readonly #fold: Fold;
  readonly #checkpointer: Checkpointer;
  #chain = CHAIN_START;

  constructor(system: string, nodes: number) {
    const header = { ...headerFor(system, nodes), groups: {} };
    this.#fold = new Fold(header);
    this.#checkpointer = new Checkpointer(null);
  }

  get delivered(): number {
    return this.#fold.world.counts.delivered;
  }

  get now(): number {
    return this.#fold.now;
  }

  /** Goes on from operation to operation until so much processor time is spent; returns how much was. */
  spend(milliseconds: number): number {
    for (let spent = 0; ;) {
      spent += timed(() => this.#operate()).processor;
      if (spent >= milliseconds) return spent;
    }
  }

  #operate(): void {
    const index = this.#fold.seq;
    const at = index * (1000 / OPERATIONS_PER_SECOND);
    this.#fold.advance(at);
    if (at > 0 && at % CHECKPOINT_EVERY === 0) {
      this.#write(checkpointLine(this.#checkpointer.take(this.#fold)));
    }
    const entry = operation(index, at, this.#fold.header.nodes.length);
    this.#write(entryLine(entry));
    this.#fold.apply(entry);
  }

  #write(line: Line): void {
    this.#chain = encodeLine(line, this.#chain).chain;
  }
}

function operation(index: number, at: number, nodes: number): Entry {
  const key = `key ${index % 10}`;
  const request =
    index % 3 === 0 ? ({ kind: 'read', key } as const) : ({ kind: 'write', key, value: index } as const);
  const command = { kind: 'operate', node: `n${1 + (index % nodes)}`, operation: request } as const;
  return { seq: index + 1, at, command, ref: null };
}
