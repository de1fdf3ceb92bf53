import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import type { Delta } from '../base/delta.ts';
import { canonical } from '../base/json.ts';
import { Entry } from './command.ts';
import { FORMAT_VERSION, Header } from './header.ts';

/** A digest of the fold at a virtual time, and what changed since the checkpoint before (or the start). */
export type Checkpoint = {
  /** The last entry before it. */
  readonly seq: number;
  readonly at: number;
  readonly digest: string;
  readonly delta: Delta;
};

/** One line of a recording. */
export type Line =
  | ({ readonly line: 'header' } & Header)
  | ({ readonly line: 'entry' } & Entry)
  | ({ readonly line: 'checkpoint' } & Checkpoint);

/** What the chain begins with. */
export const CHAIN_START = '0'.repeat(32);

/** A line that cannot be read. `code` is for programs; the message says what is wrong in words. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly code: 'not-json' | 'not-canonical' | 'chain' | 'schema' | 'newer';
  constructor(code: LineError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** How every line begins; then its chain value, and then the canonical text of its content. */
const CHAIN_MEMBER = '{"chain":"';
const CHAIN_END = CHAIN_MEMBER.length + CHAIN_START.length;

const Kind = v.looseObject({ line: v.picklist(['header', 'entry', 'checkpoint']) });
const HeaderLine = v.strictObject({ line: v.literal('header'), ...Header.entries });
const EntryLine = v.strictObject({ line: v.literal('entry'), ...Entry.entries });
const CheckpointLine = v.strictObject({
  line: v.literal('checkpoint'),
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  // Checked as it is applied: a schema as deep as a world would be a second world.
  delta: v.custom<Delta>((value) => typeof value === 'object' && value !== null),
});

/** A line as text, without its line break, chained to the line before it. */
export function encodeLine(line: Line, previous: string): { readonly text: string; readonly chain: string } {
  // A checkpoint is large, read by this program alone and checked by its digest: its members need no sorting.
  const content = line.line === 'checkpoint' ? JSON.stringify(line) : canonical(line);
  const chain = link(previous, content);
  return { text: `${CHAIN_MEMBER}${chain}",${content.slice(1)}`, chain };
}

/**
 * Reads a line. Throws LineError unless it is letter for letter what `encodeLine` wrote after `previous`: no
 * bit of a recording can change unnoticed. The chain is over the text itself, so that a long recording is
 * checked without being written anew.
 */
export function decodeLine(text: string, previous: string): { readonly line: Line; readonly chain: string } {
  const chain = text.slice(CHAIN_MEMBER.length, CHAIN_END);
  const content = `{${text.slice(CHAIN_END + 2)}`;
  if (!text.startsWith(CHAIN_MEMBER) || text.slice(CHAIN_END, CHAIN_END + 2) !== '",') {
    demandReadableVersion(text);
    throw new LineError('schema', 'is not a line of a recording');
  }
  if (chain !== link(previous, content)) {
    demandReadableVersion(text);
    throw new LineError(
      'chain',
      'does not follow from the line before it: one of them was changed, or one is missing',
    );
  }
  const parsed = parseJson(content);
  if (!v.is(Kind, parsed)) throw new LineError('schema', 'is not a line of a recording');
  const line = parseLine(parsed);
  // A forger can chain what this program would not write: a number -0, a member twice.
  if (line.line !== 'checkpoint' && canonical(parsed) !== content) {
    throw new LineError('not-canonical', 'is not written as this program writes it');
  }
  return { line, chain };
}

/** Whether a line follows from the line before it, by that line's own word. Tells damage from a torn end. */
export function isIntact(text: string, previous: string): boolean {
  try {
    decodeLine(text, previous);
    return true;
  } catch {
    return false;
  }
}

/** A schema's complaint as `field: what is wrong`. */
export function complaint(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0];
  if (issue === undefined) return 'is not valid';
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

function parseLine(content: { readonly line: Line['line'] }): Line {
  switch (content.line) {
    case 'header':
      demandReadableVersion(content);
      return check(HeaderLine, content);
    case 'entry':
      return check(EntryLine, content);
    case 'checkpoint':
      return check(CheckpointLine, content);
  }
}

/** Throws for the header of a newer format, by name, even where that format is chained in another way. */
function demandReadableVersion(header: unknown): void {
  const found = v.safeParse(AnyHeader, typeof header === 'string' ? tryJson(header) : header);
  if (!found.success || found.output.version <= FORMAT_VERSION) return;
  const { version } = found.output;
  throw new LineError('newer', `is of format ${version}; this program reads up to format ${FORMAT_VERSION}`);
}

const AnyHeader = v.looseObject({ line: v.literal('header'), version: v.number() });

function tryJson(text: string): unknown {
  // Only a header is worth parsing; a damaged checkpoint may be long.
  if (text.length > 1_000_000) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function check<T extends Line>(schema: v.GenericSchema<unknown, T>, content: unknown): T {
  const result = v.safeParse(schema, content);
  if (!result.success) throw new LineError('schema', complaint(result.issues));
  return result.output;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LineError('not-json', 'is not JSON');
  }
}

function link(previous: string, text: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${previous}\n${text}`))).slice(0, 32);
}
