import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anomaliesOf } from '../../shared/checker/anomalies.ts';
import { check } from '../../shared/checker/check.ts';
import { parseHistory } from '../../shared/checker/parse.ts';

const folder = path.join(import.meta.dirname, '../histories');
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));

describe.each(files)('%s', (file) => {
  const history = parseHistory(readFileSync(path.join(folder, file), 'utf8'));
  const [, anomaly, judgement] = /^(.+)-(good|bad)\.jsonl$/.exec(file) ?? [];

  test('is judged as its name says, and the anomaly in it is named', () => {
    const isBad = judgement === 'bad';
    expect(check(history, 'linearizable').verdict).toBe(isBad ? 'violated' : 'ok');
    const kinds = anomaliesOf(history).map(({ kind }) => kind.replaceAll(' ', '-'));
    if (isBad) expect(kinds).toContain(anomaly);
    else expect(kinds).toEqual([]);
  });
});

test('a story names clients and times, and the cut between them', () => {
  const text = readFileSync(path.join(folder, 'stale-read-bad.jsonl'), 'utf8');
  const cuts = [{ from: 10, until: null, sides: [['n2'], ['n1', 'n4']] }];
  expect(check(parseHistory(text), 'linearizable', { cuts }).story).toBe(
    "n4 read 3 at 0.05 s, after n2's write of 4 was acknowledged at 0.03 s; they were on opposite sides of the cut made at 0.01 s.",
  );
});

test.each([
  ['{"op":"read"', 'line 2: is not JSON'],
  ['{"client":1,"op":"jump","key":"x","call":1,"ret":2}', 'line 2: there is no operation "jump"'],
  [
    '{"client":1,"op":"read","key":"x","out":1,"call":3,"ret":2}',
    'line 2: returned at 2, before its call at 3',
  ],
])('a bad line is named: %s', (line, message) => {
  const good = '{"client":1,"op":"write","key":"x","value":1,"call":1,"ret":2}';
  expect(() => parseHistory(`${good}\n${line}\n`)).toThrow(message);
});
