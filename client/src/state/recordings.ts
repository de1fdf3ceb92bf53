import * as v from 'valibot';
import { readRecording } from '../../../shared/recording/read.ts';
import type { Recording } from '../../../shared/recording/recording.ts';
import { recallAll } from './storage.ts';

/** A recording as the server lists it. */
const Listed = v.object({
  id: v.string(),
  system: v.string(),
  workload: v.string(),
  opened: v.nullable(v.string()),
  nodes: v.number(),
  bytes: v.number(),
  live: v.boolean(),
  damaged: v.nullable(v.string()),
});
export type Listed = v.InferOutput<typeof Listed>;
const List = v.object({ recordings: v.array(Listed) });
const Room = v.object({ recording: v.nullable(v.string()) });

/** How many rooms are asked about to find a recording's key: this browser may have opened many. */
const ROOMS_MAX = 12;
const KEY = 'instructor:';

/** The recordings on this server, latest first; null when the list could not be had. */
export async function listRecordings(): Promise<Listed[] | null> {
  try {
    const response = await fetch('/api/recordings');
    const list = v.safeParse(List, await response.json());
    return response.ok && list.success ? list.output.recordings : null;
  } catch {
    return null;
  }
}

/** A recording of this server, as far as it is written; null when it could not be had. */
export async function fetchRecording(id: string): Promise<Recording | null> {
  const text = await fetchRecordingText(id);
  return text === null ? null : readRecording(text).recording;
}

/** The same, for a thread that has the time to read it. */
export async function fetchRecordingText(id: string): Promise<string | null> {
  try {
    const response = await fetch(`/api/recordings/${encodeURIComponent(id)}`);
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/** Deletes a recording with the key of its classroom, if this browser has it. */
export async function deleteRecording(id: string): Promise<boolean> {
  const secret = await keyOf(id);
  if (secret === null) return false;
  try {
    const response = await fetch(`/api/recordings/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${secret}` },
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** The instructor's key of the classroom that made a recording. Keys are remembered by room code. */
async function keyOf(id: string): Promise<string | null> {
  for (const { name, text } of recallAll(KEY).slice(-ROOMS_MAX)) {
    try {
      const response = await fetch(`/api/classrooms/${encodeURIComponent(name.slice(KEY.length))}`);
      const room = v.safeParse(Room, await response.json());
      if (room.success && room.output.recording === id) return text;
    } catch {
      return null;
    }
  }
  return null;
}
