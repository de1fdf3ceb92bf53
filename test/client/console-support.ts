import type { Command, Entry } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { ENGINE_VERSION, FORMAT_VERSION, type Header } from '../../shared/recording/header.ts';

export const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** A class of five under etcd, in two groups, as the server would have recorded it. */
export const HEADER: Header = {
  format: 'quorum-call',
  version: FORMAT_VERSION,
  engine: ENGINE_VERSION,
  id: 'test',
  opened: null,
  system: 'etcd',
  knobs: {},
  workload: 'key-value',
  seed: 7,
  nodes: NODES,
  groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
  network: { delay: 10, jitter: 0 },
};

/** A fold together with the entries it has applied. */
export class Run {
  readonly fold = new Fold(HEADER);
  readonly entries: Entry[] = [];

  /** Gives a command at the fold's own time, or later. */
  give(command: Command, at = this.fold.now): this {
    const entry: Entry = { seq: this.fold.seq + 1, at, command, ref: null };
    this.entries.push(entry);
    this.fold.apply(entry);
    return this;
  }

  advance(until: number): this {
    this.fold.advance(until);
    return this;
  }
}

/** The command that cuts group A from group B. */
export const CUT_AB = {
  kind: 'cut',
  from: { group: 'A' },
  to: { group: 'B' },
  oneWay: false,
} as const satisfies Command;
