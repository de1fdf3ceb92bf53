import { CHAIN_START, encodeLine, type Line } from '../../../shared/recording/codec.ts';
import {
  checkpointLine,
  entryLine,
  headerLine,
  type Recording,
} from '../../../shared/recording/recording.ts';

/** What a recording's text is made of. Without checkpoints a replay works them out. */
type Written = Pick<Recording, 'header' | 'entries'> & Partial<Pick<Recording, 'checkpoints'>>;

/** A run as the text of a recording. */
export function recordingText({ header, entries, checkpoints = [] }: Written): string {
  const lines: Line[] = [headerLine(header)];
  let next = 0;
  for (const entry of entries) {
    for (; (checkpoints[next]?.seq ?? Infinity) < entry.seq; next++) add(checkpoints[next]);
    lines.push(entryLine(entry));
  }
  for (; next < checkpoints.length; next++) add(checkpoints[next]);
  let chain = CHAIN_START;
  return lines
    .map((line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return `${encoded.text}\n`;
    })
    .join('');

  function add(checkpoint: Recording['checkpoints'][number] | undefined): void {
    if (checkpoint !== undefined) lines.push(checkpointLine(checkpoint));
  }
}
