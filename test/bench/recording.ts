import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from '../../shared/recording/command.ts';
import { ENGINE_VERSION, FORMAT_VERSION } from '../../shared/recording/header.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { CHECKPOINT_EVERY } from '../../shared/recording/recording.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { headerFor, record, textOf } from '../support/recordings.ts';
import { createChance } from '../support/runs.ts';
import { percentile, timed } from './measure.ts';
import type { Bench, Row } from './report.ts';

const HOUR = 3_600_000;
const NODES = 30;
const SEEKS = 200;

/** How long a person waits who opens the recording of a whole lesson, and who drags the slider through it. */
export const recording: Bench = {
  name: 'recording',
  text: 'Opening a recording of one hour with 30 nodes, and seeking in it',
  run: () => ['etcd', 'dynamo'].flatMap(measure),
};

function measure(system: string): Row[] {
  const text = lesson(system);
  const replays: Replay[] = [];
  const opening = timed(() => {
    const { recording: read } = readRecording(text);
    if (read === null) throw new Error('the recording cannot be read');
    replays.push(new Replay(read));
  });
  // What the page does in idle moments after that; whoever seeks before pays for it at once.
  const preparing = timed(() => {
    while (replays[0]?.prepare());
    replays[0]?.foldAt(HOUR);
  });
  const chance = createChance(1);
  const seeks = Array.from({ length: SEEKS }, () => timed(() => replays[0]?.seek(chance(HOUR))));
  const size = { figure: `${system}: size`, value: Math.round(text.length / 1000), unit: 'kB', note: '' };
  const row = (figure: string, value: number, note: string): Row => {
    return { figure: `${system}: ${figure}`, value: Math.round(value), unit: 'ms', note };
  };
  return [
    size,
    row('open', opening.processor, `${Math.round(opening.wall)} ms by the clock; at most 1000`),
    row(
      'prepare every place',
      preparing.processor,
      `${Math.round(preparing.wall)} ms by the clock; in the background`,
    ),
    row(
      'seek, median',
      percentile(
        seeks.map(({ processor }) => processor),
        0.5,
      ),
      '',
    ),
    row(
      'seek, 99th percentile',
      percentile(
        seeks.map(({ processor }) => processor),
        0.99,
      ),
      `${Math.round(
        percentile(
          seeks.map(({ wall }) => wall),
          0.99,
        ),
      )} ms by the clock; at most 100`,
    ),
  ];
}

/** An hour of a class of 30: some operations a second, and a partition every other minute. Made once a machine. */
function lesson(system: string): string {
  const folder = path.join(os.tmpdir(), 'quorum-call-bench');
  const file = path.join(
    folder,
    `lesson-${system}-${ENGINE_VERSION}-${FORMAT_VERSION}-${CHECKPOINT_EVERY}.jsonl`,
  );
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const header = { ...headerFor(system, NODES), groups: {} };
  const text = textOf(record(header, happenings(header.nodes), HOUR, CHECKPOINT_EVERY));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return text;
}

function happenings(nodes: readonly string[]): { at: number; command: Command }[] {
  const chance = createChance(7);
  const list: { at: number; command: Command }[] = [];
  for (let at = 3000; at < HOUR; at += 400 + chance(1200)) {
    const node = nodes[chance(nodes.length)] ?? 'n1';
    const key = `key ${chance(8)}`;
    const operation =
      chance(3) === 0 ? ({ kind: 'read', key } as const) : ({ kind: 'write', key, value: at } as const);
    list.push({ at, command: { kind: 'operate', node, operation } });
  }
  for (let at = 60_000; at < HOUR; at += 120_000) {
    const size = 1 + chance(nodes.length - 1);
    const sides = { from: { nodes: nodes.slice(0, size) }, to: { nodes: nodes.slice(size) } };
    list.push({ at, command: { kind: 'cut', ...sides, oneWay: false } });
    list.push({ at: at + 45_000, command: { kind: 'heal', between: null } });
  }
  return list.sort((a, b) => a.at - b.at);
}
