import { CHAIN_START, encodeLine } from '../../../shared/recording/codec.ts';
import { entryLine, headerLine } from '../../../shared/recording/recording.ts';
import type { Script } from './orders.ts';

/** A run as the text of a recording, without checkpoints: a replay works those out. */
export function recordingText({ header, entries }: Script): string {
  let chain = CHAIN_START;
  return [headerLine(header), ...entries.map(entryLine)]
    .map((line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return `${encoded.text}\n`;
    })
    .join('');
}
