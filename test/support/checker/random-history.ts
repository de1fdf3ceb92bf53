import type { Json } from '../../../shared/base/json.ts';
import type { HistoryLine, Model } from '../../../shared/checker/history.ts';
import type { Chance } from '../runs.ts';
import { after } from './brute-force.ts';

/** A small history by chance, lines in any order: with ties, unknown outcomes, failures and repeated values. */
export function randomHistory(model: Model, chance: Chance, most = 7): HistoryLine[] {
  // A bank that nobody opened may have begun with anything: the brute force has to try it all.
  const isOpened = model !== 'bank' || chance(4) > 0;
  const count = 1 + chance(isOpened ? most : 3);
  const unique = chance(2) === 0;
  const span = 4 + chance(20);
  const lines: HistoryLine[] = [];
  // What the object answers if calls take effect in their order: most histories are then nearly right.
  const states = new Map<Json, Json>();
  const calls = Array.from({ length: count }, () => chance(span)).sort((a, b) => a - b);
  if (model === 'bank' && isOpened) {
    const value = { a: chance(4), b: chance(4) };
    lines.push({ client: 9, op: 'open', key: null, value, out: null, call: -2, ret: -1, status: 'ok' });
    states.set(null, value);
  }
  calls.forEach((call, index) => {
    const client = chance(3);
    const key = model === 'kv' && chance(3) === 0 ? 'y' : model === 'bank' ? null : 'x';
    const asked: Asked = someOperation(model, chance, unique ? index + 1 : 1 + chance(3));
    const state = states.get(key) ?? startOf(model);
    const answered: HistoryLine = {
      ...asked,
      out: null,
      client,
      key,
      call,
      ret: call + chance(8),
      status: 'ok',
    };
    const line = { ...answered, ...answerFrom(model, state, answered, chance) };
    const fate = chance(10);
    const took: HistoryLine =
      fate === 0
        ? { ...line, ret: null, status: 'info', out: null }
        : fate === 1 && line.out !== false
          ? failure(line)
          : line;
    if (took.status === 'ok' || (took.status === 'info' && chance(2) === 0)) {
      const next = after(model, state, took);
      if (next[0] !== undefined) states.set(key, next[0]);
    }
    lines.push(took);
  });
  return shuffled(lines, chance);
}

function failure(line: HistoryLine): HistoryLine {
  return { ...line, status: 'fail', out: null };
}

export function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  const left = [...items];
  return items.map(() => left.splice(chance(left.length), 1)[0] as T);
}

function startOf(model: Model): Json {
  if (model === 'counter') return 0;
  if (model === 'bank') return { a: 3, b: 2 };
  return model === 'set' ? [] : null;
}

type Asked = { readonly op: string; readonly value: Json };

function someOperation(model: Model, chance: Chance, value: number): Asked {
  const pick = (...operations: Asked[]): Asked => operations[chance(operations.length)] as Asked;
  const read = { op: 'read', value: null };
  switch (model) {
    case 'register':
    case 'kv':
      return pick(
        read,
        read,
        { op: 'write', value },
        { op: 'cas', value: [1 + chance(3), value] },
        {
          op: 'write',
          value: chance(8) === 0 ? null : value,
        },
      );
    case 'append':
      return pick(
        read,
        read,
        { op: 'append', value: `${value}.` },
        { op: 'append', value: `${value}.` },
        {
          op: 'write',
          value: `w${value}.`,
        },
      );
    case 'counter':
      return pick(read, { op: 'increment', value: chance(4) === 0 ? value - 2 : 1 });
    case 'set':
      return pick(
        read,
        { op: 'contains', value },
        { op: 'add', value },
        { op: 'add', value },
        {
          op: 'remove',
          value,
        },
      );
    case 'lock':
      return pick({ op: 'acquire', value: null }, { op: 'release', value: null });
    case 'bank':
      return pick(read, {
        op: 'transfer',
        value: { from: pick0(chance), to: pick0(chance), amount: 1 + chance(3) },
      });
  }
}

function pick0(chance: Chance): string {
  return ['a', 'b', 'c'][chance(3)] ?? 'a';
}

/** What it answers in this state, or now and then something else. */
function answerFrom(model: Model, state: Json, line: HistoryLine, chance: Chance): { out: Json } {
  const wrong = chance(6) === 0;
  const accepts = (out: Json) => after(model, state, { ...line, out }).length > 0;
  switch (line.op) {
    case 'read':
      if (!wrong) return { out: state };
      if (model === 'set') return { out: chance(2) === 0 ? [1] : [1, 2] };
      if (model === 'bank') return { out: { a: chance(4), b: chance(4) } };
      if (model === 'append') return { out: ['1.', '1.2.', '2.1.', 'w1.', null, 'w2.1.'][chance(6)] ?? null };
      return { out: model === 'counter' ? chance(4) : ([null, 1, 2, 3][chance(4)] ?? null) };
    case 'acquire':
      // Now and then with a token, which may be an old one.
      if (chance(3) === 0) return { out: 1 + chance(5) };
      return { out: accepts(true) !== wrong };
    case 'contains':
    case 'cas':
    case 'transfer':
      return { out: accepts(true) !== wrong };
    case 'remove':
      return { out: chance(2) === 0 ? null : accepts(true) !== wrong };
    case 'increment':
      return { out: chance(2) === 0 ? null : (state as number) + (line.value as number) + (wrong ? 1 : 0) };
    default:
      return { out: null };
  }
}
