import { CHAIN_START, encodeLine, type Line } from '../../shared/recording/codec.ts';
import type { Entry } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import {
  CHECKPOINT_EVERY,
  Checkpointer,
  checkpointLine,
  entryLine,
} from '../../shared/recording/recording.ts';
import { headerFor } from '../support/recordings.ts';
import { timed } from './measure.ts';
import type { Bench, Row } from './report.ts';

/** Operations asked in a virtual second: a class that is busy. */
const OPERATIONS_PER_SECOND = 5;

/**
 * Messages that a cluster delivers in a second of one processor core, with the recording on: every command is
 * encoded and chained, checkpoints are taken as a server takes them. Nothing is written to a disk.
 */
export const kernel: Bench = {
  name: 'kernel',
  text: 'Protocol messages delivered in a second of processor time, recording on',
  run: () => [
    measure('etcd', 5, 1200),
    measure('etcd', 25, 300),
    measure('etcd', 100, 60),
    measure('dynamo', 5, 1200),
    measure('dynamo', 25, 300),
    measure('dynamo', 100, 60),
  ],
};

function measure(system: string, nodes: number, virtualSeconds: number): Row {
  // Once to warm up: a server compiles its hot paths in the first second of a class.
  runFor(system, nodes, Math.ceil(virtualSeconds / 10));
  let delivered = 0;
  const { wall, processor } = timed(() => {
    delivered = runFor(system, nodes, virtualSeconds);
  });
  return {
    figure: `${system}, ${nodes} nodes`,
    value: Math.round((1000 * delivered) / processor),
    unit: 'messages/s',
    note: `${delivered} in ${Math.round(processor)} ms of processor time, ${Math.round(wall)} ms by the clock`,
  };
}

function runFor(system: string, nodes: number, virtualSeconds: number): number {
  const header = { ...headerFor(system, nodes), groups: {} };
  const fold = new Fold(header);
  const checkpointer = new Checkpointer(header, null);
  let chain = CHAIN_START;
  const write = (line: Line): void => {
    chain = encodeLine(line, chain).chain;
  };
  const count = virtualSeconds * OPERATIONS_PER_SECOND;
  for (let index = 0; index < count; index++) {
    const at = index * (1000 / OPERATIONS_PER_SECOND);
    if (at > 0 && at % CHECKPOINT_EVERY === 0) {
      fold.advance(at);
      write(checkpointLine(checkpointer.take(fold)));
    }
    const entry = operation(index, at, nodes);
    write(entryLine(entry));
    fold.apply(entry);
  }
  fold.advance(virtualSeconds * 1000);
  return fold.world.counts.delivered;
}

function operation(index: number, at: number, nodes: number): Entry {
  const key = `key ${index % 10}`;
  const request =
    index % 3 === 0 ? ({ kind: 'read', key } as const) : ({ kind: 'write', key, value: index } as const);
  const command = { kind: 'operate', node: `n${1 + (index % nodes)}`, operation: request } as const;
  return { seq: index + 1, at, command, ref: null };
}
