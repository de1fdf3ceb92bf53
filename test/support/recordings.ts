import { CHAIN_START, encodeLine, type Line } from '../../shared/recording/codec.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import {
  DEFAULT_NETWORK,
  ENGINE_VERSION,
  FORMAT_VERSION,
  type Header,
} from '../../shared/recording/header.ts';
import { readRecording } from '../../shared/recording/read.ts';
import {
  Checkpointer,
  checkpointLine,
  entryLine,
  headerLine,
  type Recording,
} from '../../shared/recording/recording.ts';
import { someCommands } from './runs.ts';
import { setupOf } from '../../shared/recording/setup.ts';

export function headerFor(system: string, nodes: number, seed = 1): Header {
  return {
    format: 'quorum-call',
    version: FORMAT_VERSION,
    engine: ENGINE_VERSION,
    id: `${system}-${seed}`,
    opened: '2026-03-02T09:00:00.000Z',
    system,
    knobs: {},
    workload: 'key-value',
    seed,
    nodes: Array.from({ length: nodes }, (_, index) => `n${index + 1}`),
    groups: { left: ['n1'], right: [] },
    network: DEFAULT_NETWORK,
  };
}

/** The lines of a run: its commands at their times, and a checkpoint every `every` milliseconds. */
export function record(
  header: Header,
  commands: readonly { readonly at: number; readonly command: Command }[],
  until: number,
  every: number,
): Line[] {
  const fold = new Fold(header);
  const checkpointer = new Checkpointer(null);
  const lines: Line[] = [headerLine(header)];
  let due = every;
  const advance = (at: number): void => {
    for (; due <= at; due += every) {
      fold.advance(due);
      lines.push(checkpointLine(checkpointer.take(fold)));
    }
    fold.advance(at);
  };
  for (const { at, command } of commands) {
    advance(at);
    const seq = fold.seq + 1;
    const entry = { seq, at, command, ref: seq % 3 === 0 ? `ref-${String(seq).padStart(8, '0')}` : null };
    lines.push(entryLine(entry));
    fold.apply(entry);
  }
  advance(until);
  return lines;
}

/** A run with operations and faults of every kind, as lines. */
export function recordSome(header: Header, until: number, every: number): Line[] {
  return record(header, someCommands(setupOf(header), until, header.seed), until, every);
}

/** Lines as the text of a file, chained. */
export function textOf(lines: readonly Line[]): string {
  let chain = CHAIN_START;
  return lines
    .map((line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return `${encoded.text}\n`;
    })
    .join('');
}

/** Lines as a recording, by way of their text. */
export function recordingOf(lines: readonly Line[]): Recording {
  const { recording, damage } = readRecording(textOf(lines));
  if (recording === null || damage !== null) throw new Error(damage?.message ?? 'no recording');
  return recording;
}
