import { HeaderError } from '../../../../shared/recording/setup.ts';
import { readRecording, type Damage } from '../../../../shared/recording/read.ts';
import { replayWords as words } from '../../messages/replay.ts';
import { ReplayRun } from '../../state/replay.svelte.ts';

/** What came of opening a recording: what can be played of it, and what is wrong, in words. */
export type Opened = { readonly run: ReplayRun | null; readonly complaint: string | null };

/** Opens a recording's text, whatever it holds: files come from anywhere. */
export function openText(text: string): Opened {
  const { recording, damage } = readRecording(text);
  if (recording === null) return { run: null, complaint: `${complain(damage)} ${words.unplayable}`.trim() };
  try {
    const run = new ReplayRun(recording);
    const complaint =
      damage === null ? null : `${complain(damage)} ${words.playable(recording.entries.length, run.end)}`;
    return { run, complaint };
  } catch (error) {
    // A header may be well-formed and still name what only a later version knows; a checkpoint may be forged.
    const why = error instanceof HeaderError || error instanceof Error ? error.message : String(error);
    return { run: null, complaint: words.tooNew(why) };
  }
}

/** Fetches a recording from this server. */
export async function openStored(id: string): Promise<Opened> {
  try {
    const response = await fetch(`/api/recordings/${encodeURIComponent(id)}`);
    if (!response.ok)
      return { run: null, complaint: response.status === 404 ? words.notFound : words.unreachable };
    return openText(await response.text());
  } catch {
    return { run: null, complaint: words.unreachable };
  }
}

function complain(damage: Damage | null): string {
  if (damage === null) return '';
  return damage.torn ? `${words.damage(damage)} ${words.torn}` : words.damage(damage);
}
