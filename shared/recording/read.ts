import { CHAIN_START, decodeLine, isIntact, LineError, type Line } from './codec.ts';
import type { Recording } from './recording.ts';

/** What is wrong with a recording, and where: lines count from 1. */
export type Damage = {
  readonly line: number;
  readonly code: LineError['code'] | 'order' | 'header' | 'too-large';
  readonly message: string;
  /**
   * The file ends in the middle of a line, as when the machine stopped while writing: everything that was
   * ever acknowledged is before it. Anything else that is wrong is corruption.
   */
  readonly torn: boolean;
};

export type Reading = {
  /** The valid lines from the start on; null when not even the header is valid. */
  readonly recording: Recording | null;
  /** The chain value of the last valid line: what the next line is chained to. */
  readonly chain: string;
  /** How many characters the valid lines take, with their line breaks. */
  readonly length: number;
  readonly damage: Damage | null;
};

/** A recording of a long lesson with 300 nodes is some 50 MB; what is far beyond is not a recording. */
const CHARACTERS_MAX = 256 * 1024 * 1024;

/** Nobody leaves a class alone for longer, virtual milliseconds; a recording that claims so would fold for hours. */
const SILENCE_MAX = 24 * 3_600_000;

/** Reads a recording as far as it is valid. Never throws: what is wrong is in `damage`. */
export function readRecording(text: string): Reading {
  if (text.length > CHARACTERS_MAX) {
    const message = `is longer than ${CHARACTERS_MAX} characters`;
    return {
      recording: null,
      chain: CHAIN_START,
      length: 0,
      damage: damageAt(1, 'too-large', message, false),
    };
  }
  let recording: Recording | null = null;
  let chain = CHAIN_START;
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const end = text.indexOf('\n', start);
    const lineText = end < 0 ? text.slice(start) : text.slice(start, end);
    if (end < 0 && !isIntact(lineText, chain)) {
      // Only a write that was cut short leaves a line without its break, and then the line is a beginning.
      const torn = !isIntact(lineText.slice(0, -1), chain);
      const message = torn ? 'the file ends in the middle of this line' : 'the line break was changed';
      return { recording, chain, length: start, damage: damageAt(number, 'not-json', message, torn) };
    }
    try {
      const decoded = decodeLine(lineText, chain);
      recording = extend(recording, decoded.line);
      chain = decoded.chain;
    } catch (error) {
      if (error instanceof LineError || error instanceof OrderError) {
        const damage = damageAt(number, error.code, error.message, false);
        return { recording, chain, length: start, damage };
      }
      if (error instanceof RangeError) {
        const damage = damageAt(number, 'schema', 'is nested too deeply', false);
        return { recording, chain, length: start, damage };
      }
      throw error;
    }
    start = end < 0 ? text.length : end + 1;
  }
  const damage = recording === null ? damageAt(1, 'header', 'the file is empty', false) : null;
  return { recording, chain, length: start, damage };
}

function damageAt(line: number, code: Damage['code'], message: string, torn: boolean): Damage {
  return { line, code, message, torn };
}

/** A valid line in a place where it cannot stand. */
class OrderError extends Error {
  readonly code = 'order';
}

function extend(recording: Recording | null, line: Line): Recording {
  if (line.line === 'header') {
    if (recording !== null) throw new OrderError('is a second header');
    const { line: _, ...header } = line;
    return { header, entries: [], checkpoints: [] };
  }
  if (recording === null) throw new OrderError('comes before the header');
  const last = recording.entries.at(-1);
  const at = Math.max(last?.at ?? 0, recording.checkpoints.at(-1)?.at ?? 0);
  if (line.at < at) throw new OrderError(`at: goes back from ${at} to ${line.at}`);
  if (line.at > at + SILENCE_MAX)
    throw new OrderError(`at: jumps by more than 24 hours, from ${at} to ${line.at}`);
  if (line.line === 'entry') {
    const expected = (last?.seq ?? 0) + 1;
    if (line.seq !== expected) throw new OrderError(`seq: is ${line.seq} where ${expected} follows`);
    const { command } = line;
    if (command.kind === 'horizon' && command.until > line.at + SILENCE_MAX) {
      throw new OrderError(`command.until: is more than 24 hours after ${line.at}`);
    }
    const { line: _, ...entry } = line;
    recording.entries.push(entry);
  } else {
    if (line.seq !== (last?.seq ?? 0))
      throw new OrderError(`seq: is ${line.seq} after entry ${last?.seq ?? 0}`);
    const { line: _, ...checkpoint } = line;
    recording.checkpoints.push(checkpoint);
  }
  return recording;
}
