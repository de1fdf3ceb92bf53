import type { Json } from '../base/json.ts';
import { lookUp } from '../base/table.ts';
import { HistoryError, MODELS, type HistoryLine, type Label, type Model, type History } from './history.ts';
import { prepare, type Numbered } from './prepare.ts';

/**
 * Reads a history: one JSON object a line, in any order (docs/formats.md). Throws HistoryError with the number of the
 * first line that is wrong. Without a model it is the one that the names of the operations tell.
 */
export function parseHistory(text: string, model: Model | null = null): History {
  return prepare(parseLines(text), model);
}

/** Reads the lines of a history, each with its number. Throws HistoryError. */
export function parseLines(text: string): Numbered[] {
  const lines: Numbered[] = [];
  let at = 0;
  for (const raw of text.split('\n')) {
    at++;
    if (raw.trim() === '') continue;
    lines.push({ at, line: parseLine(raw, at) });
  }
  return lines;
}

/** The model of that name, or null when there is none. */
export function modelNamed(name: string): Model | null {
  return MODELS.find((model) => model === name) ?? null;
}

function parseLine(raw: string, at: number): HistoryLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    throw new HistoryError(at, 'is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new HistoryError(at, 'is not a JSON object');
  }
  const fields = parsed as Readonly<Record<string, Json | undefined>>;
  const { op, call, order, version, siblings, judged } = fields;
  if (typeof op !== 'string') throw new HistoryError(at, 'op is missing: read, write, cas …');
  if (typeof call !== 'number') throw new HistoryError(at, 'call is missing: the time of the call, a number');
  const ret = parseReturn(fields, call, at);
  const status = parseStatus(fields.status, ret, at);
  if (status === 'ok' && fields.out === undefined && ANSWERED.includes(op)) {
    throw new HistoryError(at, `out is missing: what the ${op} returned`);
  }
  if (order !== undefined && order !== null && typeof order !== 'number') {
    throw new HistoryError(at, 'order is not a number');
  }
  if (version !== undefined && version !== null && typeof version !== 'string') {
    throw new HistoryError(at, 'version is not a text');
  }
  return {
    client: parseLabel(fields, 'client', at),
    op,
    key: parseLabel(fields, 'key', at),
    value: fields.value ?? null,
    out: fields.out ?? null,
    call,
    ret: status === 'info' ? null : ret,
    status,
    ...(typeof order === 'number' ? { order } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(siblings === true ? { siblings } : {}),
    ...(judged === false ? { judged } : {}),
  };
}

const ANSWERED: readonly string[] = ['read', 'get', 'contains'];

function parseLabel(fields: Readonly<Record<string, Json | undefined>>, name: string, at: number): Label {
  const label = fields[name] ?? null;
  if (label === null || typeof label === 'string' || typeof label === 'number') return label;
  throw new HistoryError(at, `${name} is neither a text nor a number`);
}

function parseReturn(
  { ret }: Readonly<Record<string, Json | undefined>>,
  call: number,
  at: number,
): number | null {
  if (ret === undefined || ret === null) return null;
  if (typeof ret !== 'number') throw new HistoryError(at, 'ret is neither a number nor null');
  if (ret < call) throw new HistoryError(at, `returned at ${ret}, before its call at ${call}`);
  return ret;
}

const STATUSES = { ok: 'ok', fail: 'fail', info: 'info', unknown: 'info' } as const;

function parseStatus(status: Json | undefined, ret: number | null, at: number): HistoryLine['status'] {
  if (status === undefined || status === null) return ret === null ? 'info' : 'ok';
  const known = typeof status === 'string' ? lookUp<HistoryLine['status']>(STATUSES, status) : undefined;
  if (known === undefined) throw new HistoryError(at, 'status is none of ok, fail, info, unknown');
  if (known === 'ok' && ret === null) throw new HistoryError(at, 'status is ok, and ret is missing');
  return known;
}
