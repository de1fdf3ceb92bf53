import { HeaderError } from './setup.ts';
import { Replay, ReplayError } from './replay.ts';
import type { Recording } from './recording.ts';

/** The first thing in a recording that does not agree with its fold: its line, counted from 1, and what is wrong. */
export type Finding = { readonly line: number; readonly at: number; readonly message: string };

/**
 * Folds a whole recording and compares everything it claims: that every command could be carried out, the
 * digest of every checkpoint, and that the state a checkpoint keeps is the one that the fold comes to.
 * Null when all agrees. The chain is checked as the recording is read.
 */
export function verifyRecording(recording: Recording): Finding | null {
  try {
    const played = new Replay(recording);
    const sought = new Replay(recording);
    for (const [index, { seq, at }] of recording.checkpoints.entries()) {
      const line = 2 + seq + index;
      const expected = played.play(at).digest();
      if (played.disagreement !== null) return { line, at, message: played.disagreement.message };
      const found = sought.seek(at).digest();
      if (sought.disagreement !== null) return { line, at, message: sought.disagreement.message };
      if (found !== expected)
        return { line, at, message: 'the state that the checkpoint keeps is another one' };
    }
    played.play(played.end);
    return null;
  } catch (error) {
    if (error instanceof ReplayError) {
      const message = `entry ${error.seq}: ${error.message}`;
      return { line: lineOfEntry(recording, error.seq), at: error.at, message };
    }
    if (error instanceof HeaderError) return { line: 1, at: 0, message: error.message };
    throw error;
  }
}

function lineOfEntry(recording: Recording, seq: number): number {
  return 1 + seq + recording.checkpoints.filter((checkpoint) => checkpoint.seq < seq).length;
}
