import { CHAIN_START, encodeLine } from '../../../shared/recording/codec.ts';
import { entryLine, headerLine } from '../../../shared/recording/recording.ts';
import type { Script } from './orders.ts';

/** Hands a text to the person as a file. */
export function saveText(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

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
