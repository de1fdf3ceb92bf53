import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemsText } from './support/systems-text.ts';
import { wireText } from './support/wire-text.ts';

/** npm run docs: writes the documents that are made from code. */
const DOCUMENTS: Readonly<Record<string, (before: string) => string>> = {
  'wire.md': wireText,
  'systems.md': systemsText,
};

for (const [name, textOf] of Object.entries(DOCUMENTS)) {
  const file = path.join(import.meta.dirname, '../docs', name);
  writeFileSync(file, textOf(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  process.stdout.write(`${file}\n`);
}
