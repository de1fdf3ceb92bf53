import type { Json } from '../../../shared/base/json.ts';
import type { HistoryLine, Model } from '../../../shared/checker/history.ts';

/**
 * Whether a small history is linearizable, by trying every order: written from the definition alone, and sharing
 * nothing with the checker. Exponential, so for a handful of operations only.
 */
export function isLinearizableByForce(model: Model, lines: readonly HistoryLine[]): boolean {
  const lines2 = lines.filter(({ status, op, out }) => status !== 'fail' || (op === 'cas' && out === false));
  const keys = new Set(lines2.map(({ key }) => JSON.stringify(key)));
  return [...keys].every((key) => {
    const own = lines2.filter((line) => JSON.stringify(line.key) === key);
    return startsOf(model, own).some((start) => extend(model, own, new Set(), start));
  });
}

/** What an object may hold before anything was done to it: what was in a bank that nobody opened is anybody's guess. */
export function startsOf(model: Model, lines: readonly HistoryLine[]): Json[] {
  if (model !== 'bank' || lines.some(({ op }) => op === 'open')) return [START[model]];
  const amounts = Array.from({ length: 11 }, (_, amount) => amount);
  return amounts.flatMap((a) => amounts.flatMap((b) => amounts.map((c) => ({ a, b, c }))));
}

/** Whether the lines not yet placed can follow this state in some order. */
function extend(model: Model, lines: readonly HistoryLine[], placed: Set<HistoryLine>, state: Json): boolean {
  const left = lines.filter((line) => !placed.has(line));
  if (left.every((line) => isUnknown(line))) return true;
  return left.some((line) => {
    if (left.some((other) => other !== line && !isUnknown(other) && (other.ret as number) < line.call))
      return false;
    return after(model, state, line).some((next) => extend(model, lines, new Set([...placed, line]), next));
  });
}

export function isUnknown({ status, ret }: HistoryLine): boolean {
  return status === 'info' || ret === null;
}

const START: Readonly<Record<Model, Json>> = {
  register: null,
  kv: null,
  append: null,
  counter: 0,
  set: [],
  lock: null,
  bank: {},
};

const same = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The state after a line, or nothing when the line cannot have happened in this state. */
export function after(model: Model, state: Json, line: HistoryLine): Json[] {
  const { op, value, client } = line;
  // Of an operation of unknown outcome nobody knows the answer.
  const out = isUnknown(line) && op !== 'cas' ? null : line.out;
  const onlyIf = (condition: boolean, next: Json) => (condition ? [next] : []);
  if (model === 'register' || model === 'kv' || model === 'append') {
    const empty = (text: Json) => text === null || same(text, '') || same(text, []);
    const isList = model === 'append';
    if (op === 'read') {
      if (isUnknown(line)) return [state];
      return onlyIf(same(state, out) || (isList && empty(state) && empty(out)), state);
    }
    if (op === 'write') return [value];
    if (op === 'append') {
      if (typeof value === 'string') return [`${(state ?? '') as string}${value}`];
      return [[...((state ?? []) as Json[]), value]];
    }
    const [from, to] = value as [Json, Json];
    if (!isUnknown(line) && out === false) return onlyIf(!same(state, from), state);
    return onlyIf(same(state, from), to);
  }
  switch (model) {
    case 'counter': {
      if (op === 'read') return isUnknown(line) ? [state] : onlyIf(same(state, out), state);
      const next = (state as number) + (value as number);
      return onlyIf(out === null || same(out, next), next);
    }
    case 'set': {
      const items = state as Json[];
      const has = items.some((item) => same(item, value));
      if (op === 'read')
        return onlyIf(isUnknown(line) || same([...(out as number[])].sort(), [...items].sort()), state);
      if (op === 'contains') return onlyIf(isUnknown(line) || has === out, state);
      if (op === 'add') return [has ? items : [...items, value]];
      return onlyIf(
        out === null || out === has,
        items.filter((item) => !same(item, value)),
      );
    }
    case 'lock': {
      // Who holds it, and the last token that was given out.
      const [holder, token] = (state ?? [null, -1]) as [Json, number];
      if (op === 'acquire') {
        if (out === false) return onlyIf(holder !== null, state);
        if (typeof out === 'number') return onlyIf(holder === null && out > token, [client, out]);
        return onlyIf(holder === null, [client, token]);
      }
      return out === false ? onlyIf(holder !== client, state) : onlyIf(holder === client, [null, token]);
    }
    case 'bank': {
      const balances = state as { [account: string]: number };
      if (op === 'open') return [{ ...balances, ...(value as { [account: string]: number }) }];
      if (op === 'read') {
        if (isUnknown(line)) return [state];
        const read = out as { [account: string]: number };
        return onlyIf(
          Object.keys(read).every((name) => (balances[name] ?? 0) === read[name]),
          state,
        );
      }
      const { from, to, amount } = value as { from: string; to: string; amount: number };
      if (out === false) return onlyIf((balances[from] ?? 0) < amount, state);
      if ((balances[from] ?? 0) < amount) return [];
      const paid = { ...balances, [from]: (balances[from] ?? 0) - amount };
      return [{ ...paid, [to]: (paid[to] ?? 0) + amount }];
    }
    default:
      throw new Error(`no such model: ${String(model)}`);
  }
}
