import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileScript } from '../shared/scripts/compile.ts';
import { parseScript } from '../shared/scripts/script.ts';
import { wireText } from '../scripts/support/wire-text.ts';

const root = path.join(import.meta.dirname, '..');
const docs = path.join(root, 'docs');
const documents = readdirSync(docs).filter((file) => file.endsWith('.md'));
const read = (file: string): string => readFileSync(file, 'utf8');

test('docs/wire.md is what the code says (npm run docs writes it)', () => {
  expect(read(path.join(docs, 'wire.md'))).toBe(wireText());
});

describe.each([...documents.map((name) => `docs/${name}`), 'README.md'])('%s', (name) => {
  const text = read(path.join(root, name));

  test('names only files that are there', () => {
    const paths = [
      ...text.matchAll(/(?:`|\]\()((?:shared|server|client|test|docs|scripts)\/[\w./-]*\w)(?:`|\))/g),
    ];
    const missing = paths.map(([, file]) => file ?? '').filter((file) => !exists(file));
    expect(missing).toEqual([]);
  });

  test('shows only scripts that run', () => {
    for (const [, script] of text.matchAll(/```json\n(\{[^`]*"steps"[^`]*\})\n```/g)) {
      expect(() => compileScript(parseScript(script ?? ''))).not.toThrow();
    }
  });
});

function exists(file: string): boolean {
  try {
    readdirSync(path.dirname(path.join(root, file)));
    return readdirSync(path.dirname(path.join(root, file))).includes(path.basename(file));
  } catch {
    return false;
  }
}
