import { expect, test } from 'vitest';
import type { Json } from '../../shared/base/json.ts';
import { isCertain, type Operation } from '../../shared/checker/history.ts';
import { isLinearizable } from '../../shared/checker/linearizable.ts';
import { LiveCheck } from '../../shared/checker/live.ts';
import type { LiveVerdict } from '../../shared/checker/live-key.ts';
import { decideRegister } from '../../shared/checker/register-blocks.ts';
import { upTo } from '../../shared/checker/witness.ts';
import { prepareLines } from '../support/checker/agreement.ts';
import { uniqueRegister } from '../support/checker/unique-registers.ts';

type Moment = { readonly at: number; readonly isReturn: boolean; readonly operation: Operation };

function momentsOf(operations: readonly Operation[]): Moment[] {
  const moments = operations.flatMap((operation): Moment[] => {
    const call = { at: operation.call, isReturn: false, operation };
    return isCertain(operation) ? [call, { at: operation.ret, isReturn: true, operation }] : [call];
  });
  return moments.sort((a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn));
}

test('at the end of every instant the live check says what the whole check says of the history so far', () => {
  const seen = { ok: 0, violated: 0 };
  for (let seed = 1; seed <= 2000; seed++) {
    const { operations } = prepareLines('register', uniqueRegister(seed, 16, false));
    const live = new LiveCheck();
    const moments = momentsOf(operations);
    let verdict: LiveVerdict = { kind: 'ok' };
    for (const [index, { at, isReturn, operation }] of moments.entries()) {
      if (isReturn) verdict = live.returned(operation);
      else live.called(operation);
      if (moments[index + 1]?.at === at) continue;
      const whole = decideRegister(upTo(operations, at)).kind;
      expect(verdict.kind, `seed ${seed} at ${at}`).toBe(whole);
      if (whole === 'violated') break;
    }
    seen[verdict.kind === 'violated' ? 'violated' : 'ok']++;
  }
  expect(Math.min(seen.ok, seen.violated)).toBeGreaterThan(200);
});

test('what a violation names is broken by itself', () => {
  let violations = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const { operations } = prepareLines('register', uniqueRegister(seed, 16, false));
    const live = new LiveCheck();
    for (const { at, isReturn, operation } of momentsOf(operations)) {
      if (!isReturn) live.called(operation);
      else {
        const verdict = live.returned(operation);
        if (verdict.kind !== 'violated') continue;
        violations++;
        const named = verdict.operations.map(({ at: line }) => line);
        const alone = upTo(operations, at).filter((each) => named.includes(each.at));
        expect(decideRegister(alone).kind, `seed ${seed}`).toBe('violated');
        break;
      }
    }
  }
  expect(violations).toBeGreaterThan(200);
});

const operation = (
  kind: 'read' | 'write' | 'cas',
  value: number | [number, number],
  call: number,
): Operation => {
  const line = {
    client: 1,
    op: kind,
    key: 'x',
    value,
    out: value,
    call,
    ret: call + 1,
    status: 'ok',
  } as const;
  return { ...line, line, at: call, kind, client: '1', key: '"x"' };
};

test('values that repeat: what the live check says is so, and it says something most of the time', () => {
  const seen = { ok: 0, violated: 0, undecided: 0 };
  for (let seed = 1; seed <= 3000; seed++) {
    const lines = uniqueRegister(seed, 12, false).map((line) => {
      const few = (value: Json) => (typeof value === 'number' ? 1 + (value % 3) : value);
      return { ...line, value: few(line.value), out: line.op === 'read' ? few(line.out) : line.out };
    });
    const { operations } = prepareLines('register', lines);
    const live = new LiveCheck();
    let verdict: LiveVerdict = { kind: 'ok' };
    for (const { isReturn, operation } of momentsOf(operations)) {
      if (isReturn) verdict = live.returned(operation);
      else live.called(operation);
    }
    seen[verdict.kind]++;
    if (verdict.kind === 'undecided') continue;
    const whole = isLinearizable('register', operations, 100_000);
    expect(verdict.kind, `seed ${seed}`).toBe(whole === true ? 'ok' : 'violated');
  }
  expect(Math.min(seen.ok, seen.violated)).toBeGreaterThan(200);
});

test('equal values are told apart by their versions', () => {
  const versioned = (kind: 'read' | 'write', call: number, version: string): Operation => {
    const plain = operation(kind, 7, call);
    return { ...plain, line: { ...plain.line, version } };
  };
  const play = (version: string) => {
    const live = new LiveCheck();
    for (const write of [versioned('write', 1, 'a'), operation('write', 8, 3), versioned('write', 5, 'b')]) {
      live.called(write);
      live.returned(write);
    }
    const read = versioned('read', 7, version);
    live.called(read);
    return live.returned(read).kind;
  };
  expect(play('b')).toBe('ok');
  expect(play('a')).toBe('violated');
});

test('who cannot be told apart, and a compare-and-set, are left to the whole check', () => {
  const repeated = new LiveCheck();
  for (const call of [1, 3]) repeated.called(operation('write', 7, call));
  expect(repeated.returned(operation('read', 7, 5)).kind).toBe('undecided');

  const compared = new LiveCheck();
  compared.called(operation('cas', [1, 2], 1));
  expect(compared.returned(operation('cas', [1, 2], 1)).kind).toBe('undecided');
});

test('a write that failed must not be seen', () => {
  const before = new LiveCheck();
  before.called(operation('write', 7, 1));
  before.failed(operation('write', 7, 1));
  expect(before.returned(operation('read', 7, 3)).kind).toBe('violated');

  const after = new LiveCheck();
  after.called(operation('write', 7, 1));
  expect(after.returned(operation('read', 7, 2)).kind).toBe('ok');
  expect(after.failed(operation('write', 7, 1)).kind).toBe('violated');
});

test('what is remembered of a key is bounded: an old value is undecided, a recent stale one still broken', () => {
  const writeAll = () => {
    const live = new LiveCheck();
    for (let i = 1; i <= 5000; i++) {
      const write = operation('write', i, 3 * i);
      live.called(write);
      // Every third never returns.
      if (i % 3 !== 0) expect(live.returned(write).kind).toBe('ok');
    }
    return live;
  };
  expect(writeAll().returned(operation('read', 5000, 20_000)).kind).toBe('ok');
  expect(writeAll().returned(operation('read', 4999, 20_000)).kind).toBe('violated');
  expect(writeAll().returned(operation('read', 1, 20_000)).kind).toBe('undecided');
});
