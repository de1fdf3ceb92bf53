import { setupOf } from '../../../shared/recording/setup.ts';
import type { Recording } from '../../../shared/recording/recording.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { groupsOf } from '../cluster/groups.ts';
import type { Moment } from '../state/moments.ts';
import { Chronicle } from '../spacetime/chronicle.ts';
import { drawStill } from './still.ts';
import type { Enclosed, Figure } from './content.ts';
import { keyMinutes } from './key-minutes.ts';
import { pack } from './packed.ts';

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
