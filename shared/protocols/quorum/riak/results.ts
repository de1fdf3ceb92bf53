import { lookUp } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Operation, Result, Stored } from '../../../sim/operation.ts';
import { typeOf } from './asked.ts';
import { isEmpty, valueOf } from './data-types.ts';
import { type Entry, liveValues } from './entry.ts';
import { visibleValues } from './view.ts';

/** HTTP: 200 with the value, 300 Multiple Choices with siblings, 404 when there is nothing. */
export function readResult(operation: Operation, entry: Entry): Result {
  const type = typeOf(operation);
  const held = type === null ? undefined : lookUp(entry.types, type);
  const ofType = held === undefined || isEmpty(held) ? [] : [valueOf(held)];
  return withValues(type === null ? visibleValues(entry) : ofType, entry);
}

/** HTTP with `returnbody`: 200, or 300 when siblings came back. Deletes answer 204 No Content. */
export function writeResult(operation: Operation, entry: Entry): Result {
  if (operation.kind === 'delete') return { status: 204 };
  const type = typeOf(operation);
  if (type === null) {
    const { values = [], ...result } = withValues(liveValues(entry.object), entry);
    return values.length > 1 ? { values, ...result } : result;
  }
  const held = lookUp(entry.types, type);
  return { status: 200, ...(held === undefined ? {} : { value: valueOf(held) }) };
}

function withValues(values: readonly Stored[], { object }: Entry): Result {
  const text = describeClock(object.seen);
  const version = text === '' ? {} : { version: text };
  if (values.length > 1) return { values, status: 300, ...version };
  const status = values.length === 0 ? 404 : 200;
  return { values, value: values[0] ?? null, status, ...version };
}
