import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { wireText } from './support/wire-text.ts';

/** npm run docs: writes the documents that are made from code. */
const file = path.join(import.meta.dirname, '../docs/wire.md');
writeFileSync(file, wireText());
process.stdout.write(`${file}\n`);
