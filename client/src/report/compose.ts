import { setupOf } from '../../../shared/recording/setup.ts';
import type { Recording } from '../../../shared/recording/recording.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { groupsOf } from '../cluster/groups.ts';
import type { Moment } from '../state/moments.ts';
import { Chronicle } from '../spacetime/chronicle.ts';
import { drawStill, type Still } from '../spacetime/still.ts';
import { keyMinutes, type KeyMinute } from './key-minutes.ts';
import { pack, type Packed } from './packed.ts';

/** A part of the run that has a picture. */
export type Figure = KeyMinute & { readonly still: Still };

/** The replay as a report has it inside: program, styles, recording. */
export type Enclosed = { readonly script: string; readonly style: string; readonly recording: Packed };

/** Draws the key minutes of a run. */
export async function drawFigures(
  recording: Recording,
  operations: readonly OperationRecord[],
  moments: readonly Moment[],
): Promise<Figure[]> {
  const setup = setupOf(recording.header);
  const source = new Chronicle(recording, operations);
  const groups = groupsOf(setup.groups, setup.nodes);
  const figures: Figure[] = [];
  for (const minute of keyMinutes(moments, source.end)) {
    const { nodes, network } = setup;
    const still = await drawStill({ source, view: minute.view, groups, nodes, delay: network.delay });
    if (still !== null) figures.push({ ...minute, still });
  }
  return figures;
}

/** Fetches the replay's program from this server and encloses a recording in it. Throws where the server has none. */
export async function encloseReplay(recordingText: string): Promise<Enclosed> {
  const [script, style] = await Promise.all(['replay.js', 'replay.css'].map(fetchText));
  return { script: script ?? '', style: style ?? '', recording: await pack(recordingText) };
}

async function fetchText(name: string): Promise<string> {
  const response = await fetch(`/report/${name}`);
  if (!response.ok || response.headers.get('content-type')?.includes('html')) throw new Error(name);
  return response.text();
}
